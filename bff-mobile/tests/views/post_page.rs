//! The screen of a post.

use proto::posts::v1::{
    BatchGetPostViewerStatesResponse, Comment, ListCommentsResponse, Post, PostViewerState,
    get_post_request::Key,
};
use test_kit::{
    fake_core::{BatchGetPostViewerStates, GetBook, GetPost, ListComments},
    status,
};

use crate::harness::{App, book, comment, post, start, start_impatient};

fn tell_everything(app: &App) {
    app.core.gives(GetPost, post(1));
    let comments = vec![comment(5)];
    app.core.gives(
        ListComments,
        ListCommentsResponse {
            post_id: 1,
            comments,
            next_page_token: "more".to_owned(),
        },
    );
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
async fn shows_the_post_with_its_comments_its_book_and_the_viewers_part() {
    let app = start().await;
    tell_everything(&app);

    insta::assert_json_snapshot!(app.ada.get("/v1/posts/post-1").await.ok(), @r#"
    {
      "book": {
        "author": "First Author",
        "id": 7,
        "title": "Book 7"
      },
      "comments": {
        "hasMore": true,
        "items": [
          {
            "author": {
              "image": "https://example.org/ada.png",
              "username": "ada"
            },
            "body": "Well said.",
            "createdAt": "2023-11-14T22:13:22.000Z",
            "id": 5,
            "more": false
          }
        ]
      },
      "meta": {
        "sections": {
          "book": {
            "state": "fresh"
          },
          "comments": {
            "state": "fresh"
          },
          "viewer": {
            "state": "fresh"
          }
        }
      },
      "post": {
        "author": {
          "image": "https://example.org/ada.png",
          "username": "ada"
        },
        "body": "The whole text.",
        "comments": 2,
        "createdAt": "2023-11-14T22:13:20.000Z",
        "likes": 3,
        "more": false,
        "tags": [
          "rust",
          "books"
        ],
        "title": "Post 1"
      },
      "viewer": {
        "followingAuthor": false,
        "liked": true
      }
    }
    "#);

    let asked = app.core.call(GetPost);
    assert_eq!(asked.message.key, Some(Key::Slug("post-1".to_owned())));
    assert_eq!(
        asked.message.read_mask.as_ref().map(|mask| mask.paths.len()),
        Some(9)
    );
    assert_eq!(asked.header("authorization"), "");
    let states = app.core.call(BatchGetPostViewerStates);
    assert_eq!(
        (states.message.post_ids.as_slice(), states.header("authorization")),
        (&[1][..], "Bearer ada-s-token")
    );
}

#[tokio::test]
async fn of_long_texts_there_is_a_screenful_and_the_rest_is_to_be_had() {
    let app = start().await;
    tell_everything(&app);
    let long = "word ".repeat(400);
    let (body, comment_body) = (long.clone(), long.clone());
    app.core.on(GetPost, move |_| {
        Ok(Post {
            body: body.clone(),
            ..post(1)
        })
    });
    app.core.on(ListComments, move |_| {
        let comment = Comment {
            body: comment_body.clone(),
            ..comment(5)
        };
        Ok(ListCommentsResponse {
            post_id: 1,
            comments: vec![comment],
            ..Default::default()
        })
    });

    let page = app.guest.get("/v1/posts/post-1").await.ok();
    for (part, longest) in [(&page["post"], 320), (&page["comments"]["items"][0], 140)] {
        let shown = part["body"].as_str().expect("a text");
        assert!(
            shown.ends_with("word…") && shown.chars().count() <= longest,
            "{shown}"
        );
        assert_eq!(part["more"], true);
    }
    assert_eq!(app.core.call(ListComments).message.page_size, 1);

    let whole = app.guest.get("/v1/posts/post-1/body").await.ok();
    assert_eq!(whole, serde_json::json!({ "body": long }));
    let masks = app.core.calls(GetPost);
    let mask = masks.last().and_then(|call| call.message.read_mask.clone());
    assert_eq!(mask.unwrap_or_default().paths, ["body"]);
}

#[tokio::test]
async fn a_guest_has_no_part_in_it() {
    let app = start().await;
    tell_everything(&app);
    let page = app.guest.get("/v1/posts/post-1").await.ok();
    assert_eq!(page["viewer"], serde_json::Value::Null);
    assert!(app.core.calls(BatchGetPostViewerStates).is_empty());
}

#[tokio::test]
async fn a_post_about_no_book_asks_for_none() {
    let app = start().await;
    tell_everything(&app);
    app.core.on(GetPost, |_| {
        Ok(proto::posts::v1::Post {
            book_id: None,
            ..post(1)
        })
    });
    assert_eq!(
        app.guest.get("/v1/posts/post-1").await.ok()["book"],
        serde_json::Value::Null
    );
    assert!(app.core.calls(GetBook).is_empty());
}

#[tokio::test]
async fn leaves_out_everything_but_the_post_while_it_is_down() {
    let app = start().await;
    app.core.gives(GetPost, post(1));

    let page = app.ada.get("/v1/posts/post-1").await.ok();

    assert_eq!(page["post"]["title"], "Post 1");
    insta::assert_json_snapshot!(page["meta"], @r#"
    {
      "sections": {
        "book": {
          "state": "missing"
        },
        "comments": {
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
async fn a_book_that_is_gone_is_not_missing() {
    let app = start().await;
    tell_everything(&app);
    app.core.refuses(GetBook, status::not_found("book"));
    let page = app.guest.get("/v1/posts/post-1").await.ok();
    assert_eq!(page["book"], serde_json::Value::Null);
    assert_eq!(page["meta"]["sections"]["book"]["state"], "fresh");
}

#[tokio::test]
async fn a_post_that_does_not_exist_is_a_problem() {
    let app = start().await;
    tell_everything(&app);
    app.core.refuses(GetPost, status::not_found("post"));
    let answer = app.guest.get("/v1/posts/nobody-s").await;
    assert_eq!(answer.problem(), (404, "NOT_FOUND"));
    assert_eq!(answer.body["detail"], "The post does not exist.");
}

#[tokio::test]
async fn without_the_post_there_is_no_screen() {
    let app = start_impatient().await;
    tell_everything(&app);
    app.core.hangs(GetPost);
    assert_eq!(
        app.guest.get("/v1/posts/post-1").await.problem(),
        (504, "DEADLINE_EXCEEDED")
    );
}
