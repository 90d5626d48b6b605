//! What answers are made from that are the same for everybody: keys that a change touches (`models/change.rs`). Whoever
//! keeps an answer knows by them when it may be another.

use proto::Rpc;
use proto::books::v1 as books;
use proto::posts::v1 as posts;
use proto::users::v1 as users;

use crate::models::change::Kind;

/// A request whose answer is the same for everybody, as long as nobody is named by a token.
pub(super) trait Shared: Rpc {
    /// What there has to be for there to be an answer; where there is none, one that comes into being may be it.
    const NEEDS: Kind;

    /// What any answer depends on, for what was asked.
    fn asks_for(&self, keys: &mut Vec<u64>);

    /// What this answer depends on, for what is in it.
    fn shows(answer: &Self::Answer, keys: &mut Vec<u64>);
}

impl Shared for books::GetBookRequest {
    const NEEDS: Kind = Kind::Book;

    fn asks_for(&self, keys: &mut Vec<u64>) {
        keys.push(Kind::Book.one(self.id));
    }

    fn shows(_: &books::Book, _: &mut Vec<u64>) {}
}

impl Shared for books::BatchGetBooksRequest {
    const NEEDS: Kind = Kind::Book;

    fn asks_for(&self, keys: &mut Vec<u64>) {
        keys.extend(self.ids.iter().map(|id| Kind::Book.one(*id)));
    }

    fn shows(_: &books::BatchGetBooksResponse, _: &mut Vec<u64>) {}
}

impl Shared for books::ListBooksRequest {
    const NEEDS: Kind = Kind::Book;

    fn asks_for(&self, keys: &mut Vec<u64>) {
        keys.push(Kind::Book.all());
        if self.order() == books::BookOrder::Stock {
            keys.push(Kind::Order.all());
        }
    }

    fn shows(answer: &books::ListBooksResponse, keys: &mut Vec<u64>) {
        keys.extend(answer.books.iter().map(|book| Kind::Book.one(book.id)));
    }
}

impl Shared for posts::GetPostRequest {
    const NEEDS: Kind = Kind::Post;

    fn asks_for(&self, _: &mut Vec<u64>) {}

    fn shows(answer: &posts::Post, keys: &mut Vec<u64>) {
        post(answer, keys);
    }
}

impl Shared for posts::BatchGetPostsRequest {
    const NEEDS: Kind = Kind::Post;

    fn asks_for(&self, keys: &mut Vec<u64>) {
        keys.extend(self.ids.iter().map(|id| Kind::Post.one(*id)));
        if !self.slugs.is_empty() {
            keys.push(Kind::Post.all());
        }
    }

    fn shows(answer: &posts::BatchGetPostsResponse, keys: &mut Vec<u64>) {
        answer.posts.iter().for_each(|shown| post(shown, keys));
    }
}

impl Shared for posts::ListPostsRequest {
    const NEEDS: Kind = Kind::Post;

    fn asks_for(&self, keys: &mut Vec<u64>) {
        keys.push(Kind::Post.all());
        // Names move from one user to another.
        if !self.author.is_empty() || !self.liked_by.is_empty() {
            keys.push(Kind::User.all());
        }
        if !self.liked_by.is_empty() {
            keys.push(Kind::Like.all());
        }
    }

    fn shows(answer: &posts::ListPostsResponse, keys: &mut Vec<u64>) {
        answer.posts.iter().for_each(|shown| post(shown, keys));
    }
}

impl Shared for posts::ListCommentsRequest {
    const NEEDS: Kind = Kind::Post;

    fn asks_for(&self, _: &mut Vec<u64>) {}

    fn shows(answer: &posts::ListCommentsResponse, keys: &mut Vec<u64>) {
        keys.push(Kind::Post.one(answer.post_id));
        let authors = answer.comments.iter().flat_map(|comment| &comment.author);
        keys.extend(authors.map(|author| Kind::User.one(author.id)));
    }
}

impl Shared for posts::ListTagsRequest {
    const NEEDS: Kind = Kind::Post;

    fn asks_for(&self, keys: &mut Vec<u64>) {
        keys.push(Kind::Post.all());
    }

    fn shows(_: &posts::ListTagsResponse, _: &mut Vec<u64>) {}
}

impl Shared for users::GetUserRequest {
    const NEEDS: Kind = Kind::User;

    fn asks_for(&self, _: &mut Vec<u64>) {}

    fn shows(answer: &users::User, keys: &mut Vec<u64>) {
        keys.push(Kind::User.one(answer.id));
    }
}

impl Shared for users::BatchGetUsersRequest {
    const NEEDS: Kind = Kind::User;

    fn asks_for(&self, keys: &mut Vec<u64>) {
        keys.extend(self.ids.iter().map(|id| Kind::User.one(*id)));
        if !self.usernames.is_empty() {
            keys.push(Kind::User.all());
        }
    }

    fn shows(answer: &users::BatchGetUsersResponse, keys: &mut Vec<u64>) {
        keys.extend(answer.users.iter().map(|user| Kind::User.one(user.id)));
    }
}

/// A post shows its author.
fn post(shown: &posts::Post, keys: &mut Vec<u64>) {
    keys.push(Kind::Post.one(shown.id));
    keys.extend(shown.author.iter().map(|author| Kind::User.one(author.id)));
}
