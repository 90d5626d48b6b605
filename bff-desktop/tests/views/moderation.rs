//! What readers wrote, and taking it away.

use proto::posts::v1::{
    ListModerationsResponse, ListNewestCommentsResponse, ListPostsResponse, Moderation, get_post_request::Key,
};
use serde_json::json;
use test_kit::{
    fake_core::{GetPost, ListModerations, ListNewestComments, ListPosts, ModerateComment, ModeratePost},
    status,
};
use tonic::Status;

use crate::harness::{App, comment, moderation, post, start, start_impatient};

fn tell_everything(app: &App) {
    let posts = ListPostsResponse {
        posts: vec![post(1)],
        next_page_token: "more-posts".to_owned(),
        total_size: None,
    };
    app.core.gives(ListPosts, posts);
    let comments = ListNewestCommentsResponse {
        comments: vec![comment(5)],
        next_page_token: "more-comments".to_owned(),
    };
    app.core.gives(ListNewestComments, comments);
    let moderations = ListModerationsResponse {
        moderations: vec![moderation(3)],
        next_page_token: String::new(),
    };
    app.core.gives(ListModerations, moderations);
}

#[tokio::test]
async fn shows_the_newest_posts_and_comments_and_what_was_taken_away() {
    let app = start().await;
    tell_everything(&app);

    insta::assert_json_snapshot!(app.ada.get("/v1/moderation").await.ok(), @r#"
    {
      "comments": {
        "items": [
          {
            "author": {
              "id": 1,
              "name": "Ada Lovelace",
              "username": "ada"
            },
            "body": "Buy now!",
            "createdAt": "2023-11-14T22:13:22.000Z",
            "id": 5,
            "post": {
              "slug": "post-1",
              "title": "Post 1"
            }
          }
        ],
        "pageInfo": {
          "endCursor": "more-comments",
          "hasNextPage": true
        }
      },
      "meta": {
        "sections": {
          "comments": {
            "state": "fresh"
          },
          "moderations": {
            "state": "fresh"
          }
        }
      },
      "moderations": {
        "items": [
          {
            "author": {
              "id": 1,
              "name": "Ada Lovelace",
              "username": "ada"
            },
            "comment": {
              "body": "Buy now!",
              "id": 5
            },
            "createdAt": "2023-11-14T22:13:24.000Z",
            "id": 3,
            "moderator": {
              "id": 1,
              "name": "Ada Lovelace",
              "username": "ada"
            },
            "post": {
              "slug": "post-1",
              "title": "Post 1"
            },
            "reason": "An advertisement"
          }
        ],
        "pageInfo": {
          "endCursor": null,
          "hasNextPage": false
        }
      },
      "posts": {
        "items": [
          {
            "author": {
              "id": 1,
              "name": "Ada Lovelace",
              "username": "ada"
            },
            "commentCount": 2,
            "createdAt": "2023-11-14T22:13:20.000Z",
            "description": "What it is about.",
            "id": 1,
            "likeCount": 3,
            "slug": "post-1",
            "tags": [
              "rust"
            ],
            "title": "Post 1"
          }
        ],
        "pageInfo": {
          "endCursor": "more-posts",
          "hasNextPage": true
        }
      }
    }
    "#);
    assert_eq!(
        app.core.call(ListNewestComments).header("authorization"),
        "Bearer ada-s-token"
    );
}

#[tokio::test]
async fn leaves_out_the_comments_and_what_was_taken_away_while_they_are_down() {
    let app = start_impatient().await;
    tell_everything(&app);
    app.core.hangs(ListNewestComments);
    app.core.refuses(ListModerations, Status::unavailable("gone"));

    let desk = app.ada.get("/v1/moderation").await.ok();

    assert_eq!(desk["posts"]["items"][0]["slug"], "post-1");
    insta::assert_json_snapshot!(desk["meta"], @r#"
    {
      "sections": {
        "comments": {
          "state": "missing"
        },
        "moderations": {
          "state": "missing"
        }
      }
    }
    "#);
}

#[tokio::test]
async fn without_the_posts_there_is_nothing_to_moderate() {
    let app = start().await;
    tell_everything(&app);
    app.core.refuses(ListPosts, Status::unavailable("gone"));
    assert_eq!(
        app.ada.get("/v1/moderation").await.problem(),
        (503, "UNAVAILABLE")
    );
}

#[tokio::test]
async fn each_list_goes_on_by_its_cursor() {
    let app = start().await;
    tell_everything(&app);
    for path in ["/v1/posts", "/v1/comments", "/v1/moderations"] {
        let page = app.ada.get(&format!("{path}?first=1&after=xyz")).await.ok();
        assert_eq!(page["items"].as_array().map(Vec::len), Some(1), "{path}");
    }
    let posts = app.core.call(ListPosts).message;
    let comments = app.core.call(ListNewestComments).message;
    let moderations = app.core.call(ListModerations).message;
    for (first, after) in [
        (posts.page_size, posts.page_token),
        (comments.page_size, comments.page_token),
        (moderations.page_size, moderations.page_token),
    ] {
        assert_eq!((first, &*after), (1, "xyz"));
    }
}

#[tokio::test]
async fn a_post_can_be_read_before_it_is_judged() {
    let app = start().await;
    app.core.gives(GetPost, post(1));

    insta::assert_json_snapshot!(app.ada.get("/v1/posts/post-1").await.ok(), @r#"
    {
      "author": {
        "id": 1,
        "name": "Ada Lovelace",
        "username": "ada"
      },
      "body": "The whole text.",
      "commentCount": 2,
      "createdAt": "2023-11-14T22:13:20.000Z",
      "description": "What it is about.",
      "id": 1,
      "likeCount": 3,
      "slug": "post-1",
      "tags": [
        "rust"
      ],
      "title": "Post 1",
      "updatedAt": "2023-11-14T22:13:21.000Z"
    }
    "#);
    let asked = app.core.call(GetPost).message;
    assert_eq!(asked.key, Some(Key::Slug("post-1".to_owned())));
}

#[tokio::test]
async fn what_is_taken_away_is_answered_with_its_reason() {
    let app = start().await;
    let whole_post = Moderation {
        comment_id: None,
        comment_body: None,
        ..moderation(4)
    };
    app.core.gives(ModeratePost, whole_post);
    app.core.gives(ModerateComment, moderation(3));
    let reason = || json!({"reason": "An advertisement"});

    let post = app.ada.post("/v1/posts/post-1/moderation", reason()).await;
    assert_eq!((post.status, &post.body["comment"]), (201, &json!(null)));
    let asked = app.core.call(ModeratePost).message;
    assert_eq!((&*asked.slug, &*asked.reason), ("post-1", "An advertisement"));

    let path = "/v1/posts/post-1/comments/5/moderation";
    let comment = app.ada.post(path, reason()).await;
    assert_eq!((comment.status, &comment.body["comment"]["id"]), (201, &json!(5)));
    let asked = app.core.call(ModerateComment).message;
    assert_eq!(
        (&*asked.slug, asked.id, &*asked.reason),
        ("post-1", 5, "An advertisement")
    );
}

#[tokio::test]
async fn nothing_is_taken_away_without_a_reason_or_twice() {
    let app = start().await;
    let path = "/v1/posts/post-1/moderation";
    let shapeless = app.ada.post(path, json!({})).await;
    assert_eq!(shapeless.errors(), ["reason is missing"]);
    assert!(app.core.calls(ModeratePost).is_empty());

    app.core
        .refuses(ModeratePost, status::invalid(&[("reason", "can't be blank")]));
    let blank = app.ada.post(path, json!({"reason": " "})).await;
    assert_eq!(blank.errors(), ["reason can't be blank"]);

    app.core.refuses(ModeratePost, status::not_found("post"));
    let gone = app.ada.post(path, json!({"reason": "Spam"})).await;
    assert_eq!(gone.problem(), (404, "NOT_FOUND"));
}
