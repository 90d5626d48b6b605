//! The whole catalogue, to be written into a file.

use crate::database::Database;
use crate::error::Result;
use crate::models::book::Model;
use crate::repositories::book_import;

/// How many books one statement reads.
const PAGE: u64 = 500;

/// A walk through the catalogue in the order of the books' numbers.
///
/// Every book that is there all the while comes exactly once, as it is when its page is read.
#[derive(Debug)]
pub struct CatalogueExport {
    db: Database,
    last_id: i64,
}

impl CatalogueExport {
    /// A walk that is still to begin, with the book after the one of this number; 0 for the first. Whoever starts it
    /// has to be an operator, or be checked before.
    pub fn after(db: Database, last_id: i64) -> Self {
        Self { db, last_id }
    }

    /// The next books; none at the end.
    pub async fn next_page(&mut self) -> Result<Vec<Model>> {
        let page = book_import::list_after(self.db.read(), self.last_id, PAGE).await?;
        self.last_id = page.last().map_or(self.last_id, |book| book.id);
        Ok(page)
    }
}
