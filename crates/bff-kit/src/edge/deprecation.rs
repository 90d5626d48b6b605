//! Routes that are to go away: `Deprecation` (RFC 9745), `Sunset` (RFC 8594), and a count of who still
//! calls them.

use std::collections::HashMap;

use axum::{extract::Request, response::Response};
use http::{HeaderName, HeaderValue, header};
use time::{OffsetDateTime, UtcOffset, format_description::BorrowedFormatItem, macros::format_description};

use super::{
    client::platform,
    layers::route_of,
    stack::{Layer, Next},
};
use crate::settings::Deprecated;

/// Dates as HTTP has them (RFC 9110, IMF-fixdate).
const DATE: &[BorrowedFormatItem<'static>] =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");

/// What to say about which route.
pub(super) struct Notices(HashMap<String, Vec<(HeaderName, HeaderValue)>>);

impl Notices {
    pub(super) fn new(deprecated: &[Deprecated]) -> Self {
        let notices = deprecated.iter().map(|one| (one.path.clone(), fields(one)));
        Self(notices.collect())
    }
}

impl Layer for Notices {
    async fn handle(&self, request: Box<Request>, next: impl Next) -> Response {
        let Some(fields) = self.0.get(route_of(&request)) else {
            return next.run(request).await;
        };
        let labels = [
            ("method", request.method().to_string()),
            ("route", route_of(&request).to_owned()),
            ("platform", platform(request.headers()).to_owned()),
        ];
        metrics::counter!("deprecated_requests_total", &labels).increment(1);
        let mut response = next.run(request).await;
        for (name, value) in fields {
            response.headers_mut().append(name, value.clone());
        }
        response
    }
}

fn fields(deprecated: &Deprecated) -> Vec<(HeaderName, HeaderValue)> {
    let Deprecated {
        since, sunset, link, ..
    } = deprecated;
    let since = format!("@{}", since.unix_timestamp());
    let mut fields = vec![(HeaderName::from_static("deprecation"), since)];
    if let Some(sunset) = sunset {
        fields.push((HeaderName::from_static("sunset"), date(*sunset)));
    }
    if let Some(link) = link {
        fields.push((
            header::LINK,
            format!("<{link}>; rel=\"deprecation\"; type=\"text/html\""),
        ));
    }
    let value = |text| HeaderValue::try_from(text).expect("dates and addresses are plain text");
    fields
        .into_iter()
        .map(|(name, text)| (name, value(text)))
        .collect()
}

fn date(moment: OffsetDateTime) -> String {
    let moment = moment.to_offset(UtcOffset::UTC);
    moment.format(DATE).expect("every moment has these parts")
}
