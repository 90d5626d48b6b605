//! `GET /api/views/checkout?items=7x2,9x1`: what an order of these books would be, before it is placed.
//!
//! Needs the quote; can do without the cards of the books. Changes nothing, and sets nothing aside.

use axum::extract::State;
use bff_kit::{
    ApiError, ApiResult, Query, Sections, View,
    error::{Violation, ViolationKind},
};
use proto::orders::v1 as message;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    core::Core,
    parts::{BookCard, cards},
    web::Web,
};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(show))
}

/// The screen before an order, for guests as well.
#[utoipa::path(
    get, path = "/api/views/checkout", operation_id = "checkout", tag = "screens", params(Wanted),
    responses((status = 200, description = "The screen", body = View<Checkout>))
)]
async fn show(State(core): State<Core>, Query(wanted): Query<Wanted>) -> ApiResult<View<Checkout>> {
    let items = wanted.items()?;
    let ids = items.iter().map(|item| item.book_id).collect();
    let (quote, books) = tokio::join!(core.quote(items), core.book_cards(ids));

    let mut sections = Sections::new();
    let quote = quote?;
    let page = Checkout {
        lines: quote.lines.into_iter().map(Line::from).collect(),
        currency: Some(quote.currency).filter(|code| !code.is_empty()),
        total_cents: quote.total_cents,
        orderable: quote.orderable,
        books: sections.cached("books", books)?.map(cards),
    };
    Ok(View::new(page, sections))
}

/// What somebody thinks of ordering.
#[derive(Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Books and how many copies of each: the book's number, an `x`, a quantity, with commas between them.
    #[param(example = "7x2,9x1")]
    items: String,
}

impl Wanted {
    fn items(self) -> ApiResult<Vec<message::WantedItem>> {
        let item = |text: &str| {
            let (book_id, quantity) = text.split_once('x')?;
            Some(message::WantedItem {
                book_id: book_id.parse().ok()?,
                quantity: quantity.parse().ok()?,
            })
        };
        let items = self.items.split(',').map(item).collect::<Option<_>>();
        items.ok_or_else(|| {
            let text = "has to be books with their quantities, such as 7x2,9x1";
            ApiError::Invalid(vec![Violation::new("items", ViolationKind::Rule, text)])
        })
    }
}

/// What an order would be.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Checkout {
    lines: Vec<Line>,
    /// ISO 4217 code of the order's prices; null where there is none of the books.
    currency: Option<String>,
    /// Of the lines without a problem.
    total_cents: i64,
    /// Whether it can be placed as it is.
    orderable: bool,
    /// Those of the books that there are, to show their covers.
    books: Option<Vec<BookCard>>,
}

/// What would become of one book.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Line {
    book_id: i64,
    quantity: i32,
    /// The book as it is now; null where it is gone.
    now: Option<Offer>,
    /// What stands against ordering it.
    problem: Option<LineProblem>,
}

/// A book as it can be had now.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Offer {
    title: String,
    /// Of one copy.
    price_cents: i64,
    /// Of all the copies that are wanted.
    total_cents: i64,
    /// ISO 4217 code.
    currency: String,
    /// Copies that can be sold.
    stock: i32,
}

/// What stands against ordering a book.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum LineProblem {
    /// There is no such book, or no longer.
    Gone,
    /// There are fewer copies than are wanted.
    TooFew,
    /// It is priced in another currency than the order.
    OtherCurrency,
}

impl From<message::QuoteLine> for Line {
    fn from(line: message::QuoteLine) -> Self {
        let problem = match line.problem() {
            message::QuoteProblem::Unspecified => None,
            message::QuoteProblem::Gone => Some(LineProblem::Gone),
            message::QuoteProblem::TooFew => Some(LineProblem::TooFew),
            message::QuoteProblem::OtherCurrency => Some(LineProblem::OtherCurrency),
        };
        let offer = Offer {
            title: line.title,
            price_cents: line.price_cents,
            total_cents: line.price_cents * i64::from(line.quantity),
            currency: line.currency,
            stock: line.stock,
        };
        Self {
            book_id: line.book_id,
            quantity: line.quantity,
            now: (!matches!(problem, Some(LineProblem::Gone))).then_some(offer),
            problem,
        }
    }
}
