//! The home screen.

use std::time::{Duration, Instant};

use proto::{
    books::v1::ListBooksResponse,
    posts::v1::{ListPostsResponse, ListTagsResponse, Tag},
};
use test_kit::{
    fake_core::{Call, ListBooks, ListPosts, ListTags},
    status,
};

use crate::harness::{App, book, post, start, start_impatient, start_with};

/// At once, on a machine that does much else: before any call may have taken its time.
const AT_ONCE: Duration = Duration::from_secs(8);

fn tell_everything(app: &App) {
    app.core.on(ListPosts, |request| {
        let posts = vec![post(if request.feed { 2 } else { 1 })];
        Ok(ListPostsResponse {
            posts,
            next_page_token: "more".to_owned(),
            total_size: None,
        })
    });
    tell_tags(app);
    app.core.gives(
        ListBooks,
        ListBooksResponse {
            books: vec![book(7)],
            next_page_token: String::new(),
        },
    );
}

fn tell_tags(app: &App) {
    let tag = Tag {
        name: "rust".to_owned(),
        post_count: 5,
    };
    app.core.gives(ListTags, ListTagsResponse { tags: vec![tag] });
}

#[tokio::test]
async fn a_guest_gets_the_whole_screen_without_a_feed() {
    let app = start().await;
    tell_everything(&app);

    insta::assert_json_snapshot!(app.guest.get("/v1/home").await.ok(), @r#"
    {
      "books": [
        {
          "author": "First Author",
          "cover": [
            {
              "url": "https://images.gr-assets.com/books/1447303603m/2767052.jpg",
              "width": 98
            }
          ],
          "currency": "EUR",
          "id": 7,
          "priceCents": 1299,
          "rating": 4.12,
          "title": "Book 7"
        }
      ],
      "meta": {
        "sections": {
          "books": {
            "state": "fresh"
          },
          "feed": {
            "state": "fresh"
          },
          "posts": {
            "state": "fresh"
          },
          "tags": {
            "state": "fresh"
          }
        }
      },
      "posts": [
        {
          "author": "ada",
          "comments": 2,
          "createdAt": "2023-11-14T22:13:20.000Z",
          "excerpt": "word word word word word word word word word word word word word word word word word word word word word word word word word word word…",
          "likes": 3,
          "slug": "post-1",
          "title": "Post 1"
        }
      ],
      "tags": [
        "rust"
      ]
    }
    "#);

    let posts = app.core.call(ListPosts);
    assert_eq!(
        posts.message.read_mask.unwrap_or_default().paths,
        [
            "slug",
            "title",
            "description",
            "like_count",
            "comment_count",
            "created_at",
            "author",
        ]
    );
    let books = app.core.call(ListBooks).message;
    assert_eq!(
        books.read_mask.unwrap_or_default().paths,
        [
            "id",
            "title",
            "authors",
            "cover_url",
            "price_cents",
            "currency",
            "rating_hundredths",
            "ratings_count",
        ]
    );
}

#[tokio::test]
async fn whoever_is_signed_in_also_gets_a_feed_and_only_it_carries_the_token() {
    let app = start().await;
    tell_everything(&app);

    let home = app.ada.get("/v1/home").await.ok();

    assert_eq!(home["feed"][0]["slug"], "post-2");
    for call in app.core.calls(ListPosts) {
        let token = if call.message.feed {
            "Bearer ada-s-token"
        } else {
            ""
        };
        assert_eq!(call.header("authorization"), token);
    }
    assert_eq!(app.core.call(ListBooks).header("authorization"), "");
}

#[tokio::test]
async fn leaves_out_what_is_down_and_says_so() {
    let app = start_impatient().await;
    tell_everything(&app);
    app.core.refuses(ListTags, tonic_internal());
    app.core.hangs(ListBooks);

    let home = app.guest.get("/v1/home").await.ok();

    assert_eq!(home["posts"][0]["slug"], "post-1");
    assert_eq!((&home["tags"], &home["books"]), (&().into(), &().into()));
    insta::assert_json_snapshot!(home["meta"], @r#"
    {
      "sections": {
        "books": {
          "state": "missing"
        },
        "feed": {
          "state": "fresh"
        },
        "posts": {
          "state": "fresh"
        },
        "tags": {
          "state": "missing"
        }
      }
    }
    "#);
}

fn tonic_internal() -> tonic::Status {
    tonic::Status::internal("a secret of the core")
}

#[tokio::test]
async fn opens_with_whatever_there_is() {
    let app = start().await;
    tell_tags(&app);
    let began = Instant::now();
    let home = app.guest.get("/v1/home").await.ok();
    assert_eq!(home["posts"], serde_json::Value::Null);
    assert_eq!(home["meta"]["sections"]["posts"]["state"], "missing");
    assert_eq!(home["meta"]["sections"]["tags"]["state"], "fresh");
    assert!(began.elapsed() < AT_ONCE, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_core_that_is_gone_is_missed_at_once_and_no_longer_once_it_is_back() {
    let mut app = start().await;
    tell_everything(&app);
    app.core.stop();
    let began = Instant::now();
    assert_eq!(
        app.guest.get("/v1/home").await.ok()["posts"],
        serde_json::Value::Null
    );
    assert!(began.elapsed() < AT_ONCE, "{:?}", began.elapsed());

    app.core.start_again();
    let back = async {
        while app.guest.get("/v1/home").await.ok()["posts"].is_null() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), back)
        .await
        .expect("it comes back");
}

#[tokio::test]
async fn an_invalid_token_is_never_papered_over() {
    let app = start().await;
    tell_everything(&app);
    app.core.on(ListPosts, |request| match request.feed {
        true => Err(status::unauthenticated("TOKEN_INVALID")),
        false => Ok(ListPostsResponse::default()),
    });
    assert_eq!(app.ada.get("/v1/home").await.problem(), (401, "TOKEN_INVALID"));
}

#[tokio::test]
async fn the_core_is_told_the_name_of_the_request_and_how_long_it_has() {
    let app = start_impatient().await;
    tell_everything(&app);
    let named = app
        .guest
        .request(reqwest::Method::GET, "/v1/home")
        .header("x-request-id", "tap-7");
    app.guest.send(named).await.ok();

    let call = app.core.call(ListBooks);
    assert_eq!(call.header("x-request-id"), "tap-7");
    assert!(micros(&call) <= 1_000_000);
}

#[tokio::test]
async fn no_call_may_take_longer_than_its_request() {
    let app = start_with([("TRIPTYCH_SERVER__READ_DEADLINE", "1s")]).await;
    tell_everything(&app);
    app.guest.get("/v1/home").await.ok();
    // 20 ms are kept to answer in time.
    let time = micros(&app.core.call(ListBooks));
    assert!(time <= 980_000, "{time}");

    app.core.hangs(ListBooks);
    // A machine that does much else may need more than these 20 ms now and then; without them it never comes in time.
    let mut home = app.guest.get("/v1/home").await;
    for _ in 0..10 {
        if home.status == 200 {
            break;
        }
        home = app.guest.get("/v1/home").await;
    }
    assert_eq!(home.ok()["meta"]["sections"]["books"]["state"], "missing");
}

fn micros<M>(call: &Call<M>) -> u64 {
    let timeout = call.header("grpc-timeout");
    let digits = timeout.strip_suffix('u').and_then(|digits| digits.parse().ok());
    digits.unwrap_or_else(|| panic!("`{timeout}` is no number of microseconds"))
}
