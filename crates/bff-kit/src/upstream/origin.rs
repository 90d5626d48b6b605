//! The one service that may be called, and how: `GET`, for JSON, with nothing of ours but a name.

use http::{HeaderValue, StatusCode, header};
use reqwest::{Client, Response, Url, redirect};
use serde::de::DeserializeOwned;

use super::{BaseUrl, Failure, UpstreamSettings};

/// A service at one address. Whatever it is asked for, no call goes anywhere else: only a path below the
/// address and a query can be chosen, and a redirect is not followed.
#[derive(Clone, Debug)]
pub struct Origin {
    client: Client,
    base: Url,
    max_bytes: usize,
}

impl Origin {
    pub(super) fn new(base: &BaseUrl, settings: &UpstreamSettings) -> reqwest::Result<Self> {
        let client = Client::builder()
            .user_agent(settings.user_agent.header())
            .redirect(redirect::Policy::none())
            .referer(false)
            // A proxy that the environment names would be one more address to call.
            .no_proxy()
            .connect_timeout(settings.timeout.get())
            .pool_max_idle_per_host(settings.max_fetches.get())
            .build()?;
        Ok(Self {
            client,
            base: base.get().clone(),
            max_bytes: settings.max_answer_bytes,
        })
    }

    /// What lies at `path`, given as its segments, with this query; nothing where there is no such thing.
    pub async fn get<A: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Option<A>, Failure> {
        let request = self
            .client
            .get(self.address(path, query))
            .header(header::ACCEPT, HeaderValue::from_static("application/json"));
        let response = request.send().await?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND | StatusCode::GONE => return Ok(None),
            status => return Err(Failure::Status(status.as_u16())),
        }
        let body = self.body(response).await?;
        match serde_json::from_slice(&body) {
            Ok(answer) => Ok(Some(answer)),
            Err(error) => Err(Failure::Unreadable(error.to_string())),
        }
    }

    fn address(&self, path: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    async fn body(&self, mut response: Response) -> Result<Vec<u8>, Failure> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > self.max_bytes {
                return Err(Failure::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(base: &str, path: &[&str], query: &[(&str, &str)]) -> String {
        let origin = Origin {
            client: Client::new(),
            base: base.parse::<BaseUrl>().expect("an address").get().clone(),
            max_bytes: 0,
        };
        origin.address(path, query).into()
    }

    #[test]
    fn only_what_is_below_the_address_can_be_asked_for() {
        let there = |path: &[&str]| address("https://books.test/mirror", path, &[]);
        assert_eq!(there(&["api", "books"]), "https://books.test/mirror/api/books");
        for elsewhere in [
            "..",
            "//evil.test",
            "https://evil.test",
            "a/../../b",
            "@evil.test",
            "?",
            "#",
        ] {
            let url = there(&[elsewhere]);
            assert!(url.starts_with("https://books.test/mirror"), "{url}");
            assert!(!url.trim_start_matches("https://").contains("//"), "{url}");
        }
        assert_eq!(
            address("http://books.test/", &["a"], &[("q", "1&x=2 #")]),
            "http://books.test/a?q=1%26x%3D2+%23"
        );
    }
}
