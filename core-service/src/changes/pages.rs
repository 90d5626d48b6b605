//! Pages of the log, for those who are not at its end.

use super::Feed;
use crate::error::Result;
use crate::models::change::{ChangeRow, Position, Reader};
use crate::repositories::changes;

/// A part of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The changes that the reader is told.
    pub changes: Vec<ChangeRow>,
    /// Up to where the log was looked through.
    pub end: Position,
    /// Whether more is there already.
    pub more: bool,
}

impl Feed {
    /// The end of the log, as the database has it.
    pub async fn end(&self) -> Result<Position> {
        changes::find_end(self.0.db.read()).await
    }

    /// What a reader is told of what comes after a place, so many changes at most; nothing where the log does not go on
    /// there.
    ///
    /// The change that stands at the place is read along: the log is deleted from its front only, so as long as that one
    /// is there, nothing after it is missing.
    pub async fn page(&self, after: Position, reader: Reader, at_most: u32) -> Result<Option<Page>> {
        let limit = at_most.saturating_add(2);
        let rows = changes::list_from_for(self.0.db.read(), after.seq, reader, limit).await?;
        if rows.is_empty() {
            let is_end = self.end().await? == after;
            return Ok(is_end.then(|| Page {
                changes: Vec::new(),
                end: after,
                more: false,
            }));
        }
        let Some(mut rows) = continuation(after, rows) else {
            return Ok(None);
        };
        let more = rows.len() > at_most as usize;
        rows.truncate(at_most as usize);
        let end = rows.last().map_or(after, |last| last.position);
        rows.retain(|change| change.is_for(reader));
        Ok(Some(Page {
            changes: rows,
            end,
            more,
        }))
    }
}

/// What follows a place in rows that begin with the change that stands there; nothing where another one does.
pub(super) fn continuation(after: Position, mut rows: Vec<ChangeRow>) -> Option<Vec<ChangeRow>> {
    let first = rows.first()?.position;
    if after.seq == 0 {
        let is_first_of_all = first.epoch == after.epoch && first.seq == 1;
        return is_first_of_all.then_some(rows);
    }
    if first != after {
        return None;
    }
    rows.remove(0);
    Some(rows)
}
