//! Books.

use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter,
    QueryOrder, QuerySelect, Value,
};

use super::hot::{HotRead, padded, param, params, rows_for, select_wanted};
use crate::error::Result;
use crate::models::book::{self, BookField, BookRow, Column, Entity, search_words};
use crate::models::fields::Fields;
use crate::models::{SoftDelete, now, post};

const COLUMNS: [(BookField, Column); 14] = [
    (BookField::Isbn13, Column::Isbn13),
    (BookField::Title, Column::Title),
    (BookField::Authors, Column::Authors),
    (BookField::PublishedYear, Column::PublishedYear),
    (BookField::Language, Column::Language),
    (BookField::Description, Column::Description),
    (BookField::CoverUrl, Column::CoverUrl),
    (BookField::PriceCents, Column::PriceCents),
    (BookField::Currency, Column::Currency),
    (BookField::Stock, Column::Stock),
    (BookField::RatingHundredths, Column::RatingHundredths),
    (BookField::RatingsCount, Column::RatingsCount),
    (BookField::CreatedAt, Column::CreatedAt),
    (BookField::UpdatedAt, Column::UpdatedAt),
];

/// The orders in which books can be listed; the number breaks ties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BookOrder {
    /// Most rated first.
    Popular,
    /// Newest first.
    Newest,
    /// Fewest copies first.
    Stock,
}

impl BookOrder {
    fn column(self) -> Column {
        match self {
            Self::Popular => Column::RatingsCount,
            Self::Newest => Column::Id,
            Self::Stock => Column::Stock,
        }
    }

    fn direction(self) -> Order {
        match self {
            Self::Popular | Self::Newest => Order::Desc,
            Self::Stock => Order::Asc,
        }
    }
}

/// The place in an order after which a page begins: the last book's sort key and number.
#[derive(Debug, Clone, Copy)]
pub struct BookPlace {
    /// The value that the order sorts by.
    pub sort_key: i64,
    /// The book's number.
    pub id: i64,
}

/// The shape of a list: order, search or not, from the start or not, how many rows, which fields.
static LIST: HotRead<(BookOrder, bool, bool, u64, u32)> = HotRead::new();

/// A page of books: up to one more than `size`, beginning after a place. A search without a word that
/// can be looked for finds nothing.
pub async fn list(
    db: &impl ConnectionTrait,
    search: Option<&str>,
    order: BookOrder,
    size: u32,
    after: Option<BookPlace>,
    wanted: Fields<BookField>,
) -> Result<Vec<BookRow>> {
    let backend = db.get_database_backend();
    let words = search.map(search_words);
    if words.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Vec::new());
    }
    let mut values: Vec<Value> = words
        .iter()
        .map(|words| search_expression(words, backend).into())
        .collect();
    let place_at = values.len() + 1;
    values.extend(
        after
            .iter()
            .flat_map(|place| [place.sort_key.into(), place.id.into()]),
    );

    let shape = (
        order,
        words.is_some(),
        after.is_some(),
        rows_for(size),
        wanted.bits(),
    );
    let mut rows = LIST
        .all(db, shape, values, |&(order, search, later, rows, _), backend| {
            let mut select = live(wanted);
            select
                .expr_as(order.column().into_expr().cast_as("bigint"), "sort_key")
                .order_by((Entity, order.column()), order.direction())
                .order_by((Entity, Column::Id), order.direction())
                .limit(rows);
            if search {
                select.and_where(matches_first_value(backend));
            }
            if later {
                let place = Expr::tuple([order.column().into_expr(), Column::Id.into_expr()]);
                let last = Expr::tuple([param(place_at), param(place_at + 1)]);
                select.and_where(match order.direction() {
                    Order::Asc => place.gt(last),
                    _ => place.lt(last),
                });
            }
            select
        })
        .await?;
    rows.truncate(size as usize + 1);
    Ok(rows)
}

/// The shape of a read by ids: how many, which fields.
static BY_IDS: HotRead<(usize, u32)> = HotRead::new();

/// The books with these numbers, in no order.
pub async fn list_by_ids(
    db: &impl ConnectionTrait,
    ids: Vec<i64>,
    wanted: Fields<BookField>,
) -> Result<Vec<BookRow>> {
    let ids = padded(ids);
    let shape = (ids.len(), wanted.bits());
    let values = ids.into_iter().map(Value::from).collect();
    BY_IDS
        .all(db, shape, values, |&(ids, _), _| {
            live(wanted)
                .and_where(Column::Id.into_expr().is_in(params(1, ids)))
                .take()
        })
        .await
}

