//! `GET /v1/workspace`: what the staff begin their day with.
//!
//! Needs the account and the books that run low; can do without the orders to fulfil, the sales by day, the newest
//! posts to look at and the popular books.

use axum::extract::State;
use bff_kit::{ApiResult, Sections, View};
use proto::{
    books::v1::BookOrder,
    orders::v1::{self as orders, OrderState},
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    core::Core,
    parts::{BookRow, OrderRow, PostToCheck},
    session::{Account, Staff},
};

/// How much there is of each.
const LOW_STOCK: i32 = 20;
const POSTS: i32 = 20;
const POPULAR: i32 = 10;
const TO_FULFIL: i32 = 20;
const SALES_DAYS: i32 = 14;

pub(super) fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(show))
}

/// The workspace.
#[utoipa::path(
    get, path = "/v1/workspace", operation_id = "workspace", tag = "screens", security(("token" = ["staff"])),
    responses((status = 200, description = "The screen", body = View<Workspace>))
)]
async fn show(State(core): State<Core>, staff: Staff) -> ApiResult<View<Workspace>> {
    let viewer = &staff.viewer;
    let books = |order, first| core.books(viewer, String::new(), order, first, String::new());
    let (low_stock, to_fulfil, sales, popular, posts) = tokio::join!(
        books(BookOrder::Stock, LOW_STOCK),
        core.orders(viewer, OrderState::Paid, true, TO_FULFIL, String::new()),
        core.sales(viewer, SALES_DAYS),
        books(BookOrder::Popular, POPULAR),
        core.posts(viewer, POSTS, String::new()),
    );

    let mut sections = Sections::new();
    let rows = |books: Vec<_>| books.into_iter().map(BookRow::from).collect();
    let page = Workspace {
        account: staff.account.into(),
        low_stock: rows(low_stock?.books),
        to_fulfil: sections
            .optional("toFulfil", to_fulfil)?
            .map(|found| found.orders.into_iter().map(OrderRow::from).collect()),
        sales: sections
            .optional("sales", sales)?
            .map(|found| found.days.into_iter().map(DaySales::from).collect()),
        posts: sections
            .optional("posts", posts)?
            .map(|found| found.posts.into_iter().map(PostToCheck::from).collect()),
        popular: sections
            .optional("popular", popular)?
            .map(|found| rows(found.books)),
    };
    Ok(View::new(page, sections))
}

/// The workspace.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Workspace {
    account: Account,
    /// The books with the fewest copies.
    low_stock: Vec<BookRow>,
    /// The orders that are paid and not sent yet, what has waited longest first.
    to_fulfil: Option<Vec<OrderRow>>,
    /// What was paid on each of the last 14 days, the newest first; a day without sales is left out, and one with
    /// several currencies comes once for each.
    sales: Option<Vec<DaySales>>,
    /// The newest posts, to be looked at.
    posts: Option<Vec<PostToCheck>>,
    /// The most rated books.
    popular: Option<Vec<BookRow>>,
}

/// What was paid on one day and not given up since.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DaySales {
    /// In UTC.
    #[schema(format = Date, example = "2025-09-12")]
    day: String,
    /// ISO 4217 code.
    currency: String,
    orders: i64,
    copies: i64,
    total_cents: i64,
}

impl From<orders::DaySales> for DaySales {
    fn from(sales: orders::DaySales) -> Self {
        Self {
            day: sales.day,
            currency: sales.currency,
            orders: sales.orders,
            copies: sales.copies,
            total_cents: sales.total_cents,
        }
    }
}
