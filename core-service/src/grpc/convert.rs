//! Rows into messages, and the small things that several controllers read from requests.

use prost_types::{FieldMask, Timestamp};
use proto::{books::v1 as books, posts::v1 as posts, users::v1 as users};
use time::OffsetDateTime;

use crate::error::Result;
use crate::models::book;
use crate::models::book::{Authors, BookRow};
use crate::models::comment::{CommentRow, PostedCommentRow};
use crate::models::fields::{Field, Fields};
use crate::models::moderation::ModerationRow;
use crate::models::post::{AuthorRow, PostRow, PostViewerRow, TAG_SEPARATOR};
use crate::models::user::{self, Role, UserRow};
use crate::validators::fields;

/// The fields that a read wants: all but the viewer's state where it names none.
pub(super) fn wanted<F: Field>(mask: Option<FieldMask>, default: Fields<F>) -> Result<Fields<F>> {
    fields::wanted(&mask.unwrap_or_default().paths, default)
}

pub(super) fn paths(mask: Option<FieldMask>) -> Vec<String> {
    mask.unwrap_or_default().paths
}

pub(super) fn timestamp(moment: OffsetDateTime) -> Timestamp {
    Timestamp {
        seconds: moment.unix_timestamp(),
        nanos: moment.nanosecond().cast_signed(),
    }
}

impl From<UserRow> for users::User {
    fn from(row: UserRow) -> Self {
        Self {
            id: row.id,
            username: row.username.unwrap_or_default(),
            name: row.name.unwrap_or_default(),
            bio: row.bio,
            image: row.image,
        }
    }
}

/// The author as everybody may know them, where they were asked for.
fn author(row: AuthorRow) -> Option<users::User> {
    row.author_id.map(|id| users::User {
        id,
        username: row.author_username.unwrap_or_default(),
        name: row.author_name.unwrap_or_default(),
        bio: row.author_bio,
        image: row.author_image,
    })
}

impl From<user::Model> for users::Account {
    fn from(row: user::Model) -> Self {
        let role = match row.role {
            Role::Reader => users::Role::Reader,
            Role::Staff => users::Role::Staff,
            Role::Admin => users::Role::Admin,
        };
        let user = users::User {
            id: row.id,
            username: row.username,
            name: row.name,
            bio: row.bio,
            image: row.image,
        };
        Self {
            user: Some(user),
            email: row.email,
            role: role.into(),
        }
    }
}

impl From<PostRow> for posts::Post {
    fn from(row: PostRow) -> Self {
        let viewer = row.liked.zip(row.following_author);
        Self {
            id: row.id,
            slug: row.slug.unwrap_or_default(),
            title: row.title.unwrap_or_default(),
            description: row.description.unwrap_or_default(),
            body: row.body.unwrap_or_default(),
            tags: row
                .tags
                .iter()
                .flat_map(|tags| tags.split(TAG_SEPARATOR))
                .map(str::to_owned)
                .collect(),
            book_id: row.book_id,
            like_count: row.like_count.unwrap_or_default(),
            comment_count: row.comment_count.unwrap_or_default(),
            created_at: row.created_at.map(timestamp),
            updated_at: row.updated_at.map(timestamp),
            author: author(row.author),
            viewer: viewer.map(|(liked, following_author)| posts::PostViewerState {
                post_id: row.id,
                liked,
                following_author,
            }),
        }
    }
}

impl From<PostViewerRow> for posts::PostViewerState {
    fn from(row: PostViewerRow) -> Self {
        Self {
            post_id: row.id,
            liked: row.liked,
            following_author: row.following_author,
        }
    }
}

impl From<CommentRow> for posts::Comment {
    fn from(row: CommentRow) -> Self {
        Self {
            id: row.id,
            body: row.body.unwrap_or_default(),
            created_at: row.created_at.map(timestamp),
            updated_at: row.updated_at.map(timestamp),
            author: author(row.author),
        }
    }
}

impl From<PostedCommentRow> for posts::PostedComment {
    fn from(row: PostedCommentRow) -> Self {
        Self {
            comment: Some(row.comment.into()),
            post_slug: row.post_slug,
            post_title: row.post_title,
        }
    }
}

impl From<ModerationRow> for posts::Moderation {
    fn from(row: ModerationRow) -> Self {
        Self {
            id: row.id,
            post_slug: row.post_slug,
            post_title: row.post_title,
            comment_id: row.comment_id,
            comment_body: row.comment_body,
            author: author(row.author),
            moderator: Some(users::User {
                id: row.moderator_id,
                username: row.moderator_username,
                name: row.moderator_name,
                bio: None,
                image: None,
            }),
            reason: row.reason,
            created_at: Some(timestamp(row.created_at)),
        }
    }
}

impl From<BookRow> for books::Book {
    fn from(row: BookRow) -> Self {
        Self {
            id: row.id,
            isbn13: row.isbn13,
            title: row.title.unwrap_or_default(),
            authors: row.authors.map(|Authors(names)| names).unwrap_or_default(),
            published_year: row.published_year,
            language: row.language,
            description: row.description,
            cover_url: row.cover_url,
            price_cents: row.price_cents.unwrap_or_default(),
            currency: row.currency.unwrap_or_default(),
            stock: row.stock.unwrap_or_default(),
            rating_hundredths: row.rating_hundredths.unwrap_or_default(),
            ratings_count: row.ratings_count.unwrap_or_default(),
            created_at: row.created_at.map(timestamp),
            updated_at: row.updated_at.map(timestamp),
        }
    }
}

impl From<book::Model> for books::Book {
    fn from(row: book::Model) -> Self {
        Self {
            id: row.id,
            isbn13: row.isbn13,
            title: row.title,
            authors: row.authors.0,
            published_year: row.published_year,
            language: row.language,
            description: row.description,
            cover_url: row.cover_url,
            price_cents: row.price_cents,
            currency: row.currency,
            stock: row.stock,
            rating_hundredths: row.rating_hundredths,
            ratings_count: row.ratings_count,
            created_at: Some(timestamp(row.created_at)),
            updated_at: Some(timestamp(row.updated_at)),
        }
    }
}
