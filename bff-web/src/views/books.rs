//! `GET /api/views/books`: the catalogue page by page, all of it or what matches a search.
//!
//! Needs the books; can do without what the viewer has to do with them.

use std::collections::HashMap;

use axum::extract::State;
use bff_kit::{
    ApiResult, Query, Sections, View,
    page::{Cursor, First, Page, PageInfo},
};
use proto::books::v1 as message;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{core::Core, parts::BookCard, session::SignedIn, web::Web};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(show))
}

/// The catalogue.
#[utoipa::path(
    get, path = "/api/views/books", operation_id = "booksPage", tag = "screens",
    security((), ("token" = [])), params(Wanted),
    responses((status = 200, description = "A page of books", body = View<Page<ListedBook>>))
)]
async fn show(
    State(core): State<Core>,
    viewer: Option<SignedIn>,
    Query(wanted): Query<Wanted>,
) -> ApiResult<View<Page<ListedBook>>> {
    let words = wanted.q.unwrap_or_default();
    let (first, after) = (First::or(wanted.first, 24), Cursor::or_start(wanted.after));
    let found = core.books(words, wanted.order.into(), first, after).await;
    let found = found.map_err(|error| error.rename_fields(|field| field.replace("query", "q")));
    let mut sections = Sections::new();
    let found = sections.required("books", found)?;
    let ids = found.books.iter().map(|book| book.id).collect();
    let states = core.book_states(viewer.as_deref(), ids).await;

    let states = sections.optional("viewer", states)?.flatten();
    let mut states = states.map_or_else(HashMap::new, |states| {
        states.into_iter().map(|state| (state.book_id, state)).collect()
    });
    let listed = |book: message::Book| ListedBook {
        viewer: states.remove(&book.id).map(ListedBookState::from),
        book: book.into(),
    };
    let page = Page {
        items: found.books.into_iter().map(listed).collect(),
        page_info: PageInfo::new(found.next_page_token),
    };
    Ok(View::new(page, sections))
}

/// Which books.
#[derive(Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// How many at most; 24 where it is not said.
    #[param(inline)]
    first: Option<First>,
    /// `endCursor` of the page before.
    #[param(inline)]
    after: Option<Cursor>,
    /// Words that all have to begin a word of title or authors.
    q: Option<String>,
    /// In which order; the most rated first where it is not said.
    #[serde(default)]
    #[param(required = false)]
    #[param(inline)]
    order: Order,
}

/// An order of books.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Order {
    /// Most rated first.
    #[default]
    Popular,
    /// Newest in the catalogue first.
    Newest,
}

/// A book in the catalogue.
#[derive(Serialize, ToSchema)]
struct ListedBook {
    #[serde(flatten)]
    book: BookCard,
    /// Null for a guest.
    viewer: Option<ListedBookState>,
}

/// What the viewer has to do with a book.
#[derive(Serialize, ToSchema)]
struct ListedBookState {
    /// Slug of the viewer's own newest review.
    review: Option<String>,
}

impl From<Order> for message::BookOrder {
    fn from(order: Order) -> Self {
        match order {
            Order::Popular => Self::Popular,
            Order::Newest => Self::Newest,
        }
    }
}

impl From<message::BookViewerState> for ListedBookState {
    fn from(state: message::BookViewerState) -> Self {
        Self {
            review: state.review_slug,
        }
    }
}
