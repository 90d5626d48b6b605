//! What has changed, and how it is now. What is asked for as it is now is asked for in the viewer's name and each time,
//! so that it is never older than the change.

use bff_kit::{ApiResult, Viewer, core::mask, events::Bookmark};
use proto::{books::v1::*, changes::v1::*, orders::v1::*, posts::v1::*, users::v1::*};

use super::{Core, books::BOOK_CARD, orders::ORDER, posts::SYNCED_POST};

impl Core {
    /// A page of what was written after a place and the viewer may know of; where the log ends if there is no place.
    pub(crate) async fn changes(
        &self,
        viewer: &Viewer,
        after: Option<Bookmark>,
        first: i32,
    ) -> ApiResult<ListChangesResponse> {
        let request = ListChangesRequest {
            after: after.map(Position::from),
            page_size: first,
        };
        self.channel.read_as(viewer, request).await
    }

    /// These books, but for those that are gone.
    pub(crate) async fn books_now(&self, viewer: &Viewer, ids: &[i64]) -> ApiResult<Vec<Book>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let request = BatchGetBooksRequest {
            ids: ids.to_vec(),
            read_mask: mask(&BOOK_CARD),
        };
        Ok(self.channel.read_as(viewer, request).await?.books)
    }

    /// These orders of the viewer's.
    pub(crate) async fn orders_now(&self, viewer: &Viewer, ids: &[i64]) -> ApiResult<Vec<Order>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let request = BatchGetOrdersRequest {
            ids: ids.to_vec(),
            read_mask: mask(&ORDER),
        };
        Ok(self.channel.read_as(viewer, request).await?.orders)
    }

    /// These posts, but for those that are gone.
    pub(crate) async fn posts_now(&self, viewer: &Viewer, ids: &[i64]) -> ApiResult<Vec<Post>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let request = BatchGetPostsRequest {
            ids: ids.to_vec(),
            read_mask: mask(&SYNCED_POST),
            ..Default::default()
        };
        Ok(self.channel.read_as(viewer, request).await?.posts)
    }

    /// What the viewer has to do with these posts.
    pub(crate) async fn post_states(
        &self,
        viewer: &Viewer,
        post_ids: &[i64],
    ) -> ApiResult<Vec<PostViewerState>> {
        if post_ids.is_empty() {
            return Ok(Vec::new());
        }
        let request = BatchGetPostViewerStatesRequest {
            post_ids: post_ids.to_vec(),
        };
        Ok(self.channel.read_as(viewer, request).await?.states)
    }

    /// What these people are called.
    pub(crate) async fn names_now(&self, viewer: &Viewer, ids: &[i64]) -> ApiResult<Vec<User>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let request = BatchGetUsersRequest {
            ids: ids.to_vec(),
            read_mask: mask(&["id", "username"]),
            ..Default::default()
        };
        Ok(self.channel.read_as(viewer, request).await?.users)
    }

    /// The viewer's own account, where it is wanted.
    pub(crate) async fn account_if(&self, viewer: &Viewer, wanted: bool) -> ApiResult<Option<Account>> {
        match wanted {
            true => self.account(viewer).await.map(Some),
            false => Ok(None),
        }
    }
}
