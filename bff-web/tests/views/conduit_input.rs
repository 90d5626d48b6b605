//! What the Conduit routes refuse, and how they say so.

use reqwest::Method;
use serde_json::{Value, json};
use test_kit::{
    client::Client,
    fake_core::{
        CreatePost, CreateSession, DeleteComment, GetPost, GetUser, ListPosts, Register, UpdateAccount,
    },
    status,
};

use crate::harness::{account, post, put, session, start};

async fn refused(client: &Client, method: Method, path: &str, body: Value) -> (u16, Value) {
    let answer = client.send(client.request(method, path).json(&body)).await;
    (answer.status, answer.body["errors"].clone())
}

#[tokio::test]
async fn a_missing_token_is_told_before_anything_else_is_looked_at() {
    let app = start().await;
    for (method, path) in [
        ("GET", "/api/user"),
        ("PUT", "/api/user"),
        ("POST", "/api/profiles/nobody/follow"),
        ("DELETE", "/api/profiles/nobody/follow"),
        ("GET", "/api/articles/feed?limit=x"),
        ("POST", "/api/articles"),
        ("PUT", "/api/articles/no-such"),
        ("DELETE", "/api/articles/no-such"),
        ("POST", "/api/articles/no-such/comments"),
        ("DELETE", "/api/articles/no-such/comments/x"),
        ("POST", "/api/articles/no-such/favorite"),
        ("DELETE", "/api/articles/no-such/favorite"),
    ] {
        let request = app.guest.request(method.parse().expect("a method"), path);
        let answer = app.guest.send(request.body("{")).await;
        assert_eq!(answer.status, 401, "{method} {path}");
        assert_eq!(answer.body, json!({"errors": {"token": ["is missing"]}}));
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    assert_eq!(app.core.call_count(), 0);
}

#[tokio::test]
async fn a_token_that_cannot_be_one_is_invalid_wherever_somebody_may_sign_in() {
    let app = start().await;
    for value in [
        "Token",
        "Token ",
        "Token a b",
        "Basic abc",
        "abc",
        "Token \u{e4}",
        "",
    ] {
        for path in [
            "/api/user",
            "/api/articles",
            "/api/articles/post-1",
            "/api/profiles/ada",
        ] {
            let request = app
                .guest
                .request(Method::GET, path)
                .header("authorization", value);
            let answer = app.guest.send(request).await;
            assert_eq!(answer.status, 401, "{value} {path}");
            assert_eq!(answer.body, json!({"errors": {"token": ["is invalid"]}}));
        }
    }
    assert_eq!(app.core.call_count(), 0);
}

#[tokio::test]
async fn both_schemes_are_known_in_any_case() {
    let app = start().await;
    app.core.gives(GetPost, post(1));
    for value in ["Token abc", "token abc", "Bearer abc", "BEARER abc"] {
        let request = app.guest.request(Method::GET, "/api/articles/post-1");
        app.guest.send(request.header("authorization", value)).await.ok();
        let call = app.core.calls(GetPost).pop().expect("a call");
        assert_eq!(call.header("authorization"), "Bearer abc", "{value}");
    }
}

#[tokio::test]
async fn what_the_core_refuses_is_told_in_conduits_words() {
    let app = start().await;
    for (refusal, status, errors) in [
        (
            status::unauthenticated("TOKEN_INVALID"),
            401,
            json!({"token": ["is invalid"]}),
        ),
        (status::not_found("post"), 404, json!({"article": ["not found"]})),
        (
            status::not_found("comment"),
            404,
            json!({"comment": ["not found"]}),
        ),
        (
            status::forbidden("comment"),
            403,
            json!({"comment": ["forbidden"]}),
        ),
        (status::forbidden("post"), 403, json!({"article": ["forbidden"]})),
        (
            tonic::Status::unavailable("secret"),
            503,
            json!({"server": ["is not available; try again soon"]}),
        ),
        (
            tonic::Status::resource_exhausted("secret"),
            503,
            json!({"server": ["has too much to do; try again soon"]}),
        ),
        (
            tonic::Status::deadline_exceeded("secret"),
            504,
            json!({"server": ["took too long; try again soon"]}),
        ),
        (
            tonic::Status::internal("secret"),
            500,
            json!({"server": ["is broken"]}),
        ),
    ] {
        app.core.refuses(DeleteComment, refusal);
        let answer = app.ada.delete("/api/articles/post-1/comments/9").await;
        assert_eq!((answer.status, &answer.body["errors"]), (status, &errors));
        let again = if status > 500 { "1" } else { "" };
        assert_eq!(answer.header("retry-after"), again, "{status}");
    }
}

#[tokio::test]
async fn an_unknown_profile_a_taken_name_and_wrong_credentials_have_fields_of_their_own() {
    let app = start().await;
    app.core.refuses(GetUser, status::not_found("user"));
    let unknown = app.guest.get("/api/profiles/nobody").await;
    assert_eq!(unknown.status, 404);
    assert_eq!(unknown.body, json!({"errors": {"profile": ["not found"]}}));

    app.core.refuses(Register, status::taken("username"));
    let user = json!({"user": {"username": "ada", "email": "ada@example.org", "password": "correct horse"}});
    let (status, errors) = refused(&app.guest, Method::POST, "/api/users", user.clone()).await;
    assert_eq!(status, 409);
    assert_eq!(errors, json!({"username": ["has already been taken"]}));

    app.core
        .refuses(CreateSession, status::unauthenticated("CREDENTIALS_INVALID"));
    assert_eq!(
        refused(&app.guest, Method::POST, "/api/users/login", user).await,
        (401, json!({"credentials": ["invalid"]}))
    );
}

#[tokio::test]
async fn every_wrong_type_is_told_at_once_and_never_reaches_the_core() {
    let app = start().await;
    let article = json!({"article": {"title": 7, "description": {}, "body": null, "tagList": "rust"}});
    let (status, errors) = refused(&app.ada, Method::POST, "/api/articles", article).await;
    assert_eq!(status, 422);
    insta::assert_json_snapshot!(errors, @r#"
    {
      "body": [
        "can't be blank"
      ],
      "description": [
        "has to be a string"
      ],
      "tagList": [
        "has to be a list of strings"
      ],
      "title": [
        "has to be a string"
      ]
    }
    "#);

    let user = json!({"user": {"email": [], "bio": 7, "image": false, "username": " "}});
    let (status, errors) = refused(&app.ada, Method::PUT, "/api/user", user).await;
    assert_eq!(status, 422);
    insta::assert_json_snapshot!(errors, @r#"
    {
      "bio": [
        "has to be a string"
      ],
      "email": [
        "has to be a string"
      ],
      "image": [
        "has to be a string"
      ],
      "username": [
        "can't be blank"
      ]
    }
    "#);

    for list in [json!(null), json!(["a", 7]), json!([null])] {
        let article = json!({"article": {"tagList": list}});
        assert_eq!(
            refused(&app.ada, Method::PUT, "/api/articles/post-1", article).await,
            (422, json!({"tagList": ["has to be a list of strings"]}))
        );
    }
    assert_eq!(app.core.call_count(), 0);
}

#[tokio::test]
async fn a_body_without_its_key_or_that_is_no_json_is_refused() {
    let app = start().await;
    for (body, errors) in [
        (json!({}), json!({"article": ["can't be blank"]})),
        (json!({"article": null}), json!({"article": ["can't be blank"]})),
        (
            json!({"article": "x"}),
            json!({"article": ["has to be an object"]}),
        ),
        (json!([1]), json!({"body": ["has to be an object"]})),
    ] {
        assert_eq!(
            refused(&app.ada, Method::POST, "/api/articles", body).await,
            (422, errors)
        );
    }
    for broken in ["", "{", "{\"article\":", "\u{1}"] {
        let answer = app
            .ada
            .post_bytes("/api/articles", "application/json", broken)
            .await;
        assert_eq!(answer.status, 422, "{broken}");
        assert!(answer.body["errors"]["body"][0].is_string(), "{}", answer.body);
    }
    let form = app
        .ada
        .post_bytes("/api/articles", "application/x-www-form-urlencoded", "a=b")
        .await;
    assert_eq!(form.status, 415);
    assert_eq!(app.core.call_count(), 0);
}

#[tokio::test]
async fn what_is_missing_null_or_blank_goes_to_the_core_as_an_empty_text() {
    let app = start().await;
    app.core.refuses(
        CreatePost,
        status::invalid(&[
            ("title", "can't be blank"),
            ("body", "can't be blank"),
            ("tags[0]", "can't be blank"),
            ("tags[2]", "is too long (at most 50 characters)"),
        ]),
    );
    let article = json!({"article": {"title": " \n", "body": null, "tagList": ["", "a", "b"]}});
    let (status, errors) = refused(&app.ada, Method::POST, "/api/articles", article).await;
    assert_eq!(status, 422);
    insta::assert_json_snapshot!(errors, @r#"
    {
      "body": [
        "can't be blank"
      ],
      "tagList": [
        "can't be blank",
        "is too long (at most 50 characters)"
      ],
      "title": [
        "can't be blank"
      ]
    }
    "#);
    let asked = app.core.call(CreatePost).message;
    assert_eq!((asked.title, asked.description, asked.body), Default::default());
}

#[tokio::test]
async fn an_update_names_what_was_sent_and_nothing_else() {
    let app = start().await;
    app.core.gives(UpdateAccount, account());
    let user = json!({"user": {"bio": null, "image": "", "token": "x", "following": true}});
    put(&app.ada, "/api/user", user).await.ok();

    let asked = app.core.call(UpdateAccount).message;
    assert_eq!(asked.update_mask.unwrap_or_default().paths, ["bio", "image"]);
    assert_eq!((asked.bio, asked.image), Default::default());
}

#[tokio::test]
async fn parts_of_lists_are_natural_numbers() {
    let app = start().await;
    for (query, errors) in [
        ("limit=-1", json!({"limit": ["has to be at least 0"]})),
        ("offset=-1", json!({"offset": ["has to be at least 0"]})),
        ("limit=ten", json!({"limit": ["has to be a whole number"]})),
        ("limit=1&limit=2", json!({"limit": ["is given more than once"]})),
    ] {
        for path in ["/api/articles", "/api/articles/feed"] {
            let answer = app.ada.get(&format!("{path}?{query}")).await;
            assert_eq!(answer.status, 422, "{path}?{query}");
            assert_eq!(answer.body["errors"], errors);
        }
    }
    let both = app.ada.get("/api/articles?limit=x&offset=y").await;
    assert_eq!(both.body["errors"].as_object().map(serde_json::Map::len), Some(2));
    assert_eq!(app.core.call_count(), 0);

    app.core.refuses(
        ListPosts,
        status::invalid(&[("skip", "has to be between 0 and 100000")]),
    );
    let far = app.ada.get("/api/articles?offset=100001").await;
    assert_eq!(
        far.body,
        json!({"errors": {"offset": ["has to be between 0 and 100000"]}})
    );
}

#[tokio::test]
async fn a_comment_whose_number_is_none_does_not_exist() {
    let app = start().await;
    for id in ["x", "1.5", "99999999999999999999"] {
        let answer = app
            .ada
            .delete(&format!("/api/articles/post-1/comments/{id}"))
            .await;
        assert_eq!(answer.status, 404, "{id}");
        assert_eq!(answer.body, json!({"errors": {"comment": ["not found"]}}));
    }
}

#[tokio::test]
async fn a_method_that_a_route_does_not_have_is_refused_in_the_same_shape() {
    let app = start().await;
    let answer = app.guest.delete("/api/tags").await;
    assert_eq!(answer.status, 405);
    assert_eq!(answer.body, json!({"errors": {"method": ["not allowed"]}}));
}

#[tokio::test]
async fn a_core_that_is_gone_is_told_in_the_same_shape() {
    let mut app = start().await;
    app.core.gives(CreateSession, session());
    app.core.stop();
    let answer = app.guest.get("/api/articles").await;
    assert_eq!(answer.status, 503);
    assert!(answer.body["errors"]["server"].is_array(), "{}", answer.body);
    assert_eq!(answer.header("retry-after"), "1");
}
