//! What a server answers, looked at before it is measured.

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use reqwest::{
    StatusCode,
    header::{CONNECTION, CONTENT_LENGTH, DATE, ETAG, HeaderMap, LAST_MODIFIED, SERVER},
};
use serde_json::Value;

use super::{Stage, load::Target};

/// An answer.
pub(super) struct Page {
    pub(super) body: Bytes,
    pub(super) headers: HeaderMap,
}

impl Stage {
    /// Asks once, and fails where the answer is not of this status.
    pub(super) async fn ask(&self, target: &Target, expected: StatusCode) -> anyhow::Result<Page> {
        let mut request = match &target.body {
            Some(body) => self.http.post(&target.url).body(body.clone()),
            None => self.http.get(&target.url),
        };
        for (name, value) in &target.headers {
            request = request.header(*name, value);
        }
        let answer = request.send().await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.bytes().await?;
        ensure!(
            status == expected,
            "{} answers {status}: {}",
            target.url,
            String::from_utf8_lossy(&body)
        );
        Ok(Page { body, headers })
    }
}

impl Page {
    /// The header fields that whoever serves the same bytes has to be told to send; the rest everybody sends.
    pub(super) fn own_headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let common = [CONNECTION, CONTENT_LENGTH, DATE, ETAG, LAST_MODIFIED, SERVER];
        let own = self
            .headers
            .iter()
            .filter(move |(name, _)| !common.contains(name));
        own.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
    }

    /// The tag of the answer.
    pub(super) fn tag(&self) -> anyhow::Result<String> {
        let tag = self.headers.get(ETAG).context("the answer has no tag")?;
        Ok(tag.to_str()?.to_owned())
    }

    /// Its JSON, in which the order of what an object has does not matter.
    pub(super) fn json(&self) -> anyhow::Result<Value> {
        Ok(serde_json::from_slice(&self.body)?)
    }

    /// Fails where a screen says that a part of it is missing or old.
    pub(super) fn is_whole(&self) -> anyhow::Result<()> {
        let text = String::from_utf8_lossy(&self.body);
        ensure!(
            !text.contains(r#""state":"missing""#) && !text.contains(r#""state":"stale""#),
            "the screen is not whole: {text}"
        );
        Ok(())
    }
}
