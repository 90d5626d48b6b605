//! What everybody is refused in the same way.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{App, Reader, refusal};

const PRIVATE: [(&str, &str); 12] = [
    ("GET", "/api/user"),
    ("PUT", "/api/user"),
    ("POST", "/api/profiles/nobody/follow"),
    ("DELETE", "/api/profiles/nobody/follow"),
    ("GET", "/api/articles/feed"),
    ("POST", "/api/articles"),
    ("PUT", "/api/articles/none"),
    ("DELETE", "/api/articles/none"),
    ("POST", "/api/articles/none/comments"),
    ("DELETE", "/api/articles/none/comments/1"),
    ("POST", "/api/articles/none/favorite"),
    ("DELETE", "/api/articles/none/favorite"),
];

async fn ask(reader: &Reader, method: &str, path: &str) -> (u16, Value) {
    let body = json!({
        "user": {"bio": ""},
        "article": {"title": "A", "description": "B", "body": "C"},
        "comment": {"body": "D"},
    });
    let answer = match method.parse().expect("a method") {
        Method::GET => reader.get(path).await,
        Method::POST => reader.post(path, body).await,
        Method::PUT => reader.put(path, body).await,
        _ => reader.delete(path).await,
    };
    refusal(answer)
}

#[tokio::test]
async fn without_a_token_nothing_else_is_looked_at() {
    let app = App::start().await;
    for (method, path) in PRIVATE {
        let refused = ask(&app.guest(), method, path).await;
        assert_eq!(
            refused,
            (401, json!({"token": ["is missing"]})),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn a_token_that_is_none_is_invalid_before_anything_is_found_or_not() {
    let app = App::start().await;
    let mut stranger = app.guest();
    app.reader("ada").await.writes("One", &[]).await;
    for token in ["x", "not.a.jwt", &"A".repeat(43), &"A".repeat(4_000)] {
        stranger.token = Some(token.to_owned());
        for (method, path) in PRIVATE {
            let refused = ask(&stranger, method, path).await;
            assert_eq!(
                refused,
                (401, json!({"token": ["is invalid"]})),
                "{method} {path}"
            );
        }
        for path in [
            "/api/articles",
            "/api/articles/one",
            "/api/articles/one/comments",
            "/api/articles/none",
            "/api/articles/none/comments",
            "/api/profiles/ada",
            "/api/profiles/nobody",
        ] {
            let refused = ask(&stranger, "GET", path).await;
            assert_eq!(refused, (401, json!({"token": ["is invalid"]})), "{path}");
        }
    }
}

#[tokio::test]
async fn what_does_not_exist_is_not_found_under_its_name() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    for (method, path) in PRIVATE {
        let thing = match path {
            _ if path.contains("nobody") => "profile",
            _ if path.contains("none") => "article",
            _ => continue,
        };
        let refused = ask(&ada, method, path).await;
        assert_eq!(refused, (404, json!({thing: ["not found"]})), "{method} {path}");
    }
    for (path, thing) in [
        ("/api/articles/none", "article"),
        ("/api/articles/none/comments", "article"),
        ("/api/profiles/nobody", "profile"),
    ] {
        let refused = refusal(app.guest().get(path).await);
        assert_eq!(refused, (404, json!({thing: ["not found"]})), "{path}");
    }
}

#[tokio::test]
async fn somebody_elses_article_is_forbidden() {
    let app = App::start().await;
    let eve = app.reader("eve").await;
    let article = app.reader("ada").await.writes("One", &[]).await;
    for method in ["PUT", "DELETE"] {
        let refused = ask(&eve, method, "/api/articles/one").await;
        assert_eq!(refused, (403, json!({"article": ["forbidden"]})), "{method}");
    }
    assert_eq!(app.guest().article("one").await, article);
}

#[tokio::test]
async fn blank_texts_are_refused_all_at_once() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    ada.writes("One", &[]).await;
    let blank = json!({
        "title": ["can't be blank"], "description": ["can't be blank"], "body": ["can't be blank"],
    });
    for value in [json!(""), json!("  \n"), json!(null)] {
        let article = json!({"article": {"title": value, "description": value, "body": value}});
        let refused = refusal(ada.post("/api/articles", article.clone()).await);
        assert_eq!(refused, (422, blank.clone()), "{value}");
        let refused = refusal(ada.put("/api/articles/one", article).await);
        assert_eq!(refused, (422, blank.clone()), "{value}");
    }
    let refused = refusal(ada.post("/api/articles", json!({"article": {}})).await);
    assert_eq!(refused, (422, blank));
}

#[tokio::test]
async fn other_rules_are_told_with_their_fields() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let article = json!({"article": {
        "title": "x".repeat(301), "description": "d", "body": "", "tagList": ["ok", " ", "y".repeat(51)],
    }});
    assert_eq!(
        refusal(ada.post("/api/articles", article).await),
        (
            422,
            json!({
                "title": ["is too long (at most 300 characters)"],
                "body": ["can't be blank"],
                "tagList": ["can't be blank", "is too long (at most 50 characters)"],
            })
        )
    );
    ada.writes("One", &[]).await;
    let nothing = refusal(ada.put("/api/articles/one", json!({"article": {}})).await);
    assert_eq!(nothing, (422, json!({"article": ["names nothing to change"]})));
    let far = refusal(app.guest().get("/api/articles?offset=100001").await);
    assert_eq!(far, (422, json!({"offset": ["has to be between 0 and 100000"]})));
    let own = refusal(ada.post_nothing("/api/profiles/ada/follow").await);
    assert_eq!(own, (422, json!({"username": ["can't be your own"]})));
}
