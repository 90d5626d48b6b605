//! Posts, and who likes them.

use sea_orm::{DatabaseTransaction, Set, TransactionTrait};

use super::caller::Caller;
use super::slugs::{slug_of, with_ending};
use super::{Key, in_order_of};
use crate::database::{Database, Transaction};
use crate::error::{Error, Resource, Result};
use crate::models::change::{Kind, NewChange, Operation};
use crate::models::fields::Fields;
use crate::models::now;
use crate::models::post::{ActiveModel, Model, PostField, PostRow, PostViewerRow};
use crate::repositories::posts;
pub use crate::repositories::posts::{PostFilter, PostPage};
use crate::repositories::tags::{self, TagRow};
use crate::repositories::{books, changes, counts, likes};
use crate::validators::posts::{NewPost, PostChanges};

/// How often a slug that somebody else takes at the same moment is chosen anew.
const SLUG_TRIES: usize = 3;

/// The reading room.
#[derive(Clone, Debug)]
pub struct Posts {
    db: Database,
}

/// A page of posts.
#[derive(Debug)]
pub struct Page {
    /// The posts.
    pub posts: Vec<PostRow>,
    /// How many match in all, where that was asked for.
    pub total: Option<i64>,
}

impl Posts {
    pub(super) fn new(db: Database) -> Self {
        Self { db }
    }

    /// One post.
    pub async fn get(&self, key: Key, wanted: Fields<PostField>, caller: Option<Caller>) -> Result<PostRow> {
        let found = self.batch_get(&[key], wanted, caller).await?.pop();
        found.ok_or(Error::NotFound(Resource::Post))
    }

    /// The posts that exist, in the order of their keys.
    pub async fn batch_get(
        &self,
        keys: &[Key],
        wanted: Fields<PostField>,
        caller: Option<Caller>,
    ) -> Result<Vec<PostRow>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let (ids, slugs) = Key::split(keys);
        let viewer = caller.map(|caller| caller.user_id);
        let found = posts::list_by_keys(self.db.read(), ids, slugs, wanted, viewer).await?;
        Ok(in_order_of(keys, found, |post, key| match key {
            Key::Id(id) => post.id == *id,
            Key::Name(slug) => post.slug.as_ref() == Some(slug),
        }))
    }

    /// A page of the posts that match, with one more where more follow.
    pub async fn list(
        &self,
        filter: PostFilter,
        page: PostPage,
        with_total: bool,
        wanted: Fields<PostField>,
        caller: Option<Caller>,
    ) -> Result<Page> {
        let viewer = caller.map(|caller| caller.user_id);
        let posts = posts::list(self.db.read(), &filter, page, wanted, viewer);
        if !with_total {
            return Ok(Page {
                posts: posts.await?,
                total: None,
            });
        }
        let (posts, total) = tokio::try_join!(posts, posts::count(self.db.read(), &filter))?;
        Ok(Page {
            posts,
            total: Some(total),
        })
    }

    /// What the caller has to do with each of these posts.
    pub async fn viewer_states(&self, caller: Caller, ids: Vec<i64>) -> Result<Vec<PostViewerRow>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let found = posts::list_viewer_states(self.db.read(), caller.user_id, ids.clone()).await?;
        Ok(in_order_of(&ids, found, |state, id| state.id == *id))
    }

    /// The tags of all posts: the most used ones, or all by name.
    pub async fn tags(&self, most_used: Option<u64>) -> Result<Vec<TagRow>> {
        tags::list(self.db.read(), most_used).await
    }
}

/// Writes a post.
pub async fn create(tx: &Transaction, caller: Caller, post: NewPost) -> Result<PostRow> {
    book_must_exist(tx, post.book_id).await?;
    let row = ActiveModel {
        author_id: Set(caller.user_id),
        book_id: Set(post.book_id),
        slug: Set(free_slug(tx, &post.title).await?),
        title: Set(post.title),
        description: Set(post.description),
        body: Set(post.body),
        like_count: Set(0),
        comment_count: Set(0),
        ..Default::default()
    };
    let id = with_free_slug(tx, row, async |db, row| Ok(posts::insert(db, row).await?.id)).await?;
    tags::insert(&**tx, id, &post.tags).await?;
    let post = as_it_is(tx, caller, id, Fields::all()).await?;
    tell(tx, id, post.slug.as_deref(), Operation::Created).await?;
    Ok(post)
}

/// Changes one's own post; the slug follows the title.
pub async fn update(tx: &Transaction, caller: Caller, slug: &str, changes: PostChanges) -> Result<PostRow> {
    let post = live(tx, slug).await?;
    book_must_exist(tx, changes.book_id.flatten()).await?;
    let mut row = ActiveModel {
        updated_at: Set(now()),
        ..Default::default()
    };
    if let Some(title) = changes.title {
        if slug_of(&title) != slug_of(&post.title) {
            row.slug = Set(free_slug(tx, &title).await?);
        }
        row.title = Set(title);
    }
    row.description = changes.description.map_or(row.description, Set);
    row.body = changes.body.map_or(row.body, Set);
    row.book_id = changes.book_id.map_or(row.book_id, Set);
    let (author_id, post_id) = (caller.user_id, post.id);
    let changed = with_free_slug(tx, row, async move |db, row| {
        posts::update_own(db, author_id, post_id, row).await
    });
    own(changed.await?)?;
    if let Some(names) = changes.tags {
        tags::replace(&**tx, post.id, &names).await?;
    }
    let post = as_it_is(tx, caller, post.id, Fields::all()).await?;
    tell(tx, post.id, post.slug.as_deref(), Operation::Updated).await?;
    Ok(post)
}

