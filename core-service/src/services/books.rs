//! The catalogue.

use sea_orm::{IntoActiveModel, Set};

use super::caller::Caller;
use super::in_order_of;
use crate::database::{Database, Transaction};
use crate::error::{Error, Resource, Result};
use crate::models::book::{ActiveModel, BookField, BookRow, Model};
use crate::models::change::{Kind, NewChange, Operation};
use crate::models::fields::Fields;
pub use crate::repositories::books::{BookOrder, BookPlace};
use crate::repositories::{books, changes, orders};
use crate::validators::books::{BookChanges, NewBook};

/// The catalogue: everybody may read, staff may write.
#[derive(Clone, Debug)]
pub struct Books {
    db: Database,
}

/// What somebody has to do with a book.
#[derive(Debug)]
pub struct ViewerState {
    /// The book.
    pub book_id: i64,
    /// The slug of their newest review of it.
    pub review_slug: Option<String>,
    /// Whether they have paid for a copy.
    pub bought: bool,
}

impl Books {
    pub(super) fn new(db: Database) -> Self {
        Self { db }
    }

    /// One book.
    pub async fn get(&self, id: i64, wanted: Fields<BookField>) -> Result<BookRow> {
        let found = self.batch_get(vec![id], wanted).await?.pop();
        found.ok_or(Error::NotFound(Resource::Book))
    }

    /// The books that exist, in the order of their numbers in the request.
    pub async fn batch_get(&self, ids: Vec<i64>, wanted: Fields<BookField>) -> Result<Vec<BookRow>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let found = books::list_by_ids(self.db.read(), ids.clone(), wanted).await?;
        Ok(in_order_of(&ids, found, |book, id| book.id == *id))
    }

    /// A page of the books that match, with one more where more follow.
    pub async fn list(
        &self,
        search: Option<&str>,
        order: BookOrder,
        size: u32,
        after: Option<BookPlace>,
        wanted: Fields<BookField>,
    ) -> Result<Vec<BookRow>> {
        books::list(self.db.read(), search, order, size, after, wanted).await
    }

    /// What the caller has to do with each of these books.
    pub async fn viewer_states(&self, caller: Caller, ids: &[i64]) -> Result<Vec<ViewerState>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let (reviews, bought) = tokio::try_join!(
            books::list_own_reviews(self.db.read(), caller.user_id, ids),
            orders::list_bought(self.db.read(), caller.user_id, ids),
        )?;
        let newest = |id| reviews.iter().rev().find(|review| review.book_id == id);
        let states = ids.iter().map(|&id| ViewerState {
            book_id: id,
            review_slug: newest(id).map(|review| review.slug.clone()),
            bought: bought.contains(&id),
        });
        Ok(states.collect())
    }
}

/// Adds a book.
pub async fn create(tx: &Transaction, book: NewBook) -> Result<Model> {
    let book = books::insert(&**tx, with_changes(ActiveModel::default(), book.0)).await?;
    tell(tx, book.id, Operation::Created).await?;
    Ok(book)
}

/// Changes a book.
pub async fn update(tx: &Transaction, id: i64, changes: BookChanges) -> Result<Model> {
    let book = books::find_live(&**tx, id).await?;
    let book = book.ok_or(Error::NotFound(Resource::Book))?;
    let book = books::update(&**tx, with_changes(book.into_active_model(), changes)).await?;
    tell(tx, id, Operation::Updated).await?;
    Ok(book)
}

/// Takes a book out of the catalogue.
pub async fn delete(tx: &Transaction, id: i64) -> Result<()> {
    if books::delete(&**tx, id).await? {
        tell(tx, id, Operation::Deleted).await
    } else {
        Err(Error::NotFound(Resource::Book))
    }
}

async fn tell(tx: &Transaction, id: i64, operation: Operation) -> Result<()> {
    changes::insert(&**tx, vec![NewChange::public(Kind::Book, id, operation)]).await
}

/// A row with the changes made to it.
pub(crate) fn with_changes(mut row: ActiveModel, changes: BookChanges) -> ActiveModel {
    row.isbn13 = changes.isbn13.map_or(row.isbn13, Set);
    row.title = changes.title.map_or(row.title, Set);
    row.authors = changes.authors.map_or(row.authors, Set);
    row.published_year = changes.published_year.map_or(row.published_year, Set);
    row.language = changes.language.map_or(row.language, Set);
    row.description = changes.description.map_or(row.description, Set);
    row.cover_url = changes.cover_url.map_or(row.cover_url, Set);
    row.price_cents = changes.price_cents.map_or(row.price_cents, Set);
    row.currency = changes.currency.map_or(row.currency, Set);
    row.stock = changes.stock.map_or(row.stock, Set);
    row
}
