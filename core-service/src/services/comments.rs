//! Comments on posts.

use sea_orm::Set;

use super::caller::Caller;
use super::{in_order_of, posts};
use crate::database::{Database, Transaction};
use crate::error::{Error, Resource, Result};
use crate::models::change::{Kind, NewChange, Operation};
use crate::models::comment::{ActiveModel, CommentField, CommentRow};
use crate::models::fields::Fields;
use crate::repositories::{changes, comments, counts, posts as post_rows};

/// Comments.
#[derive(Clone, Debug)]
pub struct Comments {
    db: Database,
}

impl Comments {
    pub(super) fn new(db: Database) -> Self {
        Self { db }
    }

    /// A page of a post's comments, newest first, with one more where more follow; and the number of the post.
    pub async fn list(
        &self,
        slug: &str,
        size: u32,
        before: Option<i64>,
        wanted: Fields<CommentField>,
    ) -> Result<(i64, Vec<CommentRow>)> {
        let post = post_rows::list_by_keys(
            self.db.read(),
            Vec::new(),
            vec![slug.to_owned()],
            Fields::NONE,
            None,
        );
        let post = post.await?.pop().ok_or(Error::NotFound(Resource::Post))?;
        let comments = comments::list(self.db.read(), post.id, size, before, wanted).await?;
        Ok((post.id, comments))
    }

    /// The comments that exist, in the order of their numbers in the request.
    pub async fn batch_get(&self, ids: Vec<i64>, wanted: Fields<CommentField>) -> Result<Vec<CommentRow>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let found = comments::list_by_ids(self.db.read(), ids.clone(), wanted).await?;
        Ok(in_order_of(&ids, found, |comment, id| comment.id == *id))
    }
}

/// Comments on a post.
pub async fn create(tx: &Transaction, caller: Caller, slug: &str, body: String) -> Result<CommentRow> {
    let post = posts::live(tx, slug).await?;
    let row = ActiveModel {
        post_id: Set(post.id),
        author_id: Set(caller.user_id),
        body: Set(body),
        ..Default::default()
    };
    let id = comments::insert(&**tx, row).await?.id;
    counts::insert(&**tx, post.id, 0, 1).await?;
    tell(tx, id, post.id, Operation::Created).await?;
    let written = comments::list_by_ids(&**tx, vec![id], Fields::all()).await?;
    written
        .into_iter()
        .next()
        .ok_or(Error::NotFound(Resource::Comment))
}

/// Takes one's own comment away.
pub async fn delete(tx: &Transaction, caller: Caller, slug: &str, id: i64) -> Result<()> {
    let post = posts::live(tx, slug).await?;
    let comment = comments::find_live(&**tx, post.id, id).await?;
    let comment = comment.ok_or(Error::NotFound(Resource::Comment))?;
    if !comments::delete_own(&**tx, caller.user_id, comment.id).await? {
        return Err(Error::Forbidden(Resource::Comment));
    }
    counts::insert(&**tx, post.id, 0, -1).await?;
    tell(tx, comment.id, post.id, Operation::Deleted).await
}

/// Tells everybody of a comment.
pub(super) async fn tell(tx: &Transaction, id: i64, post_id: i64, operation: Operation) -> Result<()> {
    let change = NewChange::public(Kind::Comment, id, operation).part_of(post_id);
    changes::insert(&**tx, vec![change]).await
}
