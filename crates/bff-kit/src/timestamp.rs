//! A moment as clients get it.

use serde::{Serialize, Serializer};
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};
use utoipa::ToSchema;

/// RFC 3339 in UTC, always with milliseconds, so that equal moments are equal texts.
const FORMAT: &[BorrowedFormatItem<'static>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// A moment: `2026-11-22T23:11:00.123Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-11-22T23:11:00.123Z")]
pub struct Timestamp(OffsetDateTime);

impl From<OffsetDateTime> for Timestamp {
    fn from(moment: OffsetDateTime) -> Self {
        Self(moment)
    }
}

/// Of a message's field, which the core always fills where its mask names it; otherwise it is 1970.
impl From<Option<prost_types::Timestamp>> for Timestamp {
    fn from(moment: Option<prost_types::Timestamp>) -> Self {
        let moment = moment.unwrap_or_default();
        let nanos = i128::from(moment.seconds) * 1_000_000_000 + i128::from(moment.nanos);
        Self(OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let utc = self.0.to_offset(time::UtcOffset::UTC);
        serializer.serialize_str(&utc.format(FORMAT).map_err(serde::ser::Error::custom)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(seconds: i64, nanos: i32) -> String {
        let moment = Timestamp::from(Some(prost_types::Timestamp { seconds, nanos }));
        serde_json::to_string(&moment).expect("JSON")
    }

    #[test]
    fn has_milliseconds_even_where_they_are_nought() {
        assert_eq!(text(0, 0), r#""1970-01-01T00:00:00.000Z""#);
        assert_eq!(text(1_763_852_400, 123_456_000), r#""2025-11-22T23:00:00.123Z""#);
    }

    #[test]
    fn a_time_that_no_calendar_has_does_no_harm() {
        assert_eq!(text(i64::MAX, 0), r#""1970-01-01T00:00:00.000Z""#);
    }
}
