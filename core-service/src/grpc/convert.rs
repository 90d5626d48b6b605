//! Rows into messages, and the small things that several controllers read from requests.

use std::borrow::Cow;

use prost_types::Timestamp;
use proto::{FieldMask, books::v1 as books, orders::v1 as orders, posts::v1 as posts, users::v1 as users};
use time::OffsetDateTime;

use crate::error::Result;
use crate::models::book;
use crate::models::book::{Authors, BookRow};
use crate::models::comment::{CommentRow, PostedCommentRow};
use crate::models::fields::{Field, Fields};
use crate::models::moderation::ModerationRow;
use crate::models::order::{DaySalesRow, OrderRow, OrderState};
use crate::models::order_item::OrderItemRow;
use crate::models::post::{AuthorRow, PostRow, PostViewerRow, TAG_SEPARATOR};
use crate::models::user::{self, Role, UserRow};
use crate::services::books::ViewerState;
use crate::services::orders::{Line, Problem, Quote};
use crate::validators::fields;

/// The fields that a read wants: `default` where it names none.
pub(super) fn wanted<F: Field>(mask: Option<FieldMask>, default: Fields<F>) -> Result<Fields<F>> {
    fields::wanted(&paths(mask), default)
}

/// The names in a mask.
pub(super) fn paths(mask: Option<FieldMask>) -> Vec<String> {
    let paths = mask.unwrap_or_default().paths.into_iter();
    paths.map(Cow::into_owned).collect()
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

impl From<ViewerState> for books::BookViewerState {
    fn from(state: ViewerState) -> Self {
        Self {
            book_id: state.book_id,
            review_slug: state.review_slug,
            bought: state.bought,
        }
    }
}

impl From<OrderRow> for orders::Order {
    fn from(row: OrderRow) -> Self {
        let state = row.state.map(orders::OrderState::from).unwrap_or_default();
        Self {
            id: row.id,
            state: state.into(),
            currency: row.currency.unwrap_or_default(),
            total_cents: row.total_cents.unwrap_or_default(),
            copies: row.copies.unwrap_or_default(),
            items: row.items.into_iter().map(orders::OrderItem::from).collect(),
            buyer: author(row.buyer),
            payment_reference: row.payment_reference,
            placed_at: row.placed_at.map(timestamp),
            paid_at: row.paid_at.map(timestamp),
            shipped_at: row.shipped_at.map(timestamp),
            delivered_at: row.delivered_at.map(timestamp),
            cancelled_at: row.cancelled_at.map(timestamp),
        }
    }
}

impl From<OrderState> for orders::OrderState {
    fn from(state: OrderState) -> Self {
        match state {
            OrderState::Placed => Self::Placed,
            OrderState::Paid => Self::Paid,
            OrderState::Shipped => Self::Shipped,
            OrderState::Delivered => Self::Delivered,
            OrderState::Cancelled => Self::Cancelled,
        }
    }
}

impl From<OrderItemRow> for orders::OrderItem {
    fn from(row: OrderItemRow) -> Self {
        Self {
            book_id: row.book_id,
            title: row.title,
            price_cents: row.price_cents,
            quantity: row.quantity,
        }
    }
}

impl From<Quote> for orders::Quote {
    fn from(quote: Quote) -> Self {
        Self {
            orderable: quote.lines.iter().all(|line| line.problem.is_none()),
            lines: quote.lines.into_iter().map(orders::QuoteLine::from).collect(),
            currency: quote.currency,
            total_cents: quote.total_cents,
        }
    }
}

impl From<Line> for orders::QuoteLine {
    fn from(line: Line) -> Self {
        let problem = match line.problem {
            None => orders::QuoteProblem::Unspecified,
            Some(Problem::Gone) => orders::QuoteProblem::Gone,
            Some(Problem::TooFew) => orders::QuoteProblem::TooFew,
            Some(Problem::OtherCurrency) => orders::QuoteProblem::OtherCurrency,
        };
        Self {
            book_id: line.item.book_id,
            quantity: line.item.quantity,
            title: line.title,
            price_cents: line.price_cents,
            currency: line.currency,
            stock: line.stock,
            problem: problem.into(),
        }
    }
}

impl From<DaySalesRow> for orders::DaySales {
    fn from(row: DaySalesRow) -> Self {
        Self {
            day: row.day,
            currency: row.currency,
            orders: row.orders,
            copies: row.copies,
            total_cents: row.total_cents,
        }
    }
}
