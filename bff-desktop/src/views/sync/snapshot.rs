//! The whole shop as a stream of lines, page by page: the next page is asked for when the client has taken the last one.

use std::{fmt, io, str::FromStr, time::Duration};

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use bff_kit::{ApiResult, Viewer, edge::CallContext, events::Bookmark};
use futures_util::{StreamExt as _, stream};
use proto::{books::v1::BookOrder, orders::v1::OrderState};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use tokio::time::Instant;
use utoipa::ToSchema;

use super::Line;
use crate::{core::Core, parts::within};

/// How many things are asked for at a time.
const PAGE: i32 = 100;
/// How long one page may take.
const PAGE_DEADLINE: Duration = Duration::from_secs(5);

/// Where a stream can go on: in which part, after which of the core's pages, and the cursor that it ends with.
#[derive(Clone, Debug)]
pub(super) struct Place {
    part: Part,
    since: Bookmark,
    after: String,
}

/// A place in the stream, to go on from.
#[derive(Clone, Debug, ToSchema)]
#[schema(
    value_type = String, pattern = r"^(books|orders|posts)\.[A-Za-z0-9_-]{32}\.[A-Za-z0-9_-]*$", max_length = 1100,
    example = "orders.CqAfW3JbnPEAAAAAAAAAKgAQ9LbyRf1u.MTcwMDAwMDAwMA"
)]
pub(super) struct Resume(pub(super) Place);

/// A part of the shop, in the order of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Books,
    Orders,
    Posts,
}

/// The whole shop, for one client.
pub(super) struct Snapshot {
    core: Core,
    viewer: Viewer,
    /// Nothing once all has been told.
    place: Option<Place>,
    /// The request that it is made for, whose deadline is over long before the stream is.
    context: Option<CallContext>,
    ends_at: Instant,
}

impl Snapshot {
    pub(super) fn new(core: Core, viewer: Viewer, place: Place, longest: Duration) -> Self {
        Self {
            core,
            viewer,
            place: Some(place),
            context: CallContext::current(),
            ends_at: Instant::now() + longest,
        }
    }

    /// The answer. It begins with the first page, so that a place that is nowhere is refused like any other question.
    pub(super) async fn response(mut self) -> ApiResult<Response> {
        let first = stream::iter(self.next().await?.map(Ok));
        let rest = stream::try_unfold(self, |mut snapshot| async move {
            match snapshot.next().await {
                Ok(page) => Ok(page.map(|page| (page, snapshot))),
                // Nothing can be told any more: the last line is just no cursor.
                Err(error) => {
                    error.log();
                    Err(io::Error::other("the snapshot broke off"))
                }
            }
        });
        let kind = HeaderValue::from_static("application/x-ndjson");
        let pages = Body::from_stream(first.chain(rest));
        Ok(([(header::CONTENT_TYPE, kind)], pages).into_response())
    }

    /// The lines of the next page, and where to go on behind it.
    async fn next(&mut self) -> ApiResult<Option<String>> {
        let Some(place) = self.place.take() else {
            return Ok(None);
        };
        let reading = within(self.ends_at, self.read(&place));
        let (mut lines, next) = match self.context.clone() {
            Some(mut context) => {
                context.deadline = Instant::now() + PAGE_DEADLINE;
                context.scope(reading).await??
            }
            None => reading.await??,
        };
        self.place = place.behind(next);
        lines.push(match &self.place {
            Some(next) => Line::Resume(Resume(next.clone())),
            None => Line::Cursor(place.since),
        });
        let texts = lines
            .iter()
            .map(|line| serde_json::to_string(line).expect("lines are plain JSON"));
        Ok(Some(texts.map(|line| line + "\n").collect()))
    }

    /// A page of the part that a place is in, and the core's token for the next.
    async fn read(&self, Place { part, after, .. }: &Place) -> ApiResult<(Vec<Line>, String)> {
        let (core, viewer, after) = (&self.core, &self.viewer, after.clone());
        Ok(match part {
            Part::Books => {
                let found = core
                    .books(viewer, String::new(), BookOrder::Newest, PAGE, after)
                    .await?;
                let lines = found.books.into_iter().map(|book| Line::Book(book.into()));
                (lines.collect(), found.next_page_token)
            }
            Part::Orders => {
                let found = core
                    .orders(viewer, OrderState::Unspecified, true, PAGE, after)
                    .await?;
                let lines = found.orders.into_iter().map(|order| Line::Order(order.into()));
                (lines.collect(), found.next_page_token)
            }
            Part::Posts => {
                let found = core.posts(viewer, PAGE, after).await?;
                let lines = found.posts.into_iter().map(|post| Line::Post(post.into()));
                (lines.collect(), found.next_page_token)
            }
        })
    }
}

impl Place {
    /// The beginning of a stream that ends with this cursor.
    pub(super) fn first(since: Bookmark) -> Self {
        Self {
            part: Part::Books,
            since,
            after: String::new(),
        }
    }

    /// What comes behind a page with this token for the next; nothing at the end of all.
    fn behind(&self, token: String) -> Option<Self> {
        let part = match (token.is_empty(), self.part) {
            (false, part) => part,
            (true, Part::Books) => Part::Orders,
            (true, Part::Orders) => Part::Posts,
            (true, Part::Posts) => return None,
        };
        Some(Self {
            part,
            since: self.since,
            after: token,
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = match self.part {
            Part::Books => "books",
            Part::Orders => "orders",
            Part::Posts => "posts",
        };
        write!(out, "{part}.{}.{}", self.since, self.after)
    }
}

impl FromStr for Place {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const NONE: &str = "is none of ours";
        let mut pieces = text.splitn(3, '.');
        let part = match pieces.next() {
            Some("books") => Part::Books,
            Some("orders") => Part::Orders,
            Some("posts") => Part::Posts,
            _ => return Err(NONE),
        };
        let since = pieces.next().and_then(Bookmark::read).ok_or(NONE)?;
        let after = pieces.next().ok_or(NONE)?.to_owned();
        Ok(Self { part, since, after })
    }
}

impl Serialize for Resume {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Resume {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let place = String::deserialize(deserializer)?.parse();
        place.map(Self).map_err(D::Error::custom)
    }
}
