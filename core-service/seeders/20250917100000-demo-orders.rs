//! Demo orders, one or two in each state. The demo stocks are what these orders have left.

use anyhow::Context;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, Set};
use serde::Deserialize;
use time::OffsetDateTime;

use crate::models::order::{self, OrderState};
use crate::models::{SoftDelete, book, order_item};
use crate::repositories::{orders, users};

/// What it adds, for the person who runs it.
pub const ABOUT: &str = "Demo orders by the demo accounts, from just placed to delivered.";

#[derive(Deserialize)]
struct Demo {
    orders: Vec<DemoOrder>,
}

#[derive(Deserialize)]
struct DemoOrder {
    buyer: String,
    items: Vec<DemoItem>,
    #[serde(with = "time::serde::rfc3339")]
    placed_at: OffsetDateTime,
    #[serde(default, with = "time::serde::rfc3339::option")]
    paid_at: Option<OffsetDateTime>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    shipped_at: Option<OffsetDateTime>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    delivered_at: Option<OffsetDateTime>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    cancelled_at: Option<OffsetDateTime>,
}

#[derive(Deserialize)]
struct DemoItem {
    book: String,
    copies: i32,
}

/// Adds the rows.
pub async fn up(tx: &DatabaseTransaction) -> anyhow::Result<()> {
    for order in read()? {
        insert(tx, order).await?;
    }
    Ok(())
}

/// Takes the same rows away, however far somebody has taken them.
pub async fn down(tx: &DatabaseTransaction) -> anyhow::Result<()> {
    for demo in read()? {
        let Some(buyer_id) = users::find_id_by_username(tx, &demo.buyer).await? else {
            continue;
        };
        order::Entity::delete_many()
            .filter(order::Column::BuyerId.eq(buyer_id))
            .filter(order::Column::PlacedAt.eq(demo.placed_at))
            .exec(tx)
            .await?;
    }
    Ok(())
}

fn read() -> anyhow::Result<Vec<DemoOrder>> {
    Ok(toml::from_str::<Demo>(include_str!("demo/orders.toml"))?.orders)
}

impl DemoOrder {
    fn state(&self) -> OrderState {
        if self.cancelled_at.is_some() {
            OrderState::Cancelled
        } else if self.delivered_at.is_some() {
            OrderState::Delivered
        } else if self.shipped_at.is_some() {
            OrderState::Shipped
        } else if self.paid_at.is_some() {
            OrderState::Paid
        } else {
            OrderState::Placed
        }
    }
}

async fn insert(tx: &impl ConnectionTrait, demo: DemoOrder) -> anyhow::Result<()> {
    let mut items = Vec::new();
    let (mut copies, mut total_cents) = (0, 0);
    for item in &demo.items {
        // What the shop does not have, nobody has ordered.
        let Some(book) = find_book(tx, &item.book).await? else {
            continue;
        };
        copies += item.copies;
        total_cents += book.price_cents * i64::from(item.copies);
        items.push(order_item::ActiveModel {
            book_id: Set(book.id),
            position: Set(i32::try_from(items.len())?),
            title: Set(book.title),
            price_cents: Set(book.price_cents),
            quantity: Set(item.copies),
            ..order_item::ActiveModel::default()
        });
    }
    if items.is_empty() {
        return Ok(());
    }
    let row = order::ActiveModel {
        buyer_id: Set(id_of_user(tx, &demo.buyer).await?),
        state: Set(demo.state()),
        currency: Set("EUR".to_owned()),
        total_cents: Set(total_cents),
        copies: Set(copies),
        payment_reference: Set(demo.paid_at.map(|_| "a demo payment".to_owned())),
        placed_at: Set(demo.placed_at),
        paid_at: Set(demo.paid_at),
        shipped_at: Set(demo.shipped_at),
        delivered_at: Set(demo.delivered_at),
        cancelled_at: Set(demo.cancelled_at),
        ..order::ActiveModel::default()
    };
    let id = orders::insert(tx, row).await?;
    for item in &mut items {
        item.order_id = Set(id);
    }
    orders::insert_items(tx, items).await?;
    Ok(())
}

async fn id_of_user(tx: &impl ConnectionTrait, username: &str) -> anyhow::Result<i64> {
    let id = users::find_id_by_username(tx, username).await?;
    id.with_context(|| format!("there is no user `{username}`"))
}

/// The book of this title, where it is priced like the others.
async fn find_book(tx: &impl ConnectionTrait, title: &str) -> anyhow::Result<Option<book::Model>> {
    let book = book::Entity::live()
        .filter(book::Column::Title.eq(title))
        .filter(book::Column::Currency.eq("EUR"));
    Ok(book.one(tx).await?)
}
