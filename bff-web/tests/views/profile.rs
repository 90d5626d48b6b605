//! The page of somebody.

use proto::{
    posts::v1::{BatchGetPostViewerStatesResponse, PostViewerState},
    users::v1::{BatchGetUserViewerStatesResponse, UserViewerState, get_user_request::Key},
};
use serde_json::Value;
use test_kit::{
    fake_core::{BatchGetPostViewerStates, BatchGetUserViewerStates, GetUser, ListPosts},
    status,
};

use crate::harness::{App, ada, post, posts, start, start_impatient};

fn tell_everything(app: &App) {
    app.core.gives(GetUser, ada());
    app.core.on(ListPosts, |request| {
        Ok(posts(vec![post(if request.liked_by.is_empty() { 1 } else { 2 })]))
    });
    app.core.on(BatchGetPostViewerStates, |request| {
        let state = |id: &i64| PostViewerState {
            post_id: *id,
            liked: *id == 2,
            following_author: true,
        };
        Ok(BatchGetPostViewerStatesResponse {
            states: request.post_ids.iter().map(state).collect(),
        })
    });
    let following = UserViewerState {
        user_id: 1,
        following: true,
    };
    app.core.gives(
        BatchGetUserViewerStates,
        BatchGetUserViewerStatesResponse {
            states: vec![following],
        },
    );
}

#[tokio::test]
async fn shows_who_it_is_what_they_wrote_and_what_they_like() {
    let app = start().await;
    tell_everything(&app);

    insta::assert_json_snapshot!(app.ada.get("/api/views/profiles/ada").await.ok(), @r#"
    {
      "following": true,
      "liked": {
        "items": [
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
            "slug": "post-2",
            "tags": [
              "rust",
              "books"
            ],
            "title": "Post 2",
            "viewer": {
              "followingAuthor": true,
              "liked": true
            }
          }
        ],
        "pageInfo": {
          "endCursor": "more",
          "hasNextPage": true
        },
        "total": 42
      },
      "meta": {
        "sections": {
          "following": {
            "state": "fresh"
          },
          "liked": {
            "state": "fresh"
          },
          "posts": {
            "state": "fresh"
          },
          "viewer": {
            "state": "fresh"
          }
        }
      },
      "posts": {
        "items": [
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
            "viewer": {
              "followingAuthor": true,
              "liked": false
            }
          }
        ],
        "pageInfo": {
          "endCursor": "more",
          "hasNextPage": true
        },
        "total": 42
      },
      "user": {
        "bio": "Wrote the first program.",
        "image": "https://example.org/ada.png",
        "name": "Ada Lovelace",
        "username": "ada"
      }
    }
    "#);

    let asked = app.core.call(GetUser);
    assert_eq!(asked.message.key, Some(Key::Username("ada".to_owned())));
    assert_eq!(asked.header("authorization"), "");
    let states = app.core.call(BatchGetPostViewerStates);
    assert_eq!(states.message.post_ids, [1, 2]);
    assert_eq!(states.header("authorization"), "Bearer ada-s-token");
    for call in app.core.calls(ListPosts) {
        assert_eq!(call.header("authorization"), "");
    }
}

#[tokio::test]
async fn a_guest_follows_nobody_and_asks_for_no_state() {
    let app = start().await;
    tell_everything(&app);
    let page = app.guest.get("/api/views/profiles/ada").await.ok();
    assert_eq!(page["following"], Value::Null);
    assert_eq!(page["posts"]["items"][0]["viewer"], Value::Null);
    assert!(app.core.calls(BatchGetPostViewerStates).is_empty());
    assert!(app.core.calls(BatchGetUserViewerStates).is_empty());
}

#[tokio::test]
async fn leaves_out_everything_but_the_person_while_it_is_down() {
    let app = start().await;
    app.core.gives(GetUser, ada());

    let page = app.ada.get("/api/views/profiles/ada").await.ok();

    assert_eq!(page["user"]["username"], "ada");
    insta::assert_json_snapshot!(page["meta"], @r#"
    {
      "sections": {
        "following": {
          "state": "missing"
        },
        "liked": {
          "state": "missing"
        },
        "posts": {
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
async fn without_the_person_there_is_no_screen() {
    let app = start_impatient().await;
    tell_everything(&app);
    app.core.hangs(GetUser);
    let answer = app.guest.get("/api/views/profiles/ada").await;
    assert_eq!(answer.problem(), (504, "DEADLINE_EXCEEDED"));
    app.core.refuses(GetUser, status::not_found("user"));
    for path in ["", "/posts", "/liked"] {
        let answer = app.guest.get(&format!("/api/views/profiles/nobody{path}")).await;
        assert_eq!(answer.problem(), (404, "NOT_FOUND"), "{path}");
    }
}

#[tokio::test]
async fn an_invalid_token_is_never_papered_over() {
    let app = start().await;
    tell_everything(&app);
    app.core
        .refuses(BatchGetPostViewerStates, status::unauthenticated("TOKEN_INVALID"));
    for path in ["", "/posts", "/liked"] {
        let answer = app.ada.get(&format!("/api/views/profiles/ada{path}")).await;
        assert_eq!(answer.problem(), (401, "TOKEN_INVALID"), "{path}");
    }
}

#[tokio::test]
async fn older_posts_come_page_by_page() {
    let app = start().await;
    tell_everything(&app);

    let path = "/api/views/profiles/ada/liked?first=1&after=xyz";
    let page = app.ada.get(path).await.ok();

    assert_eq!(page["items"][0]["slug"], "post-2");
    assert_eq!(page["items"][0]["viewer"]["liked"], true);
    assert_eq!(page["pageInfo"]["endCursor"], "more");
    assert_eq!(page["meta"]["sections"]["viewer"]["state"], "fresh");
    let asked = app.core.call(ListPosts).message;
    assert_eq!(
        (&*asked.liked_by, asked.page_size, &*asked.page_token),
        ("ada", 1, "xyz")
    );
    assert!(!asked.with_total, "nobody looks at it");

    let page = app.guest.get("/api/views/profiles/ada/posts").await.ok();
    assert_eq!(page["items"][0]["slug"], "post-1");
}
