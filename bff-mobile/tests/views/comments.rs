//! Comments.

use proto::posts::v1::ListCommentsResponse;
use serde_json::json;
use test_kit::{
    fake_core::{CreateComment, DeleteComment, ListComments},
    status,
};

use crate::harness::{comment, start};

#[tokio::test]
async fn a_page_has_whole_comments_and_a_cursor() {
    let app = start().await;
    app.core.gives(
        ListComments,
        ListCommentsResponse {
            post_id: 1,
            comments: vec![comment(5)],
            next_page_token: "abc".to_owned(),
        },
    );

    let page = app.guest.get("/v1/posts/post-1/comments?first=1&after=xyz").await;

    insta::assert_json_snapshot!(page.ok(), @r#"
    {
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
      ],
      "pageInfo": {
        "endCursor": "abc",
        "hasNextPage": true
      }
    }
    "#);
    let asked = app.core.call(ListComments).message;
    assert_eq!(
        (&*asked.slug, asked.page_size, &*asked.page_token),
        ("post-1", 1, "xyz")
    );
}

#[tokio::test]
async fn without_the_core_there_are_no_comments() {
    let app = start().await;
    let answer = app.guest.get("/v1/posts/post-1/comments").await;
    assert_eq!(answer.problem(), (503, "UNAVAILABLE"));
    app.core.refuses(ListComments, status::not_found("post"));
    let answer = app.guest.get("/v1/posts/nobody-s/comments").await;
    assert_eq!(answer.problem(), (404, "NOT_FOUND"));
}

#[tokio::test]
async fn a_comment_is_answered_with_all_there_is_of_it() {
    let app = start().await;
    app.core.gives(CreateComment, comment(5));

    let answer = app
        .ada
        .post("/v1/posts/post-1/comments", json!({"body": "Well said."}))
        .await;

    assert_eq!(answer.status, 201);
    assert_eq!(answer.body["id"], 5);
    let call = app.core.call(CreateComment);
    assert_eq!(
        (&*call.message.slug, &*call.message.body),
        ("post-1", "Well said.")
    );
    assert_eq!(call.header("authorization"), "Bearer ada-s-token");
    assert_eq!(app.core.call_count(), 1);
}

#[tokio::test]
async fn a_comment_of_the_wrong_shape_never_reaches_the_core() {
    let app = start().await;
    let answer = app
        .ada
        .post("/v1/posts/post-1/comments", json!({"body": null, "stars": 5}))
        .await;
    let mut errors = answer.errors();
    errors.sort();
    assert_eq!(errors, ["body can't be null", "stars is unknown"]);
    assert_eq!(app.core.call_count(), 0);
}

#[tokio::test]
async fn a_comment_goes_if_it_is_ones_own() {
    let app = start().await;
    app.core.gives(DeleteComment, ());
    let path = "/v1/posts/post-1/comments/5";
    assert_eq!(app.ada.delete(path).await.status, 204);
    let asked = app.core.call(DeleteComment).message;
    assert_eq!((&*asked.slug, asked.id), ("post-1", 5));

    app.core.refuses(DeleteComment, status::forbidden("comment"));
    assert_eq!(app.ada.delete(path).await.problem(), (403, "FORBIDDEN"));
    let answer = app.ada.delete("/v1/posts/post-1/comments/five").await;
    assert_eq!(answer.problem(), (404, "NOT_FOUND"));
}
