//! A client: asks one process over HTTP, as somebody or as nobody.

use std::time::{Duration, Instant};

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

/// Longer than any deadline of the cluster: what takes longer hangs.
const HANGS: Duration = Duration::from_secs(30);

/// One process, seen from a client.
#[derive(Clone)]
pub struct Face {
    base: String,
    client: Client,
    authorization: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The header fields.
    pub headers: HeaderMap,
    /// The body, as it went over the wire.
    pub body: Vec<u8>,
    /// How long it took.
    pub took: Duration,
}

impl Face {
    /// The process that listens on this port of the loopback.
    pub fn new(port: u16) -> Self {
        // Connections are not kept: a process that was restarted is met anew.
        let client = Client::builder()
            .timeout(HANGS)
            .pool_max_idle_per_host(0)
            .no_proxy()
            .build();
        let client = client.expect("a client without TLS of its own needs nothing");
        Self {
            base: format!("http://127.0.0.1:{port}"),
            client,
            authorization: None,
        }
    }

    /// The same process, asked by whoever holds this token.
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            authorization: Some(format!("Bearer {token}")),
            ..self.clone()
        }
    }

    /// Its address.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// A request that can be changed before it is sent.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base));
        match &self.authorization {
            Some(value) => request.header("authorization", value),
            None => request,
        }
    }

    /// Sends a request; fails where no answer comes.
    pub async fn send(&self, request: RequestBuilder) -> reqwest::Result<Answer> {
        let asked = Instant::now();
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await?.to_vec();
        Ok(Answer {
            status,
            headers,
            body,
            took: asked.elapsed(),
        })
    }

    /// GET; fails where no answer comes.
    pub async fn try_get(&self, path: &str) -> reqwest::Result<Answer> {
        self.send(self.request(Method::GET, path)).await
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.try_get(path)
            .await
            .unwrap_or_else(|error| panic!("GET {path}: {error:?}"))
    }

    /// POST with a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.write(Method::POST, path, body).await
    }

    /// Any method with a JSON body.
    pub async fn write(&self, method: Method, path: &str, body: &Value) -> Answer {
        let answer = self.send(self.request(method.clone(), path).json(body)).await;
        answer.unwrap_or_else(|error| panic!("{method} {path}: {error:?}"))
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        let answer = self.send(self.request(Method::DELETE, path)).await;
        answer.unwrap_or_else(|error| panic!("DELETE {path}: {error:?}"))
    }
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{} is no JSON ({error}): {}", self.status, self.text()))
    }

    /// The same answer, where it has this status; fails with the body where not.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// The media type, without parameters.
    pub fn media_type(&self) -> &str {
        let value = self
            .headers
            .get("content-type")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim()
    }

    /// The problem, where it is one with this code.
    #[track_caller]
    pub fn expect_problem(self, status: u16, code: &str) -> Value {
        assert_eq!(self.media_type(), "application/problem+json", "{}", self.text());
        let problem = self.expect(status).json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        problem
    }
}
