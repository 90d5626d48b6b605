//! Likes and follows; and what all writes have in common.

use proto::{posts::v1::Post, users::v1::User};
use reqwest::Method;
use serde_json::{Value, json};
use test_kit::{
    client::Answer,
    fake_core::{CreateComment, Follow, LikePost, Register, Unfollow, UnlikePost, UpdateAccount},
    status,
};

use crate::harness::{App, account, ada, comment, post, start};

/// Every write of somebody who is signed in, with a body that is well.
fn writes() -> [(Method, &'static str, Value); 7] {
    [
        (Method::PUT, "/v1/posts/post-1/like", Value::Null),
        (Method::DELETE, "/v1/posts/post-1/like", Value::Null),
        (Method::PUT, "/v1/profiles/ada/follow", Value::Null),
        (Method::DELETE, "/v1/profiles/ada/follow", Value::Null),
        (Method::POST, "/v1/posts/post-1/comments", json!({"body": "b"})),
        (Method::DELETE, "/v1/posts/post-1/comments/5", Value::Null),
        (Method::PATCH, "/v1/me", json!({"name": "Ada"})),
    ]
}

async fn as_ada(app: &App, method: &Method, path: &str, body: &Value) -> Answer {
    let request = app.ada.request(method.clone(), path);
    app.ada
        .send(if body.is_null() {
            request
        } else {
            request.json(body)
        })
        .await
}

#[tokio::test]
async fn a_like_is_answered_with_how_many_there_are() {
    let app = start().await;
    app.core.gives(
        LikePost,
        Post {
            like_count: 4,
            ..post(1)
        },
    );
    app.core.gives(UnlikePost, post(1));
    let (path, nothing) = ("/v1/posts/post-1/like", Value::Null);

    let liked = as_ada(&app, &Method::PUT, path, &nothing).await.ok();
    assert_eq!(liked, json!({"liked": true, "likes": 4}));
    let call = app.core.call(LikePost);
    assert_eq!(call.message.slug, "post-1");
    assert_eq!(call.message.read_mask.unwrap_or_default().paths, ["like_count"]);

    let unliked = as_ada(&app, &Method::DELETE, path, &nothing).await.ok();
    assert_eq!(unliked, json!({"liked": false, "likes": 3}));
    let asked = app.core.call(UnlikePost).message.read_mask;
    assert_eq!(asked.unwrap_or_default().paths, ["like_count"]);
}

#[tokio::test]
async fn a_follow_is_answered_with_whom() {
    let app = start().await;
    let name_only = User {
        username: "Ada".to_owned(),
        ..User::default()
    };
    app.core.gives(Follow, name_only);
    app.core.gives(Unfollow, ada());
    let (path, nothing) = ("/v1/profiles/ADA/follow", Value::Null);

    let followed = as_ada(&app, &Method::PUT, path, &nothing).await.ok();
    assert_eq!(followed, json!({"username": "Ada", "following": true}));
    let asked = app.core.call(Follow).message;
    assert_eq!(
        (&*asked.username, asked.read_mask.unwrap_or_default().paths),
        ("ADA", vec!["username".into()])
    );
    let unfollowed = as_ada(&app, &Method::DELETE, path, &nothing).await.ok();
    assert_eq!(unfollowed, json!({"username": "ada", "following": false}));
}

#[tokio::test]
async fn nobody_writes_without_a_token() {
    let app = start().await;
    for (method, path, body) in writes() {
        let request = app.guest.request(method.clone(), path).json(&body);
        let answer = app.guest.send(request).await;
        assert_eq!(answer.problem(), (401, "TOKEN_MISSING"), "{method} {path}");
    }
    assert_eq!(app.guest.get("/v1/me").await.problem(), (401, "TOKEN_MISSING"));
    assert_eq!(app.core.call_count(), 0);
}

#[tokio::test]
async fn each_write_is_one_call_that_carries_the_key_and_the_token() {
    let app = start().await;
    app.core.gives(LikePost, post(1));
    app.core.gives(Follow, ada());
    app.core.gives(CreateComment, comment(5));
    app.core.gives(UpdateAccount, account());
    app.core.gives(Register, account());
    let key = "0192f0c1-7c1e-7e6b-9d8e-3a4b5c6d7e8f";
    let new_user = json!({"username": "ada", "email": "a@example.org", "password": "correct horse"});
    let mut sent = 0;
    for (method, path, body) in [
        (Method::PUT, "/v1/posts/post-1/like", json!({})),
        (Method::PUT, "/v1/profiles/ada/follow", json!({})),
        (Method::POST, "/v1/posts/post-1/comments", json!({"body": "b"})),
        (Method::PATCH, "/v1/me", json!({"name": "Ada"})),
        (Method::POST, "/v1/users", new_user),
    ] {
        let request = app.ada.request(method.clone(), path).json(&body);
        app.ada.send(request.header("idempotency-key", key)).await.ok();
        sent += 1;
        assert_eq!(app.core.call_count(), sent, "{method} {path}");
    }
    assert_eq!(app.core.call(LikePost).header("idempotency-key"), key);
    assert_eq!(app.core.call(Follow).header("idempotency-key"), key);
    assert_eq!(app.core.call(CreateComment).header("idempotency-key"), key);
    assert_eq!(app.core.call(UpdateAccount).header("idempotency-key"), key);
    assert_eq!(app.core.call(Register).header("idempotency-key"), key);
    let liked = app.core.call(LikePost);
    assert_eq!(liked.header("authorization"), "Bearer ada-s-token");
    assert_eq!(app.core.call(Register).header("authorization"), "");
}

#[tokio::test]
async fn while_the_core_is_away_nothing_is_written_and_that_is_said() {
    let app = start().await;
    for (method, path, body) in writes() {
        let answer = as_ada(&app, &method, path, &body).await;
        assert_eq!(answer.problem(), (503, "UNAVAILABLE"), "{method} {path}");
    }
}

#[tokio::test]
async fn what_is_not_there_cannot_be_liked_or_followed() {
    let app = start().await;
    app.core.refuses(LikePost, status::not_found("post"));
    app.core.refuses(Follow, status::not_found("user"));
    for path in ["/v1/posts/nobody-s/like", "/v1/profiles/nobody/follow"] {
        let answer = as_ada(&app, &Method::PUT, path, &Value::Null).await;
        assert_eq!(answer.problem(), (404, "NOT_FOUND"), "{path}");
    }
}
