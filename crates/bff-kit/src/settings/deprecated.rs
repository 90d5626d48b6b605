//! A route that is to go away.

use http::Uri;
use serde::Deserialize;
use time::{Date, OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description};

use super::client::web_address;

/// A route that is to go away: what clients are told about it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Deprecated {
    /// The route, as in the OpenAPI document: `/v1/posts/{slug}`.
    pub path: String,
    /// From when on it should not be called any more.
    pub since: OffsetDateTime,
    /// From when on it may not be there any more, if that is known.
    pub sunset: Option<OffsetDateTime>,
    /// What to do instead, if that is written down anywhere.
    pub link: Option<Uri>,
}

/// The same as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    path: String,
    since: String,
    sunset: Option<String>,
    link: Option<String>,
}

impl TryFrom<Written> for Deprecated {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let Written {
            path,
            since,
            sunset,
            link,
        } = written;
        if !path.starts_with('/') {
            return Err(format!("`{path}` is no path such as /v1/posts/{{slug}}"));
        }
        let about = |field: &str, problem: String| format!("{field} of {path}: {problem}");
        let since = moment(&since).map_err(|problem| about("since", problem))?;
        let sunset = sunset.as_deref().map(moment).transpose();
        let sunset = sunset.map_err(|problem| about("sunset", problem))?;
        let link = link.as_deref().map(web_address).transpose();
        let link = link.map_err(|problem| about("link", problem))?;
        if sunset.is_some_and(|sunset| sunset < since) {
            return Err(about("sunset", "it comes before `since`".to_owned()));
        }
        Ok(Self {
            path,
            since,
            sunset,
            link,
        })
    }
}

/// A day, which begins at midnight UTC, or a moment.
fn moment(text: &str) -> Result<OffsetDateTime, String> {
    let day = Date::parse(text, format_description!("[year]-[month]-[day]"));
    day.map(|day| day.midnight().assume_utc())
        .or_else(|_| OffsetDateTime::parse(text, &Rfc3339))
        .map_err(|_| format!("`{text}` is no date; write it like 2027-01-31 or 2027-01-31T12:00:00Z"))
}
