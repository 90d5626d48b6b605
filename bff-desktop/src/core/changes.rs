//! What has changed, and how it is now.

use bff_kit::{ApiResult, Viewer, core::mask, events::Bookmark};
use proto::{books::v1::*, changes::v1::*, orders::v1::*, posts::v1::*};

use super::{Core, books::BOOK_ROW, orders::ORDER_ROW, posts::POST_ROW};

impl Core {
    /// A page of what was written after a place; where the log ends if there is no place.
    pub(crate) async fn changes_since(
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
            read_mask: mask(&BOOK_ROW),
        };
        Ok(self.channel.read_as(viewer, request).await?.books)
    }

    /// These orders.
    pub(crate) async fn orders_now(&self, viewer: &Viewer, ids: &[i64]) -> ApiResult<Vec<Order>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let request = BatchGetOrdersRequest {
            ids: ids.to_vec(),
            read_mask: mask(&ORDER_ROW),
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
            read_mask: mask(&POST_ROW),
            ..Default::default()
        };
        Ok(self.channel.read_as(viewer, request).await?.posts)
    }
}
