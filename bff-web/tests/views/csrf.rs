//! Pages of other origins that try to make a browser change something.

use reqwest::Method;
use serde_json::json;
use test_kit::{
    client::{Answer, Client},
    fake_core::{CreateSession, DeleteSession, Follow, Register},
};

use crate::harness::{account, ada, session, start, start_with};

/// A sign-out with these header fields; the cookie comes by itself, as browsers do it.
async fn sign_out(client: &Client, fields: &[(&str, &str)]) -> Answer {
    let mut request = client
        .request(Method::DELETE, "/api/session")
        .header("cookie", "sid=t");
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    client.send(request).await
}

async fn sign_in(client: &Client, path: &str, fields: &[(&str, &str)]) -> Answer {
    let user = json!({"username": "ada", "email": "ada@example.org", "password": "correct horse"});
    let body = match path {
        "/api/session" => json!({"email": "ada@example.org", "password": "secret"}),
        _ => json!({"user": user}),
    };
    let mut request = client.request(Method::POST, path).json(&body);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    client.send(request).await
}

#[tokio::test]
async fn a_change_by_cookie_has_to_come_from_our_own_origin() {
    let app = start().await;
    app.core.gives(DeleteSession, ());
    for (site, status) in [
        ("same-origin", 204),
        ("none", 204),
        ("same-site", 403),
        ("cross-site", 403),
    ] {
        let answer = sign_out(&app.guest, &[("x-csrf", "1"), ("sec-fetch-site", site)]).await;
        assert_eq!(answer.status, status, "{site}");
    }
    // Older browsers say only which origin.
    let answer = sign_out(
        &app.guest,
        &[("x-csrf", "1"), ("origin", "https://evil.example.org")],
    )
    .await;
    assert_eq!(answer.problem(), (403, "CROSS_ORIGIN"));
    // The layers are independent of each other.
    let answer = sign_out(&app.guest, &[("sec-fetch-site", "same-origin")]).await;
    assert_eq!(answer.problem(), (403, "CSRF"));
    assert_eq!(app.core.calls(DeleteSession).len(), 2);
}

#[tokio::test]
async fn nobody_is_signed_in_by_a_page_of_another_origin() {
    let app = start().await;
    app.core.gives(CreateSession, session());
    let path = "/api/session";
    let unmeant = sign_in(&app.guest, path, &[("sec-fetch-site", "same-origin")]).await;
    assert_eq!(unmeant.problem(), (403, "CSRF"));
    let foreign = sign_in(
        &app.guest,
        path,
        &[("x-csrf", "1"), ("sec-fetch-site", "cross-site")],
    )
    .await;
    assert_eq!(foreign.problem(), (403, "CROSS_ORIGIN"));
    assert_eq!(foreign.header("set-cookie"), "");
    assert_eq!(app.core.call_count(), 0);
    assert_eq!(sign_in(&app.guest, path, &[("x-csrf", "1")]).await.status, 200);
}

#[tokio::test]
async fn sign_ins_of_the_contract_are_guarded_where_they_set_the_cookie() {
    let hidden = start_with(&[("TRIPTYCH_CONDUIT__TOKENS", "false")]).await;
    let shown = start().await;
    for app in [&hidden, &shown] {
        app.core.gives(Register, account());
        app.core.gives(CreateSession, session());
    }
    for path in ["/api/users", "/api/users/login"] {
        let foreign = [("x-csrf", "1"), ("sec-fetch-site", "cross-site")];
        let refused = sign_in(&hidden.guest, path, &foreign).await;
        assert_eq!(
            (refused.status, &refused.body),
            (403, &json!({"errors": {"origin": ["is another one"]}}))
        );
        assert_eq!(sign_in(&hidden.guest, path, &[]).await.status, 403, "{path}");
        // Here the answer has a token, which the other page does not get to see.
        let taken = sign_in(&shown.guest, path, &[("sec-fetch-site", "cross-site")]).await;
        assert!(
            taken.status < 300 && taken.header("set-cookie").is_empty(),
            "{path}"
        );
    }
}

#[tokio::test]
async fn whoever_sends_a_token_may_come_from_anywhere() {
    let app = start().await;
    app.core.gives(DeleteSession, ());
    app.core.gives(Follow, ada());
    let foreign = [
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://app.example.org"),
    ];
    assert_eq!(sign_out(&app.ada, &foreign).await.status, 204);
    let request = app.ada.request(Method::POST, "/api/profiles/eve/follow");
    let request = request.header("sec-fetch-site", "cross-site");
    assert_eq!(app.ada.send(request).await.status, 200);
}

#[tokio::test]
async fn reading_needs_nothing() {
    let app = start().await;
    let request = app
        .guest
        .request(Method::GET, "/api/session")
        .header("cookie", "sid=t");
    let request = request.header("sec-fetch-site", "cross-site");
    assert_ne!(app.guest.send(request).await.status, 403);
}
