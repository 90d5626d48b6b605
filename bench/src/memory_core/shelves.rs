//! What is on the shelves: as many posts, books and tags as the largest screen shows, of lengths as people write them.

use prost_types::Timestamp;
use proto::{books::v1::Book, posts::v1::*, users::v1::User};

/// How many there are of each.
pub(super) const POSTS: i64 = 100;
pub(super) const BOOKS: i64 = 100;

/// The first post of all, in seconds.
const BEGAN: i64 = 1_760_000_000;

pub(super) fn post(id: i64) -> Post {
    Post {
        id,
        slug: format!("on-reading-slowly-{id}"),
        title: format!("On reading slowly {id}"),
        description: "Why it pays to turn back a page.".to_owned(),
        body: "It was late, and the lamp stood low. ".repeat(12),
        tags: ["reading", "essays", "evenings"].map(str::to_owned).to_vec(),
        book_id: Some(id),
        like_count: 10 + id,
        comment_count: id % 7,
        created_at: Some(moment(id)),
        updated_at: Some(moment(id)),
        author: Some(author(id % 5)),
        viewer: None,
    }
}

pub(super) fn book(id: i64) -> Book {
    Book {
        id,
        isbn13: Some("9780141439587".to_owned()),
        title: format!("The Long Way Home {id}"),
        authors: vec!["Margaret Holloway".to_owned()],
        published_year: Some(1815),
        language: Some("en".to_owned()),
        description: Some("A family, a house, and a summer that nobody talks about. ".repeat(5)),
        cover_url: None,
        price_cents: 1290,
        currency: "EUR".to_owned(),
        stock: 12,
        rating_hundredths: 412,
        ratings_count: 1_000 - id,
        created_at: Some(moment(id)),
        updated_at: Some(moment(id)),
    }
}

pub(super) fn tag(number: i64) -> Tag {
    Tag {
        name: format!("tag-{number}"),
        post_count: 100 - number,
    }
}

fn author(number: i64) -> User {
    User {
        id: number,
        username: format!("reader{number}"),
        name: format!("Reader Number {number}"),
        bio: Some(
            "Reads on trains and in kitchens, mostly what others have put back on the shelf, and says so."
                .to_owned(),
        ),
        image: Some(format!("https://images.example.org/people/reader{number}.jpeg")),
    }
}

fn moment(number: i64) -> Timestamp {
    Timestamp {
        seconds: BEGAN + number * 3_600,
        nanos: 0,
    }
}
