//! The settings that every upstream has. A gateway's `settings.toml` documents them where it has one.

use std::{num::NonZeroUsize, str::FromStr};

use http::HeaderValue;
use reqwest::Url;
use serde::{Deserialize, Deserializer, de::Error as _};
use service_kit::settings::Period;

/// How an upstream is asked, and how long its answers are good for.
#[derive(Clone, Debug, Deserialize)]
pub struct UpstreamSettings {
    /// How we call ourselves there.
    pub user_agent: UserAgent,
    /// How long a page waits for what is not known yet, if its deadline leaves as much.
    pub wait: Period,
    /// How long a fetch may take, whether a page still waits for it or not.
    pub timeout: Period,
    /// How many bytes an answer may have.
    pub max_answer_bytes: usize,
    /// How many fetches may be under way at once.
    pub max_fetches: NonZeroUsize,
    /// How long an answer is taken for what is there now.
    pub fresh_for: Period,
    /// How long after that it is still shown, as stale.
    pub stale_for: Period,
    /// How long it is taken for granted that there is no such thing.
    pub absent_for: Period,
    /// How many bytes all kept answers may take.
    pub max_cache_bytes: u64,
    /// After how many failures in a row it is left alone.
    pub breaker_failures: NonZeroUsize,
    /// For how long.
    pub breaker_pause: Period,
}

/// The address of an upstream, such as `https://books.example.org` or `http://mirror.local:8080/books`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(Url);

impl BaseUrl {
    pub(super) fn get(&self) -> &Url {
        &self.0
    }

    /// Reads a setting that may be empty, which is none.
    pub fn or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(D::Error::custom),
        }
    }
}

impl FromStr for BaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bare = |url: &Url| {
            let alone = url.username().is_empty() && url.password().is_none();
            alone && url.query().is_none() && url.fragment().is_none()
        };
        match Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && bare(&url) => Ok(Self(url)),
            _ => Err(format!(
                "`{text}` is no address such as https://books.example.org; leave it empty for none"
            )),
        }
    }
}

/// How we call ourselves.
#[derive(Clone, Debug)]
pub struct UserAgent(HeaderValue);

impl UserAgent {
    pub(super) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl<'de> Deserialize<'de> for UserAgent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let named = !text.trim().is_empty();
        let header = named.then(|| HeaderValue::from_str(&text).ok()).flatten();
        header.map(Self).ok_or_else(|| {
            D::Error::custom(format!(
                "`{text}` is no name such as `triptych (ops@example.org)`"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_where_and_nothing_more() {
        for good in [
            "https://books.test",
            "http://127.0.0.1:8080/mirror/",
            "https://books.test/",
        ] {
            assert!(good.parse::<BaseUrl>().is_ok(), "{good}");
        }
        for bad in [
            "books.test",
            "ftp://books.test",
            "file:///etc/passwd",
            "https://user@books.test",
            "https://:word@books.test",
            "https://books.test?key=1",
            "https://books.test#here",
            "https://",
        ] {
            assert!(bad.parse::<BaseUrl>().is_err(), "{bad}");
        }
    }
}
