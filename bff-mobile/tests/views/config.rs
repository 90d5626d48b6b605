//! Which versions of the app are served.

use reqwest::Method;
use serde_json::json;
use test_kit::fake_core::DeleteSession;

use crate::harness::{start, start_with};

#[tokio::test]
async fn everybody_is_told_the_versions_however_old_theirs_is() {
    let app = start_with([
        ("TRIPTYCH_CLIENT__MINIMUM", "2.3"),
        ("TRIPTYCH_CLIENT__RECOMMENDED", "2.5.1"),
        ("TRIPTYCH_CLIENT__DOWNLOAD_URL", "https://example.org/app"),
    ])
    .await;
    app.core.gives(DeleteSession, ());
    let old = |method, path| app.ada.request(method, path).header("x-client-version", "1.0.0");

    let config = app.ada.send(old(Method::GET, "/config")).await;
    assert_eq!(
        config.ok(),
        json!({
            "minimumVersion": "2.3.0",
            "recommendedVersion": "2.5.1",
            "downloadUrl": "https://example.org/app",
        })
    );
    let refresh = old(Method::POST, "/v1/auth/refresh").json(&json!({}));
    assert_eq!(app.ada.send(refresh).await.problem(), (422, "INVALID_INPUT"));
    let home = app.ada.send(old(Method::GET, "/v1/home")).await;
    assert_eq!(home.problem(), (403, "CLIENT_UPGRADE_REQUIRED"));
    assert_eq!(
        app.ada.send(old(Method::POST, "/v1/auth/logout")).await.status,
        204
    );
}

#[tokio::test]
async fn what_is_not_set_is_left_out() {
    let app = start().await;
    let config = app.guest.get("/config").await;
    assert_eq!(config.header("cache-control"), "public, no-cache");
    assert_eq!(config.ok(), json!({}));
}
