//! What the staff take away from the reading room, and why.

use sea_orm::Set;

use super::caller::Caller;
use super::comments::tell as tell_of_comment;
use super::posts::{live, tell as tell_of_post};
use crate::database::{Database, Transaction};
use crate::error::{Error, Resource, Result};
use crate::models::change::Operation;
use crate::models::comment::PostedCommentRow;
use crate::models::moderation::{ActiveModel, ModerationRow};
use crate::models::now;
use crate::repositories::{comments, counts, moderations, posts};

/// What the staff look at, and what they took away.
#[derive(Clone, Debug)]
pub struct Moderation {
    db: Database,
}

impl Moderation {
    pub(super) fn new(db: Database) -> Self {
        Self { db }
    }

    /// A page of the newest comments on all posts, with one more where more follow.
    pub async fn newest_comments(&self, size: u32, before: Option<i64>) -> Result<Vec<PostedCommentRow>> {
        comments::list_newest(self.db.read(), size, before).await
    }

    /// A page of what was taken away, the latest first, with one more where more follow.
    pub async fn list(&self, size: u32, before: Option<i64>) -> Result<Vec<ModerationRow>> {
        moderations::list(self.db.read(), size, before).await
    }
}

/// Takes a post away.
pub async fn remove_post(
    tx: &Transaction,
    caller: Caller,
    slug: &str,
    reason: String,
) -> Result<ModerationRow> {
    let post = live(tx, slug).await?;
    if !posts::delete(&**tx, post.id).await? {
        return Err(Error::NotFound(Resource::Post));
    }
    tell_of_post(tx, post.id, Some(&post.slug), Operation::Deleted).await?;
    let row = ActiveModel {
        post_id: Set(post.id),
        author_id: Set(post.author_id),
        ..Default::default()
    };
    note(tx, caller, row, reason).await
}

/// Takes a comment away.
pub async fn remove_comment(
    tx: &Transaction,
    caller: Caller,
    slug: &str,
    id: i64,
    reason: String,
) -> Result<ModerationRow> {
    let gone = || Error::NotFound(Resource::Comment);
    let post = live(tx, slug).await?;
    let comment = comments::find_live(&**tx, post.id, id).await?.ok_or_else(gone)?;
    if !comments::delete(&**tx, comment.id).await? {
        return Err(gone());
    }
    counts::insert(&**tx, post.id, 0, -1).await?;
    tell_of_comment(tx, comment.id, post.id, Operation::Deleted).await?;
    let row = ActiveModel {
        post_id: Set(post.id),
        comment_id: Set(Some(comment.id)),
        author_id: Set(comment.author_id),
        ..Default::default()
    };
    note(tx, caller, row, reason).await
}

/// Keeps who took it away, why and when.
async fn note(tx: &Transaction, caller: Caller, row: ActiveModel, reason: String) -> Result<ModerationRow> {
    let row = ActiveModel {
        moderator_id: Set(caller.user_id),
        reason: Set(reason),
        created_at: Set(now()),
        ..row
    };
    let id = moderations::insert(&**tx, row).await?.id;
    let kept = moderations::find(&**tx, id).await?;
    kept.ok_or_else(|| Error::internal("what was just kept is not there"))
}