/// Takes one's own post away.
pub async fn delete(tx: &Transaction, caller: Caller, slug: &str) -> Result<()> {
    let post = live(tx, slug).await?;
    let gone = ActiveModel {
        deleted_at: Set(Some(now())),
        ..Default::default()
    };
    own(posts::update_own(&**tx, caller.user_id, post.id, gone).await?)?;
    tell(tx, post.id, Some(slug), Operation::Deleted).await
}

/// The caller likes a post; repeating it is harmless. The post as it is then.
pub async fn like(
    tx: &Transaction,
    caller: Caller,
    slug: &str,
    wanted: Fields<PostField>,
) -> Result<PostRow> {
    let post = live(tx, slug).await?;
    if likes::insert(&**tx, post.id, caller.user_id).await? {
        counts::insert(&**tx, post.id, 1, 0).await?;
        tell_like(tx, caller, &post, Operation::Created).await?;
    }
    as_it_is(tx, caller, post.id, wanted).await
}

/// The caller no longer likes a post; repeating it is harmless. The post as it is then.
pub async fn unlike(
    tx: &Transaction,
    caller: Caller,
    slug: &str,
    wanted: Fields<PostField>,
) -> Result<PostRow> {
    let post = live(tx, slug).await?;
    if likes::delete(&**tx, post.id, caller.user_id).await? {
        counts::insert(&**tx, post.id, -1, 0).await?;
        tell_like(tx, caller, &post, Operation::Deleted).await?;
    }
    as_it_is(tx, caller, post.id, wanted).await
}

/// Tells everybody of a post.
pub(super) async fn tell(tx: &Transaction, id: i64, slug: Option<&str>, operation: Operation) -> Result<()> {
    let change = NewChange::public(Kind::Post, id, operation).named(slug.unwrap_or_default());
    changes::insert(&**tx, vec![change]).await
}

/// Tells everybody that a post is counted anew, and the caller that the like is theirs.
async fn tell_like(tx: &Transaction, caller: Caller, post: &Model, operation: Operation) -> Result<()> {
    let counted = NewChange::public(Kind::Post, post.id, Operation::Counted).named(&post.slug);
    let like = NewChange::own(Kind::Like, post.id, operation, caller.user_id).named(&post.slug);
    changes::insert(&**tx, vec![counted, like]).await
}

/// A post as it is within the transaction.
async fn as_it_is(tx: &Transaction, caller: Caller, id: i64, wanted: Fields<PostField>) -> Result<PostRow> {
    let found = posts::list_by_keys(&**tx, vec![id], Vec::new(), wanted, Some(caller.user_id)).await?;
    found.into_iter().next().ok_or(Error::NotFound(Resource::Post))
}

/// Saves a row, under another slug where somebody else takes the chosen one at the same moment.
async fn with_free_slug<T>(
    tx: &Transaction,
    mut row: ActiveModel,
    save: impl AsyncFn(&DatabaseTransaction, ActiveModel) -> Result<T>,
) -> Result<T> {
    let mut tries = 1..SLUG_TRIES;
    loop {
        // What breaks a rule of PostgreSQL's breaks the whole transaction, hence one of its own for each try.
        let attempt = tx.begin().await?;
        match save(&attempt, row.clone()).await {
            Ok(saved) => {
                attempt.commit().await?;
                return Ok(saved);
            }
            Err(Error::Taken("slug")) if tries.next().is_some() => {
                attempt.rollback().await?;
                let slug = row.slug.try_as_ref().map_or("", String::as_str);
                row.slug = Set(with_ending(slug));
            }
            Err(error) => return Err(error),
        }
    }
}

/// The live post of this slug.
pub(super) async fn live(tx: &Transaction, slug: &str) -> Result<Model> {
    posts::find_live(&**tx, slug)
        .await?
        .ok_or(Error::NotFound(Resource::Post))
}

/// The post is there, so where no row was the caller's to change, it is somebody else's.
fn own(changed: bool) -> Result<()> {
    if changed {
        Ok(())
    } else {
        Err(Error::Forbidden(Resource::Post))
    }
}

/// The title's slug, or one like it where some post has that already.
async fn free_slug(tx: &Transaction, title: &str) -> Result<String> {
    let slug = slug_of(title);
    let taken = posts::slug_is_taken(&**tx, &slug).await?;
    Ok(if taken { with_ending(&slug) } else { slug })
}

async fn book_must_exist(tx: &Transaction, book_id: Option<i64>) -> Result<()> {
    match book_id {
        Some(id) if !books::exists(&**tx, id).await? => Err(Error::invalid("book_id", "is no book of ours")),
        _ => Ok(()),
    }
}
