//! An HTTP client that fails a test rather than returning an error.

use std::net::SocketAddr;

use reqwest::{
    Method, RequestBuilder,
    header::{CONTENT_TYPE, HeaderMap},
};
use serde_json::Value;

/// Speaks to one gateway, as a guest or as the bearer of a token.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

/// What a gateway answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The header fields.
    pub headers: HeaderMap,
    /// How many bytes the body had.
    pub bytes: usize,
    /// The body; null where it is empty, a string where it is no JSON.
    pub body: Value,
}

/// What a gateway answered, of which the body has not been read.
#[derive(Debug)]
pub struct Unread {
    /// The status.
    pub status: u16,
    /// The header fields.
    pub headers: HeaderMap,
    /// The body.
    pub text: String,
}

impl Client {
    /// A guest of the gateway at `address`.
    pub fn of(address: SocketAddr) -> Self {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none());
        let http = http.build().expect("a client can be built");
        Self {
            http,
            base: format!("http://{address}"),
            token: None,
        }
    }

    /// The same, as the bearer of `token`.
    pub fn bearing(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// The token; empty for a guest.
    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    /// The gateway's address, as a browser has it.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// `GET path`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// `GET path`, for whoever asks so often that reading all of the answers would take a night.
    pub async fn try_get(&self, path: &str) -> reqwest::Result<Unread> {
        let response = self.request(Method::GET, path).send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = String::from_utf8_lossy(&response.bytes().await?).into_owned();
        Ok(Unread {
            status,
            headers,
            text,
        })
    }

    /// `POST path` with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    /// `PATCH path` with a JSON body.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PATCH, path).json(&body)).await
    }

    /// `DELETE path`.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// `POST path` with these very bytes.
    pub async fn post_bytes(&self, path: &str, content_type: &str, bytes: impl Into<Vec<u8>>) -> Answer {
        let request = self
            .request(Method::POST, path)
            .header(CONTENT_TYPE, content_type);
        self.send(request.body(bytes.into())).await
    }

    /// A request that a test finishes by itself and gives to [`Client::send`].
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends it.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        self.try_send(request).await.expect("the gateway answers")
    }

    /// Sends it, where a gateway may be away.
    pub async fn try_send(&self, request: RequestBuilder) -> reqwest::Result<Answer> {
        let (http, request) = request.build_split();
        let request = request?;
        let is_read = request.method() == Method::GET;
        let response = http.execute(request).await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let has_events = headers
            .get(CONTENT_TYPE)
            .is_some_and(|kind| kind == "text/event-stream");
        // Live events never end: that there are any is all that can be said of them here.
        let bytes = match is_read && has_events {
            true => Vec::new(),
            false => response.bytes().await?.to_vec(),
        };
        let text = || Value::from(String::from_utf8_lossy(&bytes).into_owned());
        let body = match bytes.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(&bytes).unwrap_or_else(|_| text()),
        };
        Ok(Answer {
            status,
            headers,
            bytes: bytes.len(),
            body,
        })
    }
}

impl Answer {
    /// A header field's value; empty where it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The body of an answer that has to be a success.
    pub fn ok(self) -> Value {
        assert!(
            (200..300).contains(&self.status),
            "{}: {}",
            self.status,
            self.body
        );
        self.body
    }

    /// Status and code of an answer that has to be a problem.
    pub fn problem(&self) -> (u16, &str) {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}: {}",
            self.status,
            self.body
        );
        (
            self.status,
            self.body["code"].as_str().expect("a problem has a code"),
        )
    }

    /// What a problem says is wrong with which field, as `field detail`.
    pub fn errors(&self) -> Vec<String> {
        let errors = self.body["errors"].as_array().cloned().unwrap_or_default();
        let words = |error: &Value| {
            let text = |key: &str| error[key].as_str().unwrap_or_default().to_owned();
            format!("{} {}", text("field"), text("detail"))
        };
        errors.iter().map(words).collect()
    }
}
