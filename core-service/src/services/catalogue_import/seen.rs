//! The books that the file has had already: one book is taken once.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::{Finding, Outcome, Plan, Row, refused, without_isbn};
use crate::validators::book_import::ImportedBook;

/// The lines of the books that were seen, by hashes of what identifies them: those take little memory, and are
/// long enough (64 bits) that two of a million do not meet.
#[derive(Debug, Default)]
pub(super) struct Seen {
    lines: HashMap<u64, u64>,
}

impl Seen {
    /// The row, unless the file had its book before.
    pub(super) fn first(&mut self, mut row: Row, plan: &Plan, findings: &mut Vec<Finding>) -> Option<Row> {
        let key = row.book.import_key.as_ref().map(|key| hash(("key", key)));
        if let Some(reason) = self.repeats(key) {
            let value = row.book.import_key.unwrap_or_default();
            findings.push(refused(row.line, "import_key", value, reason));
            return None;
        }
        let isbn = row.book.isbn13().map(|isbn| hash(("isbn", isbn)));
        if let Some(reason) = self.repeats(isbn) {
            let finding = without_isbn(&mut row, reason, plan);
            let outcome = finding.outcome;
            findings.push(finding);
            if outcome == Outcome::Refused {
                return None;
            }
        }
        // It may have been left out.
        let isbn = row.book.isbn13().and(isbn);
        let title = (key.is_none() && isbn.is_none()).then(|| hash_of_title(&row.book));
        if let Some(reason) = self.repeats(title) {
            let reason = format!("{reason}, and no ISBN or key tells the two apart");
            let value = row.book.book.title.unwrap_or_default();
            findings.push(refused(row.line, "title", value, reason));
            return None;
        }
        for identity in [key, isbn, title].into_iter().flatten() {
            self.lines.insert(identity, row.line);
        }
        Some(row)
    }

    fn repeats(&self, identity: Option<u64>) -> Option<String> {
        let line = self.lines.get(&identity?)?;
        Some(format!("is that of line {line} already"))
    }
}

fn hash_of_title(says: &ImportedBook) -> u64 {
    let authors = says.book.authors.as_ref().map(|authors| &authors.0);
    hash(("title", &says.book.title, authors, says.book.published_year))
}

fn hash(identity: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    identity.hash(&mut hasher);
    hasher.finish()
}
