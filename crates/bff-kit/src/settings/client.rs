//! Which versions of the client are served.

use std::str::FromStr;

use http::Uri;
use serde::{Deserialize, Deserializer, de::Error as _};

use crate::version::Version;

/// Which versions of the client are served. Each may be left empty.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct ClientSettings {
    /// Older ones are not served.
    pub minimum: Option<Version>,
    /// Older ones are asked to become newer.
    pub recommended: Option<Version>,
    /// Where to get a newer one.
    pub download_url: Option<String>,
}

/// The same as it is written.
#[derive(Deserialize)]
struct Written {
    #[serde(deserialize_with = "unless_empty")]
    minimum: Option<Version>,
    #[serde(deserialize_with = "unless_empty")]
    recommended: Option<Version>,
    #[serde(deserialize_with = "address")]
    download_url: Option<Uri>,
}

impl TryFrom<Written> for ClientSettings {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let Written {
            minimum,
            recommended,
            download_url,
        } = written;
        if let (Some(minimum), Some(recommended)) = (minimum, recommended)
            && recommended < minimum
        {
            return Err(format!(
                "client.recommended ({recommended}) is older than client.minimum ({minimum}); raise it"
            ));
        }
        Ok(Self {
            minimum,
            recommended,
            download_url: download_url.map(|address| address.to_string()),
        })
    }
}

/// Nothing for an empty text.
fn unless_empty<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err = String>,
{
    match String::deserialize(deserializer)?.as_str() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(D::Error::custom),
    }
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Uri>, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "" => Ok(None),
        text => web_address(text).map(Some).map_err(D::Error::custom),
    }
}

/// An address that people can open.
pub(super) fn web_address(text: &str) -> Result<Uri, String> {
    let problem = || format!("`{text}` is no address such as https://example.org/download");
    let address: Uri = text.parse().map_err(|_| problem())?;
    match address.scheme_str() {
        // What ends a target in the header `Link` has no place in an address.
        Some("http" | "https") if !text.contains(['>', '"']) => Ok(address),
        _ => Err(problem()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(minimum: &str, recommended: &str, download_url: &str) -> Result<ClientSettings, String> {
        let written = json!({
            "minimum": minimum,
            "recommended": recommended,
            "download_url": download_url,
        });
        serde_json::from_value(written).map_err(|error| error.to_string())
    }

    #[test]
    fn each_may_be_empty() {
        let nothing = ClientSettings {
            minimum: None,
            recommended: None,
            download_url: None,
        };
        assert_eq!(read("", "", ""), Ok(nothing));
        assert!(read("2", "2.0.1", "https://example.org/app").is_ok());
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_what_is_wrong() {
        for (settings, problem) in [
            (read("two", "", ""), "`two` is no version; write it like 2.3.1"),
            (
                read("3", "2.9", ""),
                "client.recommended (2.9.0) is older than client.minimum (3.0.0)",
            ),
            (read("", "", "example.org"), "`example.org` is no address such as"),
            (read("", "", "https://a.test/\">"), "is no address such as"),
        ] {
            let told = settings.expect_err("it is refused");
            assert!(told.contains(problem), "{told}");
        }
    }
}
