//! Which versions of the app are served.

use reqwest::Method;
use serde_json::json;

use crate::harness::{start, start_with};

#[tokio::test]
async fn everybody_is_told_the_versions_however_old_theirs_is() {
    let app = start_with([("TRIPTYCH_CLIENT__MINIMUM", "4")]).await;
    let old = |path| {
        app.guest
            .request(Method::GET, path)
            .header("x-client-version", "3.9")
    };
    let config = app.guest.send(old("/config")).await.ok();
    assert_eq!(
        config,
        json!({"minimumVersion": "4.0.0", "recommendedVersion": null, "downloadUrl": null})
    );
    let refused = app.guest.send(old("/v1/workspace")).await;
    assert_eq!(refused.problem(), (403, "CLIENT_UPGRADE_REQUIRED"));
}

#[tokio::test]
async fn nobody_is_too_old_where_nothing_is_set() {
    let app = start().await;
    let ancient = app
        .guest
        .request(Method::GET, "/v1/workspace")
        .header("x-client-version", "0.0.1");
    assert_eq!(app.guest.send(ancient).await.problem(), (401, "TOKEN_MISSING"));
}
