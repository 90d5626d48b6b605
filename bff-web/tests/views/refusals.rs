//! What is refused before a handler sees it, in the shape of the route that it was meant for.

use reqwest::Method;
use serde_json::json;
use test_kit::{
    fake_core::{BatchGetUserViewerStates, GetUser, ListComments, ListTags},
    status,
};

use crate::harness::{start, start_with};

#[tokio::test]
async fn a_body_and_a_head_that_are_too_large_are_refused_in_conduits_shape() {
    let app = start_with(&[("TRIPTYCH_SERVER__MAX_BODY_BYTES", "100")]).await;
    let large = app
        .guest
        .post_bytes("/api/users", "application/json", vec![b'x'; 200])
        .await;
    assert_eq!(
        (large.status, large.body),
        (413, json!({"errors": {"body": ["is too large"]}}))
    );
    let problem = app
        .guest
        .post_bytes("/api/session", "application/json", vec![b'x'; 200])
        .await;
    assert_eq!(problem.problem(), (413, "BODY_TOO_LARGE"));

    let head = app
        .guest
        .request(Method::GET, "/api/tags")
        .header("x-large", "x".repeat(17_000));
    let head = app.guest.send(head).await;
    assert_eq!(head.header("content-type"), "application/json; charset=utf-8");
    assert_eq!(
        (head.status, head.body),
        (431, json!({"errors": {"headers": ["are too large"]}}))
    );
}

#[tokio::test]
async fn whoever_asks_too_often_is_told_in_the_shape_of_the_route() {
    let app = start_with(&[("TRIPTYCH_RATE_LIMIT__PER_ADDRESS", "1")]).await;
    app.core.gives(ListTags, Default::default());
    app.guest.get("/api/tags").await.ok();

    let refused = app.guest.get("/api/tags").await;
    assert_eq!(refused.header("retry-after"), "60");
    assert_eq!(
        (refused.status, refused.body),
        (
            429,
            json!({"errors": {"requests": ["are too many; try again soon"]}})
        )
    );
    assert_eq!(
        app.guest.get("/api/views/home").await.problem(),
        (429, "RATE_LIMITED")
    );
    assert_eq!(app.guest.get("/nowhere").await.problem(), (429, "RATE_LIMITED"));
}

#[tokio::test]
async fn what_takes_too_long_is_told_in_conduits_shape() {
    let app = start_with(&[
        ("TRIPTYCH_SERVER__READ_DEADLINE", "50ms"),
        ("TRIPTYCH_CORE__READ_TIMEOUT", "5s"),
    ])
    .await;
    app.core.hangs(ListTags);
    let late = app.guest.get("/api/tags").await;
    assert_eq!(
        (late.status, late.body),
        (
            504,
            json!({"errors": {"server": ["took too long; try again soon"]}})
        )
    );
}

#[tokio::test]
async fn an_invalid_token_comes_before_what_there_is_not() {
    let app = start().await;
    app.core.refuses(GetUser, status::not_found("user"));
    app.core.refuses(ListComments, status::not_found("post"));
    for (path, thing) in [
        ("/api/profiles/nobody", "profile"),
        ("/api/articles/none/comments", "article"),
    ] {
        app.core
            .refuses(BatchGetUserViewerStates, status::unauthenticated("TOKEN_INVALID"));
        let invalid = app.ada.get(path).await;
        assert_eq!(
            (invalid.status, invalid.body),
            (401, json!({"errors": {"token": ["is invalid"]}}))
        );

        app.core.gives(BatchGetUserViewerStates, Default::default());
        for client in [&app.ada, &app.guest] {
            let missing = client.get(path).await;
            assert_eq!(
                (missing.status, missing.body),
                (404, json!({"errors": {thing: ["not found"]}}))
            );
        }
    }
}
