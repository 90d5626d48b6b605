//! Sessions have a quota of their own for as long as the core accepts them.

use reqwest::Method;
use test_kit::{fake_core::DeleteSession, status};

use crate::harness::start_with;

#[tokio::test]
async fn a_session_that_is_over_is_charged_to_its_address_again() {
    let app = start_with([
        ("TRIPTYCH_RATE_LIMIT__PER_SESSION", "100"),
        ("TRIPTYCH_RATE_LIMIT__PER_ADDRESS", "2"),
    ])
    .await;
    let ask = async || {
        let request = app.ada.request(Method::POST, "/v1/auth/logout");
        let answer = app.ada.send(request).await;
        let policy = answer
            .header("ratelimit-policy")
            .split(';')
            .next()
            .map(str::to_owned);
        (answer.status, policy.unwrap_or_default())
    };
    let (session, address) = ("\"session\"".to_owned(), "\"address\"".to_owned());
    app.core.gives(DeleteSession, ());
    assert_eq!(ask().await, (204, address.clone()));
    assert_eq!(ask().await, (204, session.clone()));

    app.core
        .refuses(DeleteSession, status::unauthenticated("TOKEN_INVALID"));
    assert_eq!(ask().await, (401, session));
    assert_eq!(ask().await, (429, address));
}
