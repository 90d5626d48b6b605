//! The home screen.

use std::time::{Duration, Instant};

use proto::{
    books::v1::ListBooksResponse,
    posts::v1::{
        BatchGetPostViewerStatesResponse, ListPostsResponse, ListTagsResponse, PostViewerState, Tag,
    },
};
use serde_json::Value;
use test_kit::{
    fake_core::{BatchGetPostViewerStates, ListBooks, ListPosts, ListTags},
    status,
};

use crate::harness::{App, book, post, posts, start, start_impatient};

fn tell_everything(app: &App) {
    app.core.on(ListPosts, |request| {
        Ok(posts(vec![post(if request.feed { 2 } else { 1 })]))
    });
    let tag = Tag {
        name: "rust".to_owned(),
        post_count: 5,
    };
    app.core.gives(ListTags, ListTagsResponse { tags: vec![tag] });
    let books = ListBooksResponse {
        books: vec![book(7)],
        next_page_token: String::new(),
    };
    app.core.gives(ListBooks, books);
    app.core.on(BatchGetPostViewerStates, |request| {
        let state = |id: &i64| PostViewerState {
            post_id: *id,
            liked: *id == 1,
            following_author: *id == 2,
        };
        Ok(BatchGetPostViewerStatesResponse {
            states: request.post_ids.iter().map(state).collect(),
        })
    });
}

#[tokio::test]
async fn a_guest_gets_the_whole_screen_without_a_feed() {
    let app = start().await;
    tell_everything(&app);

    insta::assert_json_snapshot!(app.guest.get("/api/views/home").await.ok(), @r#"
    {
      "books": [
        {
          "authors": [
            "First Author",
            "Second Author"
          ],
          "coverUrl": "https://example.org/cover.jpg",
          "currency": "EUR",
          "id": 7,
          "inStock": true,
          "priceCents": 1299,
          "publishedYear": -380,
          "rating": 4.12,
          "ratingsCount": 9,
          "title": "Book 7"
        }
      ],
      "feed": null,
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
          },
          "viewer": {
            "state": "fresh"
          }
        }
      },
      "posts": [
        {
          "author": {
            "bio": "Wrote the first program.",
            "image": "https://example.org/ada.png",
            "name": "Ada Lovelace",
            "username": "ada"
          },
          "comments": 2,
          "createdAt": "2023-11-14T22:13:20.000Z",
          "description": "What it is about.",
          "likes": 3,
          "slug": "post-1",
          "tags": [
            "rust",
            "books"
          ],
          "title": "Post 1",
          "viewer": null
        }
      ],
      "tags": [
        {
          "name": "rust",
          "posts": 5
        }
      ]
    }
    "#);

    assert_eq!(app.core.call(ListPosts).header("authorization"), "");
    assert_eq!(app.core.calls(BatchGetPostViewerStates).len(), 0);
}

#[tokio::test]
async fn whoever_is_signed_in_also_gets_a_feed_and_their_part_of_every_post() {
    let app = start().await;
    tell_everything(&app);

    let home = app.ada.get("/api/views/home").await.ok();

    insta::assert_json_snapshot!(home["posts"][0]["viewer"], @r#"
    {
      "followingAuthor": false,
      "liked": true
    }
    "#);
    insta::assert_json_snapshot!(home["feed"][0]["viewer"], @r#"
    {
      "followingAuthor": true,
      "liked": false
    }
    "#);
    let states = app.core.call(BatchGetPostViewerStates);
    assert_eq!(states.message.post_ids, [1, 2]);
    assert_eq!(states.header("authorization"), "Bearer ada-s-token");
    for call in app.core.calls(ListPosts) {
        let token = match call.message.feed {
            true => "Bearer ada-s-token",
            false => "",
        };
        assert_eq!(
            call.header("authorization"),
            token,
            "only the feed is for somebody"
        );
    }
}

#[tokio::test]
async fn leaves_out_what_is_down_and_says_so() {
    let app = start_impatient().await;
    tell_everything(&app);
    app.core
        .refuses(ListTags, tonic::Status::internal("a secret of the core"));
    app.core.hangs(ListBooks);
    app.core
        .refuses(BatchGetPostViewerStates, tonic::Status::unavailable("gone"));

    let home = app.ada.get("/api/views/home").await.ok();

    assert_eq!(home["posts"][0]["slug"], "post-1");
    assert_eq!(home["posts"][0]["viewer"], Value::Null);
    assert_eq!((&home["tags"], &home["books"]), (&Value::Null, &Value::Null));
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
        },
        "viewer": {
          "state": "missing"
        }
      }
    }
    "#);
}

#[tokio::test]
async fn the_feed_can_go_missing_while_the_posts_are_there() {
    let app = start().await;
    tell_everything(&app);
    app.core.on(ListPosts, |request| match request.feed {
        true => Err(tonic::Status::unavailable("gone")),
        false => Ok(posts(vec![post(1)])),
    });

    let home = app.ada.get("/api/views/home").await.ok();

    assert_eq!(home["feed"], Value::Null);
    assert_eq!(home["meta"]["sections"]["feed"]["state"], "missing");
    assert_eq!(home["posts"][0]["viewer"]["liked"], true);
}

#[tokio::test]
async fn opens_with_whatever_there_is() {
    let app = start().await;
    tell_everything(&app);
    app.core.refuses(ListPosts, tonic::Status::unavailable("gone"));
    let began = Instant::now();
    let home = app.guest.get("/api/views/home").await.ok();
    assert_eq!(home["posts"], Value::Null);
    assert_eq!(home["meta"]["sections"]["posts"]["state"], "missing");
    assert_eq!(home["meta"]["sections"]["tags"]["state"], "fresh");
    // Far less than the core may take over a call.
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
}

#[tokio::test]
async fn an_invalid_token_is_never_papered_over() {
    let app = start().await;
    tell_everything(&app);
    app.core.on(ListPosts, |request| match request.feed {
        true => Err(status::unauthenticated("TOKEN_INVALID")),
        false => Ok(ListPostsResponse::default()),
    });
    assert_eq!(
        app.ada.get("/api/views/home").await.problem(),
        (401, "TOKEN_INVALID")
    );
}
