//! Books as imports and exports need them: many at a time, and known by other things than their numbers.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Select, Set,
};

use crate::error::Result;
use crate::models::book::{ActiveModel, Column, Entity, Model, search_text};
use crate::models::{SoftDelete, now};

/// What changes in a book that is imported again; its number and its first day stay.
const CHANGING: [Column; 15] = [
    Column::Isbn13,
    Column::Title,
    Column::Authors,
    Column::PublishedYear,
    Column::Language,
    Column::Description,
    Column::CoverUrl,
    Column::PriceCents,
    Column::Currency,
    Column::Stock,
    Column::RatingHundredths,
    Column::RatingsCount,
    Column::ImportKey,
    Column::SearchText,
    Column::UpdatedAt,
];

/// What is known of books before they are looked up.
#[derive(Debug, Default)]
pub struct Identities<'a> {
    /// Keys that the books have where they come from.
    pub import_keys: Vec<&'a str>,
    /// ISBN-13s.
    pub isbns: Vec<&'a str>,
    /// Titles of books that have neither.
    pub titles: Vec<&'a str>,
}

/// The live books that any of these identities may mean, each once. With `to_change`, no other transaction
/// can change them before this one ends.
pub async fn list_by_identities(
    db: &impl ConnectionTrait,
    identities: Identities<'_>,
    to_change: bool,
) -> Result<Vec<Model>> {
    let without_key = Condition::all()
        .add(Column::Isbn13.is_null())
        .add(Column::ImportKey.is_null());
    // One statement each, because an OR of them would use no index on one of the two databases.
    let reads = [
        any_of(Column::ImportKey, identities.import_keys),
        any_of(Column::Isbn13, identities.isbns),
        any_of(Column::Title, identities.titles).map(|books| books.filter(without_key)),
    ];
    let mut found: Vec<Model> = Vec::new();
    for mut read in reads.into_iter().flatten() {
        if to_change {
            read = read.lock_exclusive();
        }
        found.extend(read.all(db).await?);
    }
    found.sort_by_key(|book| book.id);
    found.dedup_by_key(|book| book.id);
    Ok(found)
}

fn any_of(column: Column, values: Vec<&str>) -> Option<Select<Entity>> {
    (!values.is_empty()).then(|| {
        Entity::live()
            .filter(column.is_in(values))
            .order_by_asc(Column::Id)
    })
}

/// Adds books, in their order; the database numbers them. Their numbers.
pub async fn insert_all(db: &impl ConnectionTrait, books: Vec<Model>) -> Result<Vec<i64>> {
    if books.is_empty() {
        return Ok(Vec::new());
    }
    let rows = books.into_iter().map(|book| {
        let mut row = row(book);
        row.created_at = row.updated_at.clone();
        row.id = sea_orm::NotSet;
        row
    });
    Ok(Entity::insert_many(rows).exec_with_returning_keys(db).await?)
}

/// Writes books that are there already, known by their numbers.
pub async fn update_all(db: &impl ConnectionTrait, books: Vec<Model>) -> Result<()> {
    if books.is_empty() {
        return Ok(());
    }
    let mut on_conflict = OnConflict::column(Column::Id);
    on_conflict.update_columns(CHANGING);
    Entity::insert_many(books.into_iter().map(row))
        .on_conflict(on_conflict)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// The row of a book. Statements for many rows pass the model's own hook by, so its work is done here.
fn row(book: Model) -> ActiveModel {
    let search_text = search_text(&book.title, &book.authors);
    let mut row = book.into_active_model().reset_all();
    row.search_text = Set(search_text);
    row.updated_at = Set(now());
    row
}

/// Up to so many live books whose number is greater than `id`, in the order of their numbers.
pub async fn list_after(db: &impl ConnectionTrait, id: i64, at_most: u64) -> Result<Vec<Model>> {
    let books = Entity::live()
        .filter(Column::Id.gt(id))
        .order_by_asc(Column::Id)
        .limit(at_most);
    Ok(books.all(db).await?)
}
