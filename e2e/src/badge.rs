//! Somebody who stays signed in for as long as a test takes.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use test_kit::client::Client;
use tokio::task::AbortHandle;

use crate::program::in_time;

/// How often access tokens are renewed, which last for five minutes.
const EVERY: Duration = Duration::from_secs(100);

/// An access token that is renewed in time. Clones bear the same one.
#[derive(Clone, Debug)]
pub struct Badge(Arc<Bearer>);

#[derive(Debug)]
struct Bearer {
    token: Arc<Mutex<String>>,
    renewing: AbortHandle,
}

impl Badge {
    /// Of whoever was given these tokens by this gateway.
    pub(crate) fn of(guest: Client, mut tokens: Value) -> Self {
        let token = Arc::new(Mutex::new(access_token(&tokens)));
        let renewed = token.clone();
        let renewing = tokio::spawn(async move {
            loop {
                tokio::time::sleep(EVERY).await;
                let body = json!({"refreshToken": tokens["refreshToken"]});
                let request = guest.request(Method::POST, "/v1/auth/refresh").json(&body);
                tokens = in_time(&guest, request).await.ok();
                *renewed.lock().unwrap_or_else(PoisonError::into_inner) = access_token(&tokens);
            }
        });
        Self(Arc::new(Bearer {
            token,
            renewing: renewing.abort_handle(),
        }))
    }

    /// A gateway, asked by whoever bears it.
    pub fn at(&self, guest: &Client) -> Client {
        guest.bearing(&self.0.token.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Bearer {
    fn drop(&mut self) {
        self.renewing.abort();
    }
}

fn access_token(tokens: &Value) -> String {
    tokens["accessToken"]
        .as_str()
        .expect("an access token")
        .to_owned()
}
