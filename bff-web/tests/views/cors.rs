//! Front ends of other origins.

use reqwest::Method;
use test_kit::{client::Answer, fake_core::ListTags};

use crate::harness::{App, start, start_with};

const APP: &str = "https://app.example.org";

async fn preflight(app: &App, path: &str, origin: &str, method: &str) -> Answer {
    let request = app
        .guest
        .request(Method::OPTIONS, path)
        .header("origin", origin)
        .header("access-control-request-method", method)
        .header("access-control-request-headers", "authorization,content-type");
    app.guest.send(request).await
}

async fn open() -> App {
    start_with(&[(
        "TRIPTYCH_CORS__ORIGINS",
        "http://localhost:4200, https://app.example.org",
    )])
    .await
}

#[tokio::test]
async fn a_named_origin_may_call_every_conduit_route_with_a_token_and_json() {
    let app = open().await;
    for (path, method) in [
        ("/api/users", "POST"),
        ("/api/user", "PUT"),
        ("/api/articles/some-slug", "DELETE"),
        ("/api/articles/feed", "GET"),
    ] {
        let answer = preflight(&app, path, APP, method).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), APP, "{path}");
        assert_eq!(
            answer.header("access-control-allow-headers"),
            "authorization,content-type,change-position,idempotency-key"
        );
        assert_eq!(
            answer.header("access-control-allow-methods"),
            "GET,POST,PUT,DELETE"
        );
        assert_eq!(
            answer.header("access-control-allow-credentials"),
            "",
            "cookies are for our pages"
        );
    }
}

#[tokio::test]
async fn a_named_origin_sees_the_answers_and_the_refusals() {
    let app = open().await;
    app.core.gives(ListTags, Default::default());
    for (path, status) in [("/api/tags", 200), ("/api/user", 401)] {
        let request = app.guest.request(Method::GET, path).header("origin", APP);
        let answer = app.guest.send(request).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("access-control-allow-origin"), APP, "{path}");
        assert!(answer.header("vary").contains("origin"), "{path}");
        let exposed = answer.header("access-control-expose-headers");
        for field in [
            "change-position",
            "etag",
            "retry-after",
            "ratelimit",
            "deprecation",
        ] {
            assert!(exposed.contains(field), "{field} in {exposed}");
        }
    }
}

#[tokio::test]
async fn a_named_origin_sees_also_what_the_edge_refuses() {
    let origins = ("TRIPTYCH_CORS__ORIGINS", APP);
    let app = start_with(&[origins, ("TRIPTYCH_RATE_LIMIT__PER_ADDRESS", "1")]).await;
    let ask = async || {
        let request = app.guest.request(Method::GET, "/api/tags").header("origin", APP);
        app.guest.send(request).await
    };
    ask().await;
    // Asking whether one may ask is not counted.
    assert_eq!(preflight(&app, "/api/tags", APP, "GET").await.status, 200);
    let refused = ask().await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.header("access-control-allow-origin"), APP);
}

#[tokio::test]
async fn other_origins_and_other_routes_stay_closed() {
    let app = open().await;
    let stranger = preflight(&app, "/api/users", "https://evil.example.org", "POST").await;
    assert_eq!(stranger.header("access-control-allow-origin"), "");
    for path in ["/api/session", "/api/views/home"] {
        assert_eq!(
            preflight(&app, path, APP, "GET")
                .await
                .header("access-control-allow-origin"),
            "",
            "{path}"
        );
    }
}

#[tokio::test]
async fn without_a_setting_nobody_is_let_in() {
    let app = start().await;
    let answer = preflight(&app, "/api/users", APP, "POST").await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
    assert_eq!(answer.status, 405);
}
