//! The page of a post.

use proto::posts::v1::{
    BatchGetPostViewerStatesResponse, ListCommentsResponse, Post, PostViewerState, get_post_request::Key,
};
use serde_json::Value;
use test_kit::{
    fake_core::{BatchGetPostViewerStates, GetBook, GetPost, ListComments, ListPosts},
    status,
};

use crate::harness::{App, ada, book, comment, post, posts, start, start_impatient};

fn tell_everything(app: &App) {
    app.core.gives(GetPost, post(1));
    app.core.gives(
        ListComments,
        ListCommentsResponse {
            post_id: 1,
            comments: vec![comment(5, ada())],
            next_page_token: "older".to_owned(),
        },
    );
    app.core.on(ListPosts, |request| {
        let other = if request.tag.is_empty() { 2 } else { 3 };
        Ok(posts(vec![post(1), post(other)]))
    });
    app.core.gives(GetBook, book(7));
    let state = PostViewerState {
        post_id: 1,
        liked: true,
        following_author: false,
    };
    app.core.gives(
        BatchGetPostViewerStates,
        BatchGetPostViewerStatesResponse { states: vec![state] },
    );
}

#[tokio::test]
async fn shows_the_post_with_everything_around_it() {
    let app = start().await;
    tell_everything(&app);

    insta::assert_json_snapshot!(app.ada.get("/api/views/posts/post-1").await.ok(), @r#"
    {
      "book": {
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
      },
      "comments": {
        "items": [
          {
            "author": {
              "bio": "Wrote the first program.",
              "image": "https://example.org/ada.png",
              "name": "Ada Lovelace",
              "username": "ada"
            },
            "body": "Well said.",
            "createdAt": "2023-11-14T22:13:22.000Z",
            "id": 5,
            "updatedAt": "2023-11-14T22:13:23.000Z"
          }
        ],
        "pageInfo": {
          "endCursor": "older",
          "hasNextPage": true
        }
      },
      "meta": {
        "sections": {
          "book": {
            "state": "fresh"
          },
          "comments": {
            "state": "fresh"
          },
          "others": {
            "state": "fresh"
          },
          "related": {
            "state": "fresh"
          },
          "viewer": {
            "state": "fresh"
          }
        }
      },
      "others": [
        {
          "comments": 2,
          "createdAt": "2023-11-14T22:13:20.000Z",
          "description": "What it is about.",
          "likes": 3,
          "slug": "post-2",
          "title": "Post 2"
        }
      ],
      "post": {
        "author": {
          "bio": "Wrote the first program.",
          "image": "https://example.org/ada.png",
          "name": "Ada Lovelace",
          "username": "ada"
        },
        "body": "The whole text.",
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
        "updatedAt": "2023-11-14T22:13:21.000Z"
      },
      "related": [
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
          "slug": "post-3",
          "title": "Post 3"
        }
      ],
      "viewer": {
        "followingAuthor": false,
        "liked": true
      }
    }
    "#);

    let asked = app.core.call(GetPost);
    assert_eq!(asked.message.key, Some(Key::Slug("post-1".to_owned())));
    assert_eq!(asked.header("authorization"), "");
    let lists = app.core.calls(ListPosts).into_iter().map(|call| call.message);
    let mut lists: Vec<_> = lists
        .map(|asked| (asked.author, asked.tag, asked.page_size))
        .collect();
    lists.sort();
    let of = |author: &str, tag: &str| (author.to_owned(), tag.to_owned(), 6);
    assert_eq!(lists, [of("", "rust"), of("ada", "")]);
    let states = app.core.call(BatchGetPostViewerStates);
    assert_eq!(states.message.post_ids, [1]);
    assert_eq!(states.header("authorization"), "Bearer ada-s-token");
}

#[tokio::test]
async fn what_a_post_has_not_is_not_asked_for() {
    let app = start().await;
    tell_everything(&app);
    app.core.on(GetPost, |_| {
        Ok(Post {
            book_id: None,
            tags: Vec::new(),
            ..post(1)
        })
    });
    let page = app.guest.get("/api/views/posts/post-1").await.ok();
    assert_eq!((&page["viewer"], &page["book"]), (&Value::Null, &Value::Null));
    assert_eq!(page["meta"]["sections"]["book"]["state"], "fresh");
    assert_eq!(page["related"], serde_json::json!([]));
    assert!(app.core.calls(BatchGetPostViewerStates).is_empty());
    assert!(app.core.calls(GetBook).is_empty());
    assert_eq!(app.core.calls(ListPosts).len(), 1);
}

#[tokio::test]
async fn leaves_out_everything_but_the_post_while_it_is_down() {
    let app = start().await;
    app.core.gives(GetPost, post(1));

    let page = app.ada.get("/api/views/posts/post-1").await.ok();

    assert_eq!(page["post"]["slug"], "post-1");
    insta::assert_json_snapshot!(page["meta"], @r#"
    {
      "sections": {
        "book": {
          "state": "missing"
        },
        "comments": {
          "state": "missing"
        },
        "others": {
          "state": "missing"
        },
        "related": {
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
async fn without_the_post_there_is_no_screen() {
    let app = start_impatient().await;
    tell_everything(&app);
    app.core.hangs(GetPost);
    let answer = app.guest.get("/api/views/posts/post-1").await;
    assert_eq!(answer.problem(), (504, "DEADLINE_EXCEEDED"));
    app.core.refuses(GetPost, status::not_found("post"));
    let answer = app.guest.get("/api/views/posts/post-1").await;
    assert_eq!(answer.problem(), (404, "NOT_FOUND"));
}

#[tokio::test]
async fn an_invalid_token_is_never_papered_over() {
    let app = start().await;
    tell_everything(&app);
    app.core
        .refuses(BatchGetPostViewerStates, status::unauthenticated("TOKEN_INVALID"));
    let answer = app.ada.get("/api/views/posts/post-1").await;
    assert_eq!(answer.problem(), (401, "TOKEN_INVALID"));
}

#[tokio::test]
async fn older_comments_come_page_by_page() {
    let app = start().await;
    tell_everything(&app);

    let page = app
        .guest
        .get("/api/views/posts/post-1/comments?first=1&after=older")
        .await
        .ok();

    assert_eq!(page["items"][0]["id"], 5);
    assert_eq!(page["pageInfo"]["endCursor"], "older");
    let asked = app.core.call(ListComments).message;
    assert_eq!(
        (&*asked.slug, asked.page_size, &*asked.page_token),
        ("post-1", 1, "older")
    );
    app.core.refuses(ListComments, status::not_found("post"));
    let answer = app.guest.get("/api/views/posts/nobody-s/comments").await;
    assert_eq!(answer.problem(), (404, "NOT_FOUND"));
}
