//! Demo books: real ones, with prices and stocks that are made up.

use anyhow::Context;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, Set,
};
use serde::Deserialize;
use time::OffsetDateTime;
use time::macros::datetime;

use crate::models::{SoftDelete, book, order_item, post};
use crate::repositories::books;
use crate::services::books::with_changes;
use crate::validators::books::{NewBook, RawBook};

/// What it adds, for the person who runs it.
pub const ABOUT: &str = "Demo books: real ones, with prices and stocks that are made up.";

/// When all demo books were added; it tells them from the same books that came in another way.
const MADE_AT: OffsetDateTime = datetime!(2025-09-12 07:30 UTC);

#[derive(Deserialize)]
struct Demo {
    books: Vec<DemoBook>,
}

#[derive(Deserialize)]
struct DemoBook {
    #[serde(default)]
    isbn13: String,
    title: String,
    authors: Vec<String>,
    published_year: i32,
    language: String,
    description: String,
    price_cents: i64,
    stock: i32,
}

/// Adds the rows; leaves out a book whose ISBN the shop has already.
pub async fn up(tx: &DatabaseTransaction) -> anyhow::Result<()> {
    for book in read()? {
        let known = book::Entity::live().filter(book::Column::Isbn13.eq(&book.isbn13));
        if known.count(tx).await? == 0 {
            let title = book.title.clone();
            insert(tx, book)
                .await
                .with_context(|| format!("the book `{title}` cannot be added"))?;
        }
    }
    Ok(())
}

/// Takes the same rows away. A book that somebody reviewed or ordered meanwhile is only marked as taken
/// away.
pub async fn down(tx: &DatabaseTransaction) -> anyhow::Result<()> {
    for demo in read()? {
        let key = match demo.isbn13.as_str() {
            "" => book::Column::Title.eq(&demo.title),
            isbn => book::Column::Isbn13.eq(isbn),
        };
        let made_here = book::Entity::find()
            .filter(key)
            .filter(book::Column::CreatedAt.eq(MADE_AT));
        let Some(row) = made_here.one(tx).await? else {
            continue;
        };
        let reviews = post::Entity::find().filter(post::Column::BookId.eq(row.id));
        let sold = order_item::Entity::find().filter(order_item::Column::BookId.eq(row.id));
        if reviews.count(tx).await? + sold.count(tx).await? == 0 {
            book::Entity::delete_by_id(row.id).exec(tx).await?;
        } else {
            books::delete(tx, row.id).await?;
        }
    }
    Ok(())
}

fn read() -> anyhow::Result<Vec<DemoBook>> {
    Ok(toml::from_str::<Demo>(include_str!("demo/books.toml"))?.books)
}

async fn insert(tx: &impl ConnectionTrait, demo: DemoBook) -> anyhow::Result<()> {
    let new = NewBook::parse(RawBook {
        isbn13: demo.isbn13,
        title: demo.title,
        authors: demo.authors,
        published_year: Some(demo.published_year),
        language: demo.language,
        description: demo.description,
        cover_url: String::new(),
        price_cents: demo.price_cents,
        currency: "EUR".to_owned(),
        stock: demo.stock,
    })?;
    let mut row = with_changes(book::ActiveModel::default(), new.0);
    row.created_at = Set(MADE_AT);
    row.updated_at = Set(MADE_AT);
    books::insert(tx, row).await?;
    Ok(())
}
