//! The settings, as `settings.toml` documents them.

use std::{fmt, path::PathBuf};

use bff_kit::{
    GatewaySettings,
    upstream::{BaseUrl, UpstreamSettings},
};
use http::{HeaderValue, Uri};
use serde::{Deserialize, Deserializer, de::Error as _};

/// The settings of this gateway.
#[derive(Clone, Debug, Deserialize)]
pub struct Settings {
    /// What every gateway has.
    #[serde(flatten)]
    pub gateway: GatewaySettings,
    /// The Conduit contract.
    pub conduit: ConduitSettings,
    /// Front ends of other origins.
    pub cors: CorsSettings,
    /// The web app.
    pub app: AppSettings,
    /// A library of others.
    pub open_library: OpenLibrarySettings,
}

/// The Conduit contract.
#[derive(Clone, Debug, Deserialize)]
pub struct ConduitSettings {
    /// Whether its clients get their token; otherwise they get a cookie.
    pub tokens: bool,
}

/// Front ends of other origins.
#[derive(Clone, Debug, Deserialize)]
pub struct CorsSettings {
    /// The origins whose pages may call the Conduit routes.
    pub origins: Vec<Origin>,
}

/// The web app.
#[derive(Clone, Debug, Deserialize)]
pub struct AppSettings {
    /// The folder that it was built into; empty where it is served from elsewhere.
    pub folder: PathBuf,
}

/// A library of others, from which the page of a book takes a section.
#[derive(Clone, Debug, Deserialize)]
pub struct OpenLibrarySettings {
    /// Where it is; none where there is to be no such section.
    #[serde(deserialize_with = "BaseUrl::or_none")]
    pub url: Option<BaseUrl>,
    /// The hosts that pictures of covers may be shown from.
    pub cover_hosts: Vec<String>,
    /// How it is asked.
    #[serde(flatten)]
    pub upstream: UpstreamSettings,
}

/// Where a page comes from: scheme, host and port, such as `https://app.example.org`.
#[derive(Clone, PartialEq, Eq)]
pub struct Origin(HeaderValue);

impl Origin {
    fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let web = matches!(uri.scheme_str(), Some("http" | "https"));
        // A path, even the `/` at the end, would never be equal to what browsers send.
        let bare = uri.authority().is_some_and(|host| text.ends_with(host.as_str()));
        (web && bare).then(|| HeaderValue::from_str(text).ok().map(Self))?
    }
}

impl PartialEq<HeaderValue> for Origin {
    fn eq(&self, header: &HeaderValue) -> bool {
        self.0 == header
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| D::Error::custom(format!("`{text}` is no origin such as https://app.example.org")))
    }
}

impl AsRef<GatewaySettings> for Settings {
    fn as_ref(&self) -> &GatewaySettings {
        &self.gateway
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_scheme_and_a_host_and_nothing_more() {
        for good in ["https://app.example.org", "http://localhost:4200"] {
            assert!(Origin::parse(good).is_some(), "{good}");
        }
        for bad in [
            "*",
            "null",
            "app.example.org",
            "https://app.example.org/",
            "ftp://x",
            "https://x/y",
            "",
        ] {
            assert!(Origin::parse(bad).is_none(), "{bad}");
        }
    }
}
