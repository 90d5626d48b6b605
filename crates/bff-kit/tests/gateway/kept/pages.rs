//! Whole pages that are kept: handed out before all layers, and the same in all that can be seen.

use std::time::Duration;

use bff_kit::{
    CrossOrigin,
    settings::{ClientSettings, Deprecated},
};
use reqwest::Method;
use service_kit::settings::Period;
use test_kit::client::{Answer, Client};
use tower_http::cors::CorsLayer;

use super::{Kept, PATH, until};
use crate::harness::Settings;

#[tokio::test]
async fn a_page_that_the_client_has_costs_no_call() {
    let kept = Kept::start().await;
    let tag = kept.get(PATH).await.header("etag").to_owned();
    let before = kept.core.call_count();
    let again = kept
        .app
        .client
        .request(Method::GET, PATH)
        .header("if-none-match", &tag);
    let answer = kept.app.client.send(again).await;
    assert_eq!((answer.status, answer.header("etag")), (304, tag.as_str()));
    assert_eq!(kept.core.call_count(), before);
}

#[tokio::test]
async fn a_page_that_was_kept_says_all_that_it_said_when_it_was_made() {
    let kept = Kept::start_with(|settings| settings.rate_limit.per_address = 100).await;
    let made = kept.get("/books/2").await;
    let before = kept.core.call_count();
    let again = kept.get("/books/2").await;
    assert_eq!(kept.core.call_count(), before);
    assert_eq!(made.body, again.body);

    let of_the_request = ["x-request-id", "date", "ratelimit"];
    let shared = |answer: &Answer| {
        let mut fields = answer.headers.clone();
        let own = of_the_request.map(|name| fields.remove(name).expect("it is there"));
        (own, fields)
    };
    let ((_, made_fields), ([request_id, ..], again_fields)) = (shared(&made), shared(&again));
    assert_eq!(made_fields, again_fields);
    assert_ne!(made.header("x-request-id"), request_id);

    let named = kept.get_with("x-request-id", "mine").await;
    assert_eq!(named.header("x-request-id"), "mine");
    let left = |answer: &Answer| {
        let field = answer.header("ratelimit").split(['=', ';']).nth(2);
        field.and_then(|left| left.parse::<u32>().ok()).expect("a number")
    };
    assert_eq!(left(&named) + 2, left(&made));
}

#[tokio::test]
async fn a_page_that_was_kept_is_counted_like_any_other() {
    let kept = Kept::start().await;
    let tag = kept.get(PATH).await.header("etag").to_owned();
    let counted = async |status: u16| {
        let metrics = Client::of(kept.app.running.admin_address())
            .get("/metrics")
            .await
            .body;
        let line =
            format!("http_requests_total{{method=\"GET\",route=\"/books/{{id}}\",status=\"{status}\"}} ");
        let text = metrics.as_str().expect("text").to_owned();
        let count = text
            .lines()
            .find_map(|seen| seen.strip_prefix(&line)?.parse::<u32>().ok());
        count.unwrap_or_default()
    };
    let (whole, unchanged) = (counted(200).await, counted(304).await);
    kept.get(PATH).await;
    kept.get_with("if-none-match", &tag).await;
    assert_eq!(
        (counted(200).await, counted(304).await),
        (whole + 1, unchanged + 1)
    );
}

#[tokio::test]
async fn whoever_is_refused_gets_no_page_that_was_kept_either() {
    let few = Kept::start_with(|settings| {
        settings.rate_limit.per_address = 20;
        settings.rate_limit.window = Period::from(Duration::from_secs(3600));
    });
    let few = few.await;
    until("the quota is used up", async || few.get(PATH).await.status == 429).await;

    let new = Kept::start_with(|settings| {
        settings.client = Some(ClientSettings {
            minimum: Some("2.0.0".parse().expect("a version")),
            recommended: None,
            download_url: None,
        });
    });
    let refused = new.await.get_with("x-client-version", "1.9.9").await;
    assert_eq!(refused.problem(), (403, "CLIENT_UPGRADE_REQUIRED"));

    let large = "x".repeat(17 * 1024);
    assert_eq!(Kept::start().await.get_with("x-large", &large).await.status, 431);
}

#[tokio::test]
async fn a_route_that_is_to_go_away_says_so_each_time() {
    let kept = Kept::start_with(|settings| {
        settings.deprecated = vec![Deprecated {
            path: "/books/{id}".to_owned(),
            since: time::OffsetDateTime::UNIX_EPOCH,
            sunset: None,
            link: None,
        }];
    });
    let kept = kept.await;
    for _ in 0..2 {
        assert_eq!(kept.get(PATH).await.header("deprecation"), "@0");
    }
}

#[tokio::test]
async fn a_page_that_one_origin_may_read_is_not_said_to_be_for_another() {
    let cross_origin = |_: &Settings| {
        let ours = http::HeaderValue::from_static("https://app.example");
        CrossOrigin {
            readers: Some(CorsLayer::new().allow_origin([ours])),
            ..CrossOrigin::default()
        }
    };
    let kept = Kept::start_for(cross_origin, |_| {}).await;
    for _ in 0..2 {
        for (origin, allowed) in [
            ("https://app.example", "https://app.example"),
            ("https://evil.example", ""),
        ] {
            let answer = kept.get_with("origin", origin).await;
            assert_eq!(
                (answer.status, answer.header("access-control-allow-origin")),
                (200, allowed)
            );
        }
    }
}
