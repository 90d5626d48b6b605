//! Clients that are too old, and routes that are to go away.

use bff_kit::settings::{ClientSettings, Deprecated, GatewaySettings};
use reqwest::Method;
use serde_json::json;
use test_kit::client::Answer;

use crate::harness::{App, start, start_with, try_start};

fn newest(settings: &mut GatewaySettings) {
    settings.client = Some(ClientSettings {
        minimum: "2.3".parse().ok(),
        recommended: None,
        download_url: Some("https://example.org/app".to_owned()),
    });
}

async fn ask_as(app: &App, version: &str, path: &str) -> Answer {
    let request = app.client.request(Method::GET, path);
    let request = request
        .header("x-client-version", version)
        .header("x-client-platform", "iOS");
    app.client.send(request).await
}

#[tokio::test]
async fn a_client_that_is_too_old_is_told_what_to_do() {
    let app = start_with(newest).await;
    let refused = ask_as(&app, "2.2.9", "/things").await;
    assert_eq!(refused.problem(), (403, "CLIENT_UPGRADE_REQUIRED"));
    assert_eq!(
        refused.body["upgrade"],
        json!({"minimumVersion": "2.3.0", "downloadUrl": "https://example.org/app"})
    );
    for version in ["2.3.0", "2.10", "3.0.0-beta.1"] {
        assert_eq!(ask_as(&app, version, "/things").await.status, 200, "{version}");
    }
    let admin = test_kit::client::Client::of(app.running.admin_address());
    let metrics = admin.get("/metrics").await.body;
    let counted = "clients_too_old_total{platform=\"ios\"}";
    assert!(metrics.as_str().expect("text").contains(counted), "{metrics}");
}

#[tokio::test]
async fn whoever_does_not_say_how_old_they_are_is_let_in() {
    let app = start_with(newest).await;
    assert_eq!(app.client.get("/things").await.status, 200);
    for version in ["", "newest", "1.x", "999999999999", "1.2.3.4"] {
        assert_eq!(ask_as(&app, version, "/things").await.status, 200, "{version:?}");
    }
    let ungated = start().await;
    assert_eq!(ask_as(&ungated, "0.0.1", "/things").await.status, 200);
}

#[tokio::test]
async fn the_way_out_is_open_however_old_one_is() {
    let app = start_with(newest).await;
    for path in ["/openapi.json", "/docs/", "/docs/swagger-ui.css"] {
        assert_eq!(ask_as(&app, "1.0.0", path).await.status, 200, "{path}");
    }
    // The harness counts this one as signing out.
    assert_eq!(
        ask_as(&app, "1.0.0", "/mine").await.problem(),
        (401, "TOKEN_MISSING")
    );
}

fn retiring(path: &str) -> Deprecated {
    let written = json!({
        "path": path,
        "since": "2025-01-01",
        "sunset": "2025-06-30T12:00:00+02:00",
        "link": "https://example.org/changes",
    });
    serde_json::from_value(written).expect("it is well written")
}

#[tokio::test]
async fn a_route_that_is_to_go_away_says_so_whoever_calls_it() {
    let app = start_with(|settings| settings.deprecated = vec![retiring("/things/{id}")]).await;
    for (path, status) in [("/things/7", 200), ("/things/x", 404)] {
        let answer = ask_as(&app, "1", path).await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.header("deprecation"), "@1735689600");
        assert_eq!(answer.header("sunset"), "Mon, 30 Jun 2025 10:00:00 GMT");
        assert_eq!(
            answer.header("link"),
            "<https://example.org/changes>; rel=\"deprecation\"; type=\"text/html\""
        );
    }
    assert_eq!(app.client.get("/things").await.header("deprecation"), "");

    let admin = test_kit::client::Client::of(app.running.admin_address());
    let metrics = admin.get("/metrics").await.body;
    let counted = "deprecated_requests_total{method=\"GET\",route=\"/things/{id}\",platform=\"ios\"} 2";
    assert!(metrics.as_str().expect("text").contains(counted), "{metrics}");
}

#[tokio::test]
async fn a_notice_about_a_route_that_there_is_not_stops_the_start() {
    let error = try_start(|settings| settings.deprecated = vec![retiring("/nowhere")]).await;
    assert_eq!(
        error.err().expect("nobody would see it").to_string(),
        "deprecated: there is no route /nowhere; write it as it is in /openapi.json"
    );
}

#[test]
fn notices_that_cannot_be_meant_are_refused_with_what_is_wrong() {
    let whole =
        json!({"path": "/a", "since": "2025-01-01", "sunset": "2025-06-30", "link": "https://a.test"});
    for (field, value, problem) in [
        ("path", json!("a"), "`a` is no path such as /v1/posts/{slug}"),
        (
            "since",
            json!("soon"),
            "since of /a: `soon` is no date; write it like 2027-01-31",
        ),
        (
            "sunset",
            json!("2025-02-30"),
            "sunset of /a: `2025-02-30` is no date",
        ),
        (
            "sunset",
            json!("2024-12-31"),
            "sunset of /a: it comes before `since`",
        ),
        ("link", json!("a.html"), "link of /a: `a.html` is no address"),
        ("untill", json!(""), "unknown field `untill`"),
    ] {
        let mut written = whole.clone();
        written[field] = value;
        let error = serde_json::from_value::<Deprecated>(written).expect_err("it is refused");
        assert!(error.to_string().contains(problem), "{error}");
    }
}
