//! `GET /api/views/profiles/{username}`: the page of somebody.
//!
//! Needs who it is; can do without their posts, the posts that they like and what the viewer has to do with
//! all of them. Older posts are `GET /api/views/profiles/{username}/posts` and `…/liked`.

use axum::extract::State;
use bff_kit::{
    Aged, ApiResult, Path, Query, Sections, View,
    page::{Cursor, First, Page, PageInfo},
};
use proto::posts::v1 as message;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    core::Core,
    parts::{Author, PostCard, PostStates},
    session::SignedIn,
    web::Web,
};

/// How many posts of each kind there are.
const POSTS: i32 = 20;

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(posts))
        .routes(routes!(liked))
}

/// Somebody.
#[utoipa::path(
    get, path = "/api/views/profiles/{username}", operation_id = "profilePage", tag = "screens",
    security((), ("token" = [])),
    params(("username" = String, Path, description = "The name, in any case")),
    responses((status = 200, description = "The screen", body = View<ProfilePage>))
)]
async fn show(
    State(core): State<Core>,
    viewer: Option<SignedIn>,
    Path(username): Path<String>,
) -> ApiResult<View<ProfilePage>> {
    let viewer = viewer.as_deref();
    let (person, posts, liked) = tokio::join!(
        core.person(username.clone()),
        core.posts_by(username.clone(), POSTS, String::new()),
        core.posts_liked_by(username, POSTS, String::new()),
    );

    let mut sections = Sections::new();
    let person = sections.required("user", person)?;
    let posts = sections.cached("posts", posts)?;
    let liked = sections.cached("liked", liked)?;
    let shown = posts.iter().chain(&liked).flat_map(|found| &found.posts);
    let ids = shown.map(|post| post.id).collect();
    let (followed, states) = tokio::join!(
        core.followed(viewer, vec![person.id]),
        core.post_states(viewer, ids),
    );
    let followed = sections.optional("following", followed)?;
    let states = sections.optional("viewer", states)?.unwrap_or_default();
    let page = ProfilePage {
        user: Some(person).into(),
        posts: posts.map(|found| Posts::new(found, &states)),
        liked: liked.map(|found| Posts::new(found, &states)),
        following: viewer.and(followed).map(|followed| !followed.is_empty()),
    };
    Ok(View::new(page, sections))
}

/// What somebody wrote, newest first.
#[utoipa::path(
    get, path = "/api/views/profiles/{username}/posts", operation_id = "profilePosts", tag = "screens",
    security((), ("token" = [])),
    params(("username" = String, Path, description = "The name, in any case"), Wanted),
    responses((status = 200, description = "A page of posts", body = View<Page<PostCard>>))
)]
async fn posts(
    State(core): State<Core>,
    viewer: Option<SignedIn>,
    Path(username): Path<String>,
    Query(wanted): Query<Wanted>,
) -> ApiResult<View<Page<PostCard>>> {
    let (first, after) = wanted.page();
    let (person, found) = tokio::join!(
        core.person(username.clone()),
        core.posts_by(username, first, after)
    );
    person?;
    page_of_posts(core, viewer, found).await
}

/// What somebody likes, the newest posts first.
#[utoipa::path(
    get, path = "/api/views/profiles/{username}/liked", operation_id = "profileLiked", tag = "screens",
    security((), ("token" = [])),
    params(("username" = String, Path, description = "The name, in any case"), Wanted),
    responses((status = 200, description = "A page of posts", body = View<Page<PostCard>>))
)]
async fn liked(
    State(core): State<Core>,
    viewer: Option<SignedIn>,
    Path(username): Path<String>,
    Query(wanted): Query<Wanted>,
) -> ApiResult<View<Page<PostCard>>> {
    let (first, after) = wanted.page();
    let (person, found) = tokio::join!(
        core.person(username.clone()),
        core.posts_liked_by(username, first, after)
    );
    person?;
    page_of_posts(core, viewer, found).await
}

async fn page_of_posts(
    core: Core,
    viewer: Option<SignedIn>,
    found: ApiResult<Aged<message::ListPostsResponse>>,
) -> ApiResult<View<Page<PostCard>>> {
    let mut sections = Sections::new();
    let found = sections.required("posts", found)?;
    let ids = found.posts.iter().map(|post| post.id).collect();
    let states = core.post_states(viewer.as_deref(), ids).await;
    let states = sections.optional("viewer", states)?.unwrap_or_default();
    Ok(View::new(cards(found, &states), sections))
}

fn cards(found: message::ListPostsResponse, states: &PostStates) -> Page<PostCard> {
    Page {
        items: PostCard::list(found.posts, states),
        page_info: PageInfo::new(found.next_page_token),
    }
}

/// Which posts.
#[derive(Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// How many at most; 20 where it is not said.
    #[param(inline)]
    first: Option<First>,
    /// `endCursor` of the page before.
    #[param(inline)]
    after: Option<Cursor>,
}

impl Wanted {
    fn page(self) -> (i32, String) {
        (First::or(self.first, POSTS), Cursor::or_start(self.after))
    }
}

/// The page of somebody.
#[derive(Serialize, ToSchema)]
struct ProfilePage {
    user: Author,
    /// What they wrote, newest first.
    posts: Option<Posts>,
    /// What they like, the newest posts first.
    liked: Option<Posts>,
    /// Whether the viewer follows them; null for a guest.
    following: Option<bool>,
}

/// The first of somebody's posts.
#[derive(Serialize, ToSchema)]
struct Posts {
    #[serde(flatten)]
    page: Page<PostCard>,
    /// How many there are in all.
    total: i64,
}

impl Posts {
    fn new(found: message::ListPostsResponse, states: &PostStates) -> Self {
        Self {
            total: found.total_size.unwrap_or_default(),
            page: cards(found, states),
        }
    }
}
