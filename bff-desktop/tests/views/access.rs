//! Who gets in.

use proto::users::v1::Role;
use reqwest::Method;
use serde_json::json;
use test_kit::{fake_core::GetAccount, status};

use crate::harness::{account, start, start_impatient};

const ROUTES: [(Method, &str); 15] = [
    (Method::GET, "/v1/workspace"),
    (Method::GET, "/v1/books"),
    (Method::POST, "/v1/books"),
    (Method::POST, "/v1/books/import"),
    (Method::GET, "/v1/books/export"),
    (Method::GET, "/v1/books/7"),
    (Method::PATCH, "/v1/books/7"),
    (Method::DELETE, "/v1/books/7"),
    (Method::GET, "/v1/moderation"),
    (Method::GET, "/v1/posts"),
    (Method::GET, "/v1/posts/post-1"),
    (Method::POST, "/v1/posts/post-1/moderation"),
    (Method::GET, "/v1/comments"),
    (Method::POST, "/v1/posts/post-1/comments/5/moderation"),
    (Method::GET, "/v1/moderations"),
];

#[tokio::test]
async fn nobody_gets_in_without_a_token() {
    let app = start().await;
    for (method, path) in ROUTES {
        let answer = app.guest.send(app.guest.request(method.clone(), path)).await;
        assert_eq!(answer.problem(), (401, "TOKEN_MISSING"), "{method} {path}");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    assert_eq!(app.core.call_count(), 0);
}

#[tokio::test]
async fn an_invalid_token_is_refused_even_where_the_core_would_answer_anybody() {
    let app = start().await;
    app.core
        .refuses(GetAccount, status::unauthenticated("TOKEN_INVALID"));
    for (method, path) in ROUTES {
        let answer = app.ada.send(app.ada.request(method.clone(), path)).await;
        assert_eq!(answer.problem(), (401, "TOKEN_INVALID"), "{method} {path}");
    }
}

#[tokio::test]
async fn readers_do_not_get_in_with_a_token_of_another_client() {
    let app = start().await;
    app.core.gives(GetAccount, account(Role::Reader));
    for (method, path) in ROUTES {
        let answer = app
            .ada
            .send(app.ada.request(method.clone(), path).json(&json!({})))
            .await;
        assert_eq!(answer.problem(), (403, "FORBIDDEN"), "{method} {path}");
    }
    assert_eq!(app.core.call_count(), ROUTES.len());
}

#[tokio::test]
async fn whoever_cannot_be_asked_about_does_not_get_in() {
    let app = start_impatient().await;
    app.core.hangs(GetAccount);
    assert_eq!(
        app.ada.get("/v1/workspace").await.problem(),
        (504, "DEADLINE_EXCEEDED")
    );
    app.core.forget();
    assert_eq!(app.ada.get("/v1/workspace").await.problem(), (503, "UNAVAILABLE"));
}
