//! The cookie session.

use proto::users::v1::CreateSessionResponse;
use reqwest::Method;
use serde_json::json;
use test_kit::{
    client::{Answer, Client},
    fake_core::{CreatePost, CreateSession, DeleteSession, GetAccount, ListTags, Register, UpdateAccount},
    status,
};

use crate::harness::{account, post, post_meant, session, start, start_with};

/// Asks as a browser with this cookie, and with the header against forged requests or without it.
async fn ask(client: &Client, method: Method, path: &str, cookie: &str, csrf: Option<&str>) -> Answer {
    let mut request = client.request(method, path).header("cookie", cookie);
    if let Some(value) = csrf {
        request = request.header("x-csrf", value);
    }
    client.send(request).await
}

fn login() -> serde_json::Value {
    json!({"email": "ada@example.org", "password": "secret"})
}

#[tokio::test]
async fn a_login_sets_a_cookie_that_no_script_can_read_and_shows_no_token() {
    let app = start().await;
    app.core.gives(CreateSession, session());

    let answer = post_meant(&app.guest, "/api/session", login()).await;

    assert_eq!(
        answer.header("set-cookie"),
        "sid=new-token; Path=/; HttpOnly; SameSite=Strict; Expires=Fri, 15 Jan 2027 08:00:00 GMT"
    );
    insta::assert_json_snapshot!(answer.ok(), @r#"
    {
      "bio": "Wrote the first program.",
      "email": "ada@example.org",
      "image": "https://example.org/ada.png",
      "name": "Ada Lovelace",
      "role": "staff",
      "username": "ada"
    }
    "#);
}

#[tokio::test]
async fn over_https_the_cookie_has_a_name_that_only_its_host_can_set() {
    let app = start_with(&[("TRIPTYCH_SERVER__HTTPS", "true")]).await;
    app.core.gives(CreateSession, session());
    app.core.gives(GetAccount, account());

    let answer = post_meant(&app.guest, "/api/session", login()).await;

    let cookie = answer.header("set-cookie");
    assert!(
        cookie.starts_with("__Host-Http-sid=new-token; Path=/; HttpOnly; SameSite=Strict; Secure"),
        "{cookie}"
    );
    let path = "/api/session";
    assert_eq!(
        ask(&app.guest, Method::GET, path, "__Host-Http-sid=t", None)
            .await
            .status,
        200
    );
    assert_eq!(
        ask(&app.guest, Method::GET, path, "sid=t", None).await.problem(),
        (401, "TOKEN_MISSING")
    );
}

#[tokio::test]
async fn a_browser_is_known_by_a_cookie_when_somebody_signs_in_on_it_again() {
    let app = start_with(&[
        ("TRIPTYCH_SERVER__HTTPS", "true"),
        ("TRIPTYCH_CONDUIT__TOKENS", "false"),
    ])
    .await;
    let known_device = "this-browser".to_owned();
    let session = CreateSessionResponse {
        known_device,
        ..session()
    };
    app.core.gives(CreateSession, session);
    let user = json!({"user": login()});
    for (path, body) in [("/api/session", login()), ("/api/users/login", user)] {
        let request = app.guest.request(Method::POST, path).json(&body);
        let request = request.header("cookie", "__Host-Http-device=from-before");
        let answer = app.guest.send(request.header("x-csrf", "1")).await;

        let set: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
        assert!(
            set[0]
                .to_str()
                .unwrap()
                .starts_with("__Host-Http-sid=new-token; "),
            "{path}"
        );
        assert_eq!(
            set[1],
            "__Host-Http-device=this-browser; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=31536000"
        );
    }
    let known = app
        .core
        .calls(CreateSession)
        .into_iter()
        .map(|call| call.message.known_device);
    assert_eq!(known.collect::<Vec<_>>(), ["from-before"; 2]);
}

#[tokio::test]
async fn wrong_credentials_set_no_cookie() {
    let app = start().await;
    app.core
        .refuses(CreateSession, status::unauthenticated("CREDENTIALS_INVALID"));
    let answer = post_meant(&app.guest, "/api/session", login()).await;
    assert_eq!(answer.problem(), (401, "CREDENTIALS_INVALID"));
    assert_eq!(answer.header("set-cookie"), "");
}

#[tokio::test]
async fn the_cookie_says_who_is_asking_unless_a_header_does() {
    let app = start().await;
    app.core.gives(GetAccount, account());

    let me = ask(
        &app.guest,
        Method::GET,
        "/api/session",
        "a=b; sid=from-cookie",
        None,
    )
    .await;
    assert_eq!(me.ok()["username"], "ada");
    ask(&app.ada, Method::GET, "/api/session", "sid=from-cookie", None)
        .await
        .ok();

    let tokens: Vec<_> = app
        .core
        .calls(GetAccount)
        .iter()
        .map(|call| call.header("authorization").to_owned())
        .collect();
    assert_eq!(tokens, ["Bearer from-cookie", "Bearer ada-s-token"]);
    assert_eq!(
        app.guest.get("/api/session").await.problem(),
        (401, "TOKEN_MISSING")
    );
}

#[tokio::test]
async fn signing_out_ends_the_session_and_clears_the_cookie_even_where_it_is_over() {
    let app = start().await;
    app.core.gives(DeleteSession, ());
    let out = ask(&app.guest, Method::DELETE, "/api/session", "sid=t", Some("1")).await;
    assert_eq!((out.status, out.bytes), (204, 0));
    assert_eq!(
        out.header("set-cookie"),
        "sid=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"
    );
    assert_eq!(app.core.call(DeleteSession).header("authorization"), "Bearer t");

    app.core
        .refuses(DeleteSession, status::unauthenticated("TOKEN_INVALID"));
    let again = ask(&app.guest, Method::DELETE, "/api/session", "sid=t", Some("1")).await;
    assert_eq!(again.status, 204);
    assert!(again.header("set-cookie").contains("Max-Age=0"));
}

#[tokio::test]
async fn a_change_by_cookie_needs_the_header_that_other_origins_cannot_send() {
    let app = start().await;
    for csrf in [None, Some("0"), Some("")] {
        let out = ask(&app.guest, Method::DELETE, "/api/session", "sid=t", csrf).await;
        assert_eq!(out.problem(), (403, "CSRF"), "{csrf:?}");
        let follow = ask(
            &app.guest,
            Method::POST,
            "/api/profiles/eve/follow",
            "sid=t",
            csrf,
        )
        .await;
        assert_eq!(follow.status, 403);
        assert_eq!(follow.body, json!({"errors": {"x-csrf": ["is missing"]}}));
    }
    assert_eq!(app.core.call_count(), 0);
}

#[tokio::test]
async fn all_conduit_routes_work_with_the_cookie_too_and_never_show_what_is_in_it() {
    let app = start().await;
    app.core.gives(GetAccount, account());
    app.core.gives(UpdateAccount, account());
    app.core.gives(CreatePost, post(1));

    let user = ask(&app.guest, Method::GET, "/api/user", "sid=t", None)
        .await
        .ok();
    assert_eq!(user["user"].get("token"), None);

    let article = json!({"article": {"title": "A", "description": "B", "body": "C"}});
    let request = app.guest.request(Method::POST, "/api/articles").json(&article);
    let request = request.header("cookie", "sid=t").header("x-csrf", "1");
    assert_eq!(app.guest.send(request).await.status, 201);
    assert_eq!(app.core.call(CreatePost).header("authorization"), "Bearer t");
}

#[tokio::test]
async fn where_browsers_must_hold_no_token_every_login_sets_the_cookie_instead() {
    let app = start_with(&[("TRIPTYCH_CONDUIT__TOKENS", "false")]).await;
    app.core.gives(Register, account());
    app.core.gives(CreateSession, session());
    app.core.gives(GetAccount, account());

    let user = json!({"user": {"username": "ada", "email": "ada@example.org", "password": "correct horse"}});
    for (path, status) in [("/api/users", 201), ("/api/users/login", 200)] {
        let answer = post_meant(&app.guest, path, user.clone()).await;
        assert_eq!(answer.status, status);
        assert!(
            answer.header("set-cookie").starts_with("sid=new-token; "),
            "{path}"
        );
        assert_eq!(answer.body["user"]["username"], "ada");
        assert_eq!(answer.body["user"].get("token"), None, "{path}");
    }
    assert_eq!(app.ada.get("/api/user").await.ok()["user"].get("token"), None);
    let by_cookie = ask(&app.guest, Method::GET, "/api/user", "sid=new-token", None).await;
    assert_eq!(by_cookie.ok()["user"]["email"], "ada@example.org");
}

#[tokio::test]
async fn what_needs_nobody_looks_at_no_cookie() {
    let app = start().await;
    app.core.gives(ListTags, Default::default());
    let tags = ask(&app.guest, Method::GET, "/api/tags", "sid=a b", None);
    assert_eq!(tags.await.status, 200);
    assert_eq!(app.core.call(ListTags).header("authorization"), "");
}
