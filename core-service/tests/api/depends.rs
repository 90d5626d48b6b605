//! Whatever makes a shared answer another one touches what that answer depends on: otherwise gateways would keep something
//! old. Every write is held against every read.

use core_service::models::session::Client;
use proto::batch::v1::{Answer, Call};
use proto::books::v1::{
    BookOrder, CreateBookRequest, DeleteBookRequest, GetBookRequest, ListBooksRequest, UpdateBookRequest,
};
use proto::posts::v1::{
    CreateCommentRequest, CreatePostRequest, DeletePostRequest, LikePostRequest, ListCommentsRequest,
    ListPostsRequest, ListTagsRequest, UnlikePostRequest, UpdatePostRequest,
};
use proto::users::v1::{GetUserRequest, UpdateAccountRequest, get_user_request};

use tonic::{Response, Status};

use crate::app::{Actor, App, a_book, a_post, an_order, by_slug, mask};
use crate::batches::{call, run};
use crate::changes::{end, told};

/// What the screens of the gateways are made from.
fn reads(book_id: i64) -> Vec<(&'static str, Call)> {
    let guest = Actor::guest();
    let user = |name: &str| GetUserRequest {
        key: Some(get_user_request::Key::Username(name.to_owned())),
        read_mask: None,
    };
    let posts = |list: ListPostsRequest| call(&list, &guest);
    vec![
        (
            "a book",
            call(
                &GetBookRequest {
                    id: book_id,
                    read_mask: None,
                },
                &guest,
            ),
        ),
        ("popular books", call(&ListBooksRequest::default(), &guest)),
        (
            "books by stock",
            call(
                &ListBooksRequest {
                    order: BookOrder::Stock.into(),
                    page_size: 1,
                    ..Default::default()
                },
                &guest,
            ),
        ),
        ("a post", call(&by_slug("first"), &guest)),
        ("a post that is to come", call(&by_slug("second"), &guest)),
        (
            "posts",
            posts(ListPostsRequest {
                with_total: true,
                ..Default::default()
            }),
        ),
        (
            "posts of ada",
            posts(ListPostsRequest {
                author: "ada".to_owned(),
                ..Default::default()
            }),
        ),
        (
            "posts of somebody to come",
            posts(ListPostsRequest {
                author: "ada2".to_owned(),
                ..Default::default()
            }),
        ),
        (
            "posts that eve likes",
            posts(ListPostsRequest {
                liked_by: "eve".to_owned(),
                ..Default::default()
            }),
        ),
        (
            "posts about the book",
            posts(ListPostsRequest {
                book_id: Some(book_id),
                ..Default::default()
            }),
        ),
        (
            "posts with a tag",
            posts(ListPostsRequest {
                tag: "new".to_owned(),
                ..Default::default()
            }),
        ),
        (
            "comments",
            call(
                &ListCommentsRequest {
                    slug: "first".to_owned(),
                    ..Default::default()
                },
                &guest,
            ),
        ),
        ("tags", call(&ListTagsRequest { most_used: 10 }, &guest)),
        ("a user", call(&user("ada"), &guest)),
        ("a user to come", call(&user("ada2"), &guest)),
    ]
}

/// What the reads answer now.
async fn answers(app: &App, book_id: i64) -> Vec<Answer> {
    app.services.feed.settle().await.expect("the log is followed");
    let calls = reads(book_id).into_iter().map(|(_, call)| call).collect();
    run(app, Client::Web, calls).await
}

/// Writes, and holds every read against it: the names of those that are answered in another way afterwards.
async fn changed_by<T>(
    app: &App,
    book_id: i64,
    write: impl Future<Output = Result<Response<T>, Status>>,
) -> Vec<&'static str> {
    let (before, place) = (answers(app, book_id).await, end(app).await);
    write.await.unwrap();
    let after = answers(app, book_id).await;
    let changes = told(app, &Actor::guest(), place).await;
    let touched: Vec<u64> = changes.into_iter().flat_map(|change| change.touches).collect();

    let mut changed = Vec::new();
    for (((name, _), before), after) in reads(book_id).into_iter().zip(before).zip(after) {
        assert_eq!(
            before.as_of, place.seq,
            "{name} has seen all that was written before"
        );
        let knows = before.depends_on.iter().any(|key| touched.contains(key));
        if before.outcome != after.outcome {
            assert!(knows, "{name} is another, and nobody is told: {touched:?}");
            changed.push(name);
        }
    }
    changed
}

