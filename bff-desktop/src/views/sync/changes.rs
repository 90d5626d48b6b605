//! What has changed since.

use std::collections::{BTreeMap, HashSet};

use bff_kit::{ApiError, ApiResult, Viewer, events::Bookmark};
use proto::changes::v1::{Change, Kind, Operation};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    core::Core,
    parts::{BookRow, OrderRow, PostToCheck},
};

/// What has changed, each thing as it is now.
#[derive(Serialize, ToSchema)]
pub(super) struct Changes {
    /// What to send as `since` the next time.
    cursor: Bookmark,
    /// Whether there is more already: then ask again at once.
    more: bool,
    books: Vec<BookRow>,
    orders: Vec<OrderRow>,
    posts: Vec<PostToCheck>,
    /// Books and posts that are gone. Some may be ones that the copy never had.
    gone: Vec<Gone>,
}

/// Something that is gone.
#[derive(Serialize, ToSchema)]
struct Gone {
    kind: GoneKind,
    id: i64,
}

/// What something was that is gone.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum GoneKind {
    Book,
    Post,
}

impl Changes {
    /// So many changes at most; each kind of thing costs one call.
    pub(super) async fn since(core: &Core, viewer: &Viewer, since: Bookmark, first: i32) -> ApiResult<Self> {
        let found = core.changes_since(viewer, Some(since), first).await?;
        if found.resync {
            return Err(ApiError::SyncTooOld);
        }
        let changed = Changed::of(&found.changes);
        let [books, orders, posts] = [Kind::Book, Kind::Order, Kind::Post].map(|kind| changed.there(kind));
        let (found_books, found_orders, found_posts) = tokio::try_join!(
            core.books_now(viewer, &books),
            core.orders_now(viewer, &orders),
            core.posts_now(viewer, &posts),
        )?;
        let mut gone = changed.gone(Kind::Book, found_books.iter().map(|book| book.id));
        gone.extend(changed.gone(Kind::Post, found_posts.iter().map(|post| post.id)));
        Ok(Self {
            cursor: found.next.unwrap_or_default().into(),
            more: found.more,
            books: found_books.into_iter().map(BookRow::from).collect(),
            orders: found_orders.into_iter().map(OrderRow::from).collect(),
            posts: found_posts.into_iter().map(PostToCheck::from).collect(),
            gone,
        })
    }
}

/// What last happened to each thing that has changed, by its kind and number.
struct Changed(BTreeMap<(i32, i64), Operation>);

impl Changed {
    fn of(changes: &[Change]) -> Self {
        let last = changes.iter();
        Self(
            last.map(|change| ((change.kind, change.id), change.operation()))
                .collect(),
        )
    }

    fn of_kind(&self, kind: Kind) -> impl Iterator<Item = (i64, Operation)> {
        let (first, last) = ((kind.into(), i64::MIN), (kind.into(), i64::MAX));
        self.0
            .range(first..=last)
            .map(|(key, operation)| (key.1, *operation))
    }

    /// The numbers of those that may be there still.
    fn there(&self, kind: Kind) -> Vec<i64> {
        let there = self
            .of_kind(kind)
            .filter(|(_, operation)| *operation != Operation::Deleted);
        there.map(|(id, _)| id).collect()
    }

    /// Those that are not among what was found.
    fn gone(&self, kind: Kind, found: impl Iterator<Item = i64>) -> Vec<Gone> {
        let found: HashSet<_> = found.collect();
        let gone = self.of_kind(kind).filter(|(id, _)| !found.contains(id));
        let named = match kind {
            Kind::Book => GoneKind::Book,
            _ => GoneKind::Post,
        };
        gone.map(|(id, _)| Gone { kind: named, id }).collect()
    }
}
