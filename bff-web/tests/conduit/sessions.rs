//! Signing in and out with a cookie, and what a sign-out does to a token.

use reqwest::Method;
use serde_json::json;

use crate::harness::{App, PASSWORD, refusal};

#[tokio::test]
async fn a_cookie_session_begins_works_and_ends() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let credentials = json!({"email": "ada@example.com", "password": PASSWORD});
    let sign_in = app.browser().request(Method::POST, "/api/session");
    let sign_in = sign_in.header("x-csrf", "1").json(&credentials);
    let answer = app.browser().send(sign_in).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let cookie = answer
        .header("set-cookie")
        .split(';')
        .next()
        .unwrap_or_default()
        .to_owned();
    let ask = async |method: Method, path: &str| {
        let request = app.browser().request(method, path);
        app.browser()
            .send(request.header("cookie", &cookie).header("x-csrf", "1"))
            .await
    };

    assert_eq!(
        ask(Method::GET, "/api/session").await.ok()["email"],
        "ada@example.com"
    );
    ada.writes("One", &[]).await;
    let favored = ask(Method::POST, "/api/articles/one/favorite").await.ok();
    assert_eq!(favored["article"]["favorited"], true);

    assert_eq!(ask(Method::DELETE, "/api/session").await.status, 204);
    assert_eq!(
        ask(Method::GET, "/api/session").await.problem(),
        (401, "TOKEN_INVALID")
    );
    ada.get("/api/user").await.ok();
}

#[tokio::test]
async fn a_token_that_was_signed_out_is_invalid() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    assert_eq!(ada.delete("/api/session").await.status, 204);
    assert_eq!(
        refusal(ada.get("/api/user").await),
        (401, json!({"token": ["is invalid"]}))
    );
    let login = app.login("ada@example.com", PASSWORD).await;
    assert_eq!(login.status, 200);
}