/// These have changed, or else the write is not the one that this test is about.
fn expect(changed: &[&str], wanted: &[&str]) {
    let all = wanted.iter().all(|name| changed.contains(name));
    assert!(all, "not all of {wanted:?} have changed: {changed:?}");
}

#[tokio::test]
async fn whatever_makes_an_answer_another_touches_what_it_depends_on() {
    let app = App::start().await;
    let (tim, ada, eve) = (
        app.staff("tim").await,
        app.reader("ada").await,
        app.reader("eve").await,
    );
    let (emma, _) = (
        app.book(&tim, "Emma", "Austen").await,
        app.book(&tim, "Iliad", "Homer").await,
    );
    let id = emma.id;
    let tagged = |title: &str, tag: &str| CreatePostRequest {
        book_id: Some(id),
        tags: vec![tag.to_owned()],
        ..a_post(title)
    };
    let slug = |name: &str| name.to_owned();
    app.posts()
        .create_post(ada.asks(tagged("First", "old")))
        .await
        .unwrap();
    let (mut posts, mut books, mut users, mut orders) = (app.posts(), app.books(), app.users(), app.orders());

    let price = UpdateBookRequest {
        id,
        book: Some(CreateBookRequest {
            price_cents: 99,
            ..a_book("Emma", "Austen")
        }),
        update_mask: mask(&["price_cents"]),
    };
    let changed = changed_by(&app, id, books.update_book(tim.asks(price))).await;
    expect(&changed, &["a book", "popular books"]);

    let changed = changed_by(&app, id, orders.place_order(eve.asks(an_order(&[(id, 1)])))).await;
    expect(&changed, &["a book", "popular books", "books by stock"]);

    let like = LikePostRequest {
        slug: slug("first"),
        read_mask: None,
    };
    let changed = changed_by(&app, id, posts.like_post(eve.asks(like))).await;
    expect(
        &changed,
        &[
            "a post",
            "posts",
            "posts of ada",
            "posts that eve likes",
            "posts about the book",
        ],
    );

    let unlike = UnlikePostRequest {
        slug: slug("first"),
        read_mask: None,
    };
    let changed = changed_by(&app, id, posts.unlike_post(eve.asks(unlike))).await;
    expect(&changed, &["posts that eve likes"]);

    let comment = CreateCommentRequest {
        slug: slug("first"),
        body: "Indeed.".to_owned(),
    };
    let changed = changed_by(&app, id, posts.create_comment(eve.asks(comment))).await;
    expect(
        &changed,
        &[
            "a post",
            "posts",
            "posts of ada",
            "posts about the book",
            "comments",
        ],
    );

    let changed = changed_by(&app, id, posts.create_post(ada.asks(tagged("Second", "new")))).await;
    expect(
        &changed,
        &[
            "a post that is to come",
            "posts",
            "posts of ada",
            "posts about the book",
            "posts with a tag",
            "tags",
        ],
    );

    let text = UpdatePostRequest {
        slug: slug("first"),
        post: Some(CreatePostRequest {
            body: "Another text.".to_owned(),
            ..a_post("First")
        }),
        update_mask: mask(&["body"]),
    };
    let changed = changed_by(&app, id, posts.update_post(ada.asks(text))).await;
    expect(&changed, &["a post"]);

    let name = UpdateAccountRequest {
        username: slug("ada2"),
        update_mask: mask(&["username"]),
        ..Default::default()
    };
    let changed = changed_by(&app, id, users.update_account(ada.asks(name))).await;
    expect(
        &changed,
        &[
            "posts of ada",
            "posts of somebody to come",
            "a user",
            "a user to come",
            "a post",
            "posts",
        ],
    );

    let gone = DeletePostRequest { slug: slug("first") };
    let changed = changed_by(&app, id, posts.delete_post(ada.asks(gone))).await;
    expect(&changed, &["a post", "posts", "comments", "tags"]);

    let changed = changed_by(
        &app,
        id,
        books.create_book(tim.asks(a_book("Persuasion", "Austen"))),
    )
    .await;
    expect(&changed, &["popular books"]);
    let changed = changed_by(&app, id, books.delete_book(tim.asks(DeleteBookRequest { id }))).await;
    expect(&changed, &["a book", "popular books"]);
}
