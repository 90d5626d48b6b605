//! A moment as clients get it.

use serde::{Serialize, Serializer};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// RFC 3339 in UTC, always with milliseconds, so that equal moments are equal texts.
const BEGINNING: [u8; 24] = *b"1970-01-01T00:00:00.000Z";

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
        let nanos = u32::try_from(moment.nanos).ok();
        let told = OffsetDateTime::from_unix_timestamp(moment.seconds).ok();
        let told = told.and_then(|second| second.replace_nanosecond(nanos?).ok());
        Self(told.unwrap_or(OffsetDateTime::UNIX_EPOCH))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let utc = self.0.to_offset(time::UtcOffset::UTC);
        let mut text = BEGINNING;
        // Screens have dozens of them: a format that is read anew for each takes as long as all that is around it.
        if let Ok(year @ 0..=9999) = u32::try_from(utc.year()) {
            write(&mut text[0..4], year);
            write(&mut text[5..7], u32::from(u8::from(utc.month())));
            write(&mut text[8..10], utc.day().into());
            write(&mut text[11..13], utc.hour().into());
            write(&mut text[14..16], utc.minute().into());
            write(&mut text[17..19], utc.second().into());
            write(&mut text[20..23], utc.millisecond().into());
        }
        let text = std::str::from_utf8(&text).map_err(serde::ser::Error::custom)?;
        serializer.serialize_str(text)
    }
}

/// Writes a number in so many digits.
fn write(digits: &mut [u8], number: u32) {
    let mut left = number;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (left % 10) as u8;
        left /= 10;
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
    fn every_part_is_where_it_belongs() {
        let moments = [
            (-62_167_219_200, 0, "0000-01-01T00:00:00.000Z"),
            (951_782_399, 999_999_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400, 7_000_000, "2000-02-29T00:00:00.007Z"),
            (253_402_300_799, 0, "9999-12-31T23:59:59.000Z"),
        ];
        for (seconds, nanos, expected) in moments {
            assert_eq!(text(seconds, nanos), format!("{expected:?}"));
        }
    }

    #[test]
    fn a_time_that_no_calendar_has_does_no_harm() {
        assert_eq!(text(0, -1), r#""1970-01-01T00:00:00.000Z""#);
        assert_eq!(text(-62_167_219_201, 0), r#""1970-01-01T00:00:00.000Z""#);
        assert_eq!(text(i64::MAX, 0), r#""1970-01-01T00:00:00.000Z""#);
    }
}
