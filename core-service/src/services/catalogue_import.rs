//! Taking many books into the catalogue at once, again and again without doubles.
//!
//! A book is recognised by the key that its source gives it, else by its ISBN, else (where it has neither)
//! by title, authors and year. Rows come in batches; a batch is one transaction, so it is there or it is not.
//! What a row is silent about stays as the shop has made it; a new book gets the map's initial value.

mod seen;
mod shelf;

use std::ops::AddAssign;
use std::sync::Arc;

use sea_orm::ConnectionTrait;

use crate::database::Database;
use crate::error::{Error, Result};
use crate::models::book::Model;
use crate::models::change::{Kind, NewChange, Operation};
use crate::repositories::{book_import, changes};
use crate::validators::book_import::ImportedBook;
use seen::Seen;
use shelf::Shelf;

/// How often a batch is tried that something else got in the way of.
const ATTEMPTS: usize = 3;

/// One row of a file that keeps the rules.
#[derive(Debug, Clone)]
pub struct Row {
    /// Where it begins, from 1.
    pub line: u64,
    /// What it says.
    pub book: ImportedBook,
}

/// Something that is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where the row begins, from 1.
    pub line: u64,
    /// The field that is wrong; empty where it is the row as a whole.
    pub field: String,
    /// What stood there.
    pub value: String,
    /// What is wrong, as a text that follows the field's name: `can't be blank`.
    pub reason: String,
    /// What came of it.
    pub outcome: Outcome,
}

/// What comes of something wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The row was refused.
    Refused,
    /// The row was taken without this value.
    LeftOut,
}

/// How many rows came to what.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Books that are new.
    pub added: u64,
    /// Books that were there and are different now.
    pub changed: u64,
    /// Books that were there just so.
    pub unchanged: u64,
    /// Rows that were not taken.
    pub refused: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.added += other.added;
        self.changed += other.changed;
        self.unchanged += other.unchanged;
        self.refused += other.refused;
    }
}

/// What holds for all rows of an import.
#[derive(Debug)]
pub struct Plan {
    /// What new books have where their rows are silent.
    pub initial: ImportedBook,
    /// Whether a book is taken without its ISBN where that belongs to another book.
    pub may_leave_isbn_out: bool,
    /// Whether nothing is to be written.
    pub dry_run: bool,
}

/// An import that is going on. Whoever starts it has to be an operator, or be checked before.
#[derive(Debug)]
pub struct CatalogueImport {
    db: Database,
    plan: Arc<Plan>,
    seen: Seen,
}

impl CatalogueImport {
    /// An import that is still to begin.
    pub fn new(db: Database, plan: Plan) -> Self {
        Self {
            db,
            plan: Arc::new(plan),
            seen: Seen::default(),
        }
    }

    /// Whether nothing is written.
    pub fn is_dry_run(&self) -> bool {
        self.plan.dry_run
    }

    /// Takes a few hundred rows: all that can be taken, or, where the database fails, none.
    pub async fn take(&mut self, rows: Vec<Row>) -> Result<(Tally, Vec<Finding>)> {
        let read = rows.len();
        let mut findings = Vec::new();
        let rows = rows
            .into_iter()
            .filter_map(|row| self.seen.first(row, &self.plan, &mut findings));
        let rows: Arc<[Row]> = rows.collect();
        let repeated = (read - rows.len()) as u64;

        let mut attempt = 1;
        let settled = loop {
            match self.settle(rows.clone()).await {
                // Somebody else added one of these books, or held one of them, at the same moment.
                Err(Error::Busy(_) | Error::Taken(_)) if attempt < ATTEMPTS => attempt += 1,
                settled => break settled?,
            }
        };
        findings.extend(settled.findings);
        let mut tally = settled.tally;
        tally.refused += repeated;
        Ok((tally, findings))
    }

    async fn settle(&self, rows: Arc<[Row]>) -> Result<Settled> {
        let plan = self.plan.clone();
        if plan.dry_run {
            return settle(self.db.read(), &rows, &plan).await;
        }
        self.db
            .write(|tx| async move {
                let mut settled = settle(&*tx, &rows, &plan).await?;
                // Changes first: an ISBN that one book gives up may be a new book's.
                let changed = std::mem::take(&mut settled.changed);
                let updated: Vec<_> = changed.iter().map(|book| (book.id, Operation::Updated)).collect();
                book_import::update_all(&*tx, changed).await?;
                let added = book_import::insert_all(&*tx, std::mem::take(&mut settled.added)).await?;
                let added = added.into_iter().map(|id| (id, Operation::Created));
                let told = updated.into_iter().chain(added);
                let told = told.map(|(id, operation)| NewChange::public(Kind::Book, id, operation));
                changes::insert(&*tx, told.collect()).await?;
                Ok(settled)
            })
            .await
    }
}

/// What a batch comes to.
#[derive(Debug, Default)]
struct Settled {
    tally: Tally,
    findings: Vec<Finding>,
    added: Vec<Model>,
    changed: Vec<Model>,
}

/// Compares the rows with the catalogue and says what has to be written.
async fn settle(db: &impl ConnectionTrait, rows: &[Row], plan: &Plan) -> Result<Settled> {
    let identities = shelf::identities(rows);
    let there = book_import::list_by_identities(db, identities, !plan.dry_run).await?;
    let mut shelf = Shelf::new(there);
    let mut settled = Settled::default();
    for row in rows {
        let mut row = row.clone();
        let mut found = shelf.find(&row.book);
        if let Err(taken) = found {
            let reason = format!("is that of another book already (number {})", taken.by);
            let finding = without_isbn(&mut row, reason, plan);
            let outcome = finding.outcome;
            settled.findings.push(finding);
            if outcome == Outcome::Refused {
                settled.tally.refused += 1;
                continue;
            }
            found = shelf.find(&row.book);
        }
        if let Some(place) = found.ok().flatten() {
            let count = if shelf.change(place, row.book) {
                &mut settled.tally.changed
            } else {
                &mut settled.tally.unchanged
            };
            *count += 1;
        } else {
            settled.added.push(shelf::new_book(&plan.initial, row.book));
            settled.tally.added += 1;
        }
    }
    settled.changed = shelf.into_changed();
    Ok(settled)
}

/// Takes the ISBN from a row, where that is allowed, and says so.
fn without_isbn(row: &mut Row, reason: String, plan: &Plan) -> Finding {
    let value = row.book.isbn13().unwrap_or_default().to_owned();
    let mut finding = refused(row.line, "isbn13", value, reason);
    if plan.may_leave_isbn_out {
        row.book.book.isbn13 = None;
        finding.outcome = Outcome::LeftOut;
    }
    finding
}

fn refused(line: u64, field: &str, value: String, reason: String) -> Finding {
    Finding {
        line,
        field: field.to_owned(),
        value,
        reason,
        outcome: Outcome::Refused,
    }
}