/// The newest review that somebody wrote of a book.
#[derive(Debug, Clone, FromQueryResult)]
pub struct OwnReviewRow {
    /// The book.
    pub book_id: i64,
    /// The review's slug.
    pub slug: String,
}

/// The reviews that one user wrote of these books, oldest first.
pub async fn list_own_reviews(
    db: &impl ConnectionTrait,
    author_id: i64,
    book_ids: &[i64],
) -> Result<Vec<OwnReviewRow>> {
    let rows = post::Entity::live()
        .select_only()
        .columns([post::Column::BookId, post::Column::Slug])
        .filter(post::Column::AuthorId.eq(author_id))
        .filter(post::Column::BookId.is_in(book_ids.iter().copied()))
        .order_by_asc(post::Column::Id)
        .into_model()
        .all(db)
        .await?;
    Ok(rows)
}

/// Whether there is a live book of this number.
pub async fn exists(db: &impl ConnectionTrait, id: i64) -> Result<bool> {
    Ok(!list_by_ids(db, vec![id], Fields::NONE).await?.is_empty())
}

/// The live book of this number, as the table has it.
pub async fn find_live(db: &impl ConnectionTrait, id: i64) -> Result<Option<book::Model>> {
    Ok(Entity::live().filter(Column::Id.eq(id)).one(db).await?)
}

/// Adds a book.
pub async fn insert(db: &impl ConnectionTrait, book: book::ActiveModel) -> Result<book::Model> {
    Ok(book.insert(db).await?)
}

/// Changes the book that `book` names by its id.
pub async fn update(db: &impl ConnectionTrait, book: book::ActiveModel) -> Result<book::Model> {
    Ok(book.update(db).await?)
}

/// Takes copies of a live book from the stock. Whether there were as many.
pub async fn take_copies(db: &impl ConnectionTrait, id: i64, copies: i32) -> Result<bool> {
    let book = Entity::update_many()
        .col_expr(Column::Stock, Expr::col(Column::Stock).sub(copies))
        .col_expr(Column::UpdatedAt, Expr::val(now()))
        .filter(Column::Id.eq(id))
        .filter(Column::DeletedAt.is_null())
        .filter(Column::Stock.gte(copies));
    Ok(book.exec(db).await?.rows_affected == 1)
}

/// Puts copies of a book back into the stock, even of one that has left the catalogue.
pub async fn put_copies_back(db: &impl ConnectionTrait, id: i64, copies: i32) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Stock, Expr::col(Column::Stock).add(copies))
        .col_expr(Column::UpdatedAt, Expr::val(now()))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// Takes a book out of the catalogue. Whether there was one.
pub async fn delete(db: &impl ConnectionTrait, id: i64) -> Result<bool> {
    let book = Entity::update_many()
        .col_expr(Column::DeletedAt, Expr::val(now()))
        .filter(Column::Id.eq(id))
        .filter(Column::DeletedAt.is_null());
    Ok(book.exec(db).await?.rows_affected == 1)
}

/// Live books with what is wanted of them.
fn live(wanted: Fields<BookField>) -> SelectStatement {
    let mut select = Query::select();
    select
        .from(Entity)
        .column((Entity, Column::Id))
        .and_where(Column::DeletedAt.is_null());
    select_wanted(&mut select, Entity, wanted, &COLUMNS);
    select
}

/// What each database's full-text search calls "every word begins a word of the text".
fn search_expression(words: &[String], backend: DbBackend) -> String {
    let (word, and): (fn(&String) -> String, &str) = match backend {
        DbBackend::Postgres => (|word| format!("{word}:*"), " & "),
        _ => (|word| format!("\"{word}\"*"), " "),
    };
    words.iter().map(word).collect::<Vec<_>>().join(and)
}

/// The condition that a book matches the search that is the statement's first value.
fn matches_first_value(backend: DbBackend) -> Expr {
    Expr::cust(match backend {
        DbBackend::Postgres => "to_tsvector('simple', search_text) @@ to_tsquery('simple', $1)",
        _ => "books.id IN (SELECT rowid FROM books_search WHERE books_search MATCH $1)",
    })
}
