//! What each method answers.

use std::{
    borrow::Cow,
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use prost::Message as _;
use proto::{FieldMask, Rpc, books::v1::*, posts::v1::*};
use tonic::Status;

use super::{
    masks::Masks,
    shelves::{self, BOOKS, POSTS},
};

/// All that can be answered.
pub(super) struct Answers {
    masks: Masks,
    posts: Made<(Fields, i32), ListPostsResponse>,
    books: Made<(Fields, i32), ListBooksResponse>,
    book: Made<Fields, Book>,
    tags: Made<i32, ListTagsResponse>,
}

/// The fields that a mask names.
type Fields = Vec<String>;

/// Messages that were made when they were asked for first.
struct Made<K, M>(Mutex<HashMap<K, Arc<M>>>);

impl<K: Eq + Hash, M> Made<K, M> {
    fn new() -> Self {
        Self(Mutex::default())
    }

    fn get(&self, key: K, make: impl FnOnce(&K) -> M) -> Arc<M> {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(there) = made.get(&key) {
            return there.clone();
        }
        let new = Arc::new(make(&key));
        made.insert(key, new.clone());
        new
    }
}

impl Answers {
    pub(super) fn new() -> Self {
        Self {
            masks: Masks::new(),
            posts: Made::new(),
            books: Made::new(),
            book: Made::new(),
            tags: Made::new(),
        }
    }

    /// The encoded answer of a method to an encoded request.
    pub(super) fn answer(&self, method: &str, request: Bytes) -> Result<Bytes, Status> {
        match method {
            ListPostsRequest::METHOD => encoded(request, |r| self.posts(r)),
            ListBooksRequest::METHOD => encoded(request, |r| self.books(r)),
            GetBookRequest::METHOD => encoded(request, |r| self.book(r)),
            ListTagsRequest::METHOD => encoded(request, |r| self.tags(r)),
            BatchGetBookViewerStatesRequest::METHOD => encoded(request, |r| Arc::new(book_states(r))),
            BatchGetPostViewerStatesRequest::METHOD => encoded(request, |r| Arc::new(post_states(r))),
            _ => Err(Status::unimplemented(method.to_owned())),
        }
    }

    fn posts(&self, request: ListPostsRequest) -> Arc<ListPostsResponse> {
        self.posts.get(
            (fields(request.read_mask), request.page_size),
            |(fields, most)| {
                let posts = (1..=POSTS).take(*most as usize).map(shelves::post);
                ListPostsResponse {
                    posts: posts.map(|post| self.masks.trim("Post", post, fields)).collect(),
                    next_page_token: "further".to_owned(),
                    total_size: Some(POSTS),
                }
            },
        )
    }

    fn books(&self, request: ListBooksRequest) -> Arc<ListBooksResponse> {
        self.books.get(
            (fields(request.read_mask), request.page_size),
            |(fields, most)| {
                let books = (1..=BOOKS).take(*most as usize).map(shelves::book);
                ListBooksResponse {
                    books: books.map(|book| self.masks.trim("Book", book, fields)).collect(),
                    next_page_token: "further".to_owned(),
                }
            },
        )
    }

    /// Every number is that of the same book.
    fn book(&self, request: GetBookRequest) -> Arc<Book> {
        self.book.get(fields(request.read_mask), |fields| {
            self.masks.trim("Book", shelves::book(1), fields)
        })
    }

    fn tags(&self, request: ListTagsRequest) -> Arc<ListTagsResponse> {
        self.tags.get(request.most_used, |most| ListTagsResponse {
            tags: (1..=i64::from(*most)).map(shelves::tag).collect(),
        })
    }
}

fn book_states(request: BatchGetBookViewerStatesRequest) -> BatchGetBookViewerStatesResponse {
    let state = |book_id| BookViewerState {
        book_id,
        review_slug: Some("what-i-think-of-it".to_owned()),
        bought: true,
    };
    BatchGetBookViewerStatesResponse {
        states: request.book_ids.into_iter().map(state).collect(),
    }
}

fn post_states(request: BatchGetPostViewerStatesRequest) -> BatchGetPostViewerStatesResponse {
    let state = |post_id| PostViewerState {
        post_id,
        liked: post_id % 2 == 0,
        following_author: post_id % 3 == 0,
    };
    BatchGetPostViewerStatesResponse {
        states: request.post_ids.into_iter().map(state).collect(),
    }
}

fn fields(mask: Option<FieldMask>) -> Fields {
    let paths = mask.unwrap_or_default().paths.into_iter();
    paths.map(Cow::into_owned).collect()
}

fn encoded<R: Rpc>(request: Bytes, answer: impl FnOnce(R) -> Arc<R::Answer>) -> Result<Bytes, Status> {
    let request = R::decode(request).map_err(|error| Status::invalid_argument(error.to_string()))?;
    Ok(answer(request).encode_to_vec().into())
}
