//! `GET /v1/sync`: what has changed for the viewer since they last asked, as it is now, so that the app can show what it
//! has without a network and catch up with little.
//!
//! Without `since` it is only told where to begin: the app keeps the cursor, then loads the screens that it shows, and asks
//! from then on. What concerns the viewer: their account, orders, likes and follows; the posts of those whom they follow,
//! and their own; and the books. Each kind costs one call, however much has changed. See docs/live.md.

use std::collections::{BTreeMap, HashSet};

use axum::{Json, extract::State};
use bff_kit::{ApiError, ApiResult, Query, Viewer, events::Bookmark, page::First};
use proto::{
    changes::v1::{Change, Kind, Operation},
    posts::v1 as message,
    users::v1::User,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    core::Core,
    parts::{Account, BookCard, Order, PostCard, cards},
};

pub(super) fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(sync))
}

/// What has changed since.
///
/// Without `since` it is only told where to begin: keep the cursor, load what you show, and ask with the cursor from then
/// on. `SYNC_TOO_OLD` says that nobody knows any more what has changed: forget what was synced, and begin like this again.
#[utoipa::path(
    get, path = "/v1/sync", operation_id = "sync", tag = "live", security(("token" = [])), params(Wanted),
    extensions(("x-problems" = json!(["SYNC_TOO_OLD"]))),
    responses((status = 200, description = "What has changed, each thing as it is now", body = Changes))
)]
async fn sync(
    State(core): State<Core>,
    viewer: Viewer,
    Query(wanted): Query<Wanted>,
) -> ApiResult<Json<Changes>> {
    let found = core
        .changes(&viewer, wanted.since, First::or(wanted.first, 50))
        .await?;
    let mut changes = Changes::up_to(found.next.unwrap_or_default().into(), found.more);
    match wanted.since {
        None => return Ok(Json(changes)),
        Some(_) if found.resync => return Err(ApiError::SyncTooOld),
        Some(_) => {}
    }

    let changed = Changed::of(found.changes);
    let [books, orders, posts] = [Kind::Book, Kind::Order, Kind::Post].map(|kind| changed.ids(kind));
    let people: Vec<_> = changed.of_kind(Kind::Follow).map(|change| change.id).collect();
    let account_changed = !changed.ids(Kind::Account).is_empty();
    let (found_books, found_orders, found_posts, states, people, account) = tokio::try_join!(
        core.books_now(&viewer, &books),
        core.orders_now(&viewer, &orders),
        core.posts_now(&viewer, &posts),
        core.post_states(&viewer, &posts),
        core.names_now(&viewer, &people),
        core.account_if(&viewer, account_changed || !posts.is_empty()),
    )?;

    let there = found_books.iter().map(|book| book.id).collect();
    changes.gone = changed.gone(Kind::Book, &books, there);
    let there = found_posts.iter().map(|post| post.id).collect();
    changes.gone.extend(changed.gone(Kind::Post, &posts, there));
    let own = account
        .as_ref()
        .and_then(|account| Some(account.user.as_ref()?.id));
    let followed = states.iter().filter(|state| state.following_author);
    let followed: HashSet<i64> = followed.map(|state| state.post_id).collect();
    let concerns = |post: &message::Post| {
        followed.contains(&post.id) || post.author.as_ref().map(|author| author.id) == own
    };
    changes.posts = cards(found_posts.into_iter().filter(concerns).collect());
    changes.books = cards(found_books);
    changes.orders = cards(found_orders);
    changes.likes = changed.of_kind(Kind::Like).map(Like::from).collect();
    let follow = |user: User| Follow {
        following: changed.ids(Kind::Follow).contains(&user.id),
        username: user.username,
    };
    changes.follows = people.into_iter().map(follow).collect();
    changes.account = account.filter(|_| account_changed).map(Account::from);
    Ok(Json(changes))
}

/// What has changed, each thing once: the last that happened to it counts.
struct Changed(BTreeMap<(i32, i64), Change>);

impl Changed {
    fn of(changes: Vec<Change>) -> Self {
        Self(
            changes
                .into_iter()
                .map(|change| ((change.kind, change.id), change))
                .collect(),
        )
    }

    fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Change> {
        self.0
            .range((kind.into(), i64::MIN)..=(kind.into(), i64::MAX))
            .map(|(_, change)| change)
    }

    /// The numbers of those that may still be there.
    fn ids(&self, kind: Kind) -> Vec<i64> {
        let there = self
            .of_kind(kind)
            .filter(|change| change.operation() != Operation::Deleted);
        there.map(|change| change.id).collect()
    }

    /// Those that are gone: by what is told of them, or because they were asked for and are not there.
    fn gone(&self, kind: Kind, asked: &[i64], there: HashSet<i64>) -> Vec<Gone> {
        let missing = |change: &&Change| {
            change.operation() == Operation::Deleted
                || (asked.contains(&change.id) && !there.contains(&change.id))
        };
        self.of_kind(kind).filter(missing).map(Gone::from).collect()
    }
}

/// From where on, and how much.
#[derive(Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// `cursor` of the answer before; without it one is only told where to begin.
    #[param(inline)]
    since: Option<Bookmark>,
    /// How many changes to go through at most; 50 where it is not said. Not all of them concern the viewer.
    #[param(inline)]
    first: Option<First>,
}

/// What has changed, each thing as it is now. What there is none of is left out.
#[derive(Serialize, ToSchema)]
struct Changes {
    /// What to send as `since` the next time.
    cursor: Bookmark,
    /// Whether there is more already: then ask again at once.
    more: bool,
    /// One's own account, where it has changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<Account>,
    /// One's own orders.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    orders: Vec<Order>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    books: Vec<BookCard>,
    /// Those of oneself and of those whom one follows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    posts: Vec<SyncedPost>,
    /// What one likes, or likes no longer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    likes: Vec<Like>,
    /// Whom one follows, or follows no longer: their older posts are to be loaded, or to be forgotten.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    follows: Vec<Follow>,
    /// Books and posts that are gone. Some may be ones that the app never had.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gone: Vec<Gone>,
}

impl Changes {
    fn up_to(cursor: Bookmark, more: bool) -> Self {
        Self {
            cursor,
            more,
            account: None,
            orders: Vec::new(),
            books: Vec::new(),
            posts: Vec::new(),
            likes: Vec::new(),
            follows: Vec::new(),
            gone: Vec::new(),
        }
    }
}

/// A post with its number, by which the app knows it even if its slug becomes another one.
#[derive(Serialize, ToSchema)]
struct SyncedPost {
    id: i64,
    #[serde(flatten)]
    card: PostCard,
}

/// A post that one likes, or likes no longer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Like {
    post_id: i64,
    liked: bool,
}

/// Somebody whom one follows, or follows no longer.
#[derive(Serialize, ToSchema)]
struct Follow {
    username: String,
    following: bool,
}

/// Something that is gone.
#[derive(Serialize, ToSchema)]
struct Gone {
    kind: GoneKind,
    id: i64,
}

/// What something was that is gone.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum GoneKind {
    Book,
    Post,
}

impl From<message::Post> for SyncedPost {
    fn from(post: message::Post) -> Self {
        Self {
            id: post.id,
            card: post.into(),
        }
    }
}

impl From<&Change> for Like {
    fn from(change: &Change) -> Self {
        Self {
            post_id: change.id,
            liked: change.operation() != Operation::Deleted,
        }
    }
}

impl From<&Change> for Gone {
    fn from(change: &Change) -> Self {
        let kind = match change.kind() {
            Kind::Book => GoneKind::Book,
            _ => GoneKind::Post,
        };
        Self { kind, id: change.id }
    }
}
