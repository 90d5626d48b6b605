//! A length of time as people write it.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Deserializer, de::Error as _};

/// A length of time, written with its unit: `800ms`, `2s`, `5m`, `1h`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period(Duration);

impl Period {
    /// The same for programs.
    pub const fn get(self) -> Duration {
        self.0
    }

    /// Reads one that has to be longer than nothing: something happens again and again after so long.
    pub fn above_zero<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Self::deserialize(deserializer)? {
            Self(Duration::ZERO) => Err(D::Error::custom("has to be longer than nothing, such as `1s`")),
            period => Ok(period),
        }
    }
}

impl From<Duration> for Period {
    fn from(duration: Duration) -> Self {
        Self(duration)
    }
}

impl FromStr for Period {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (count, unit) = text.split_at(digits);
        let millis_each = match unit {
            "ms" => Some(1),
            "s" => Some(1_000),
            "m" => Some(60_000),
            "h" => Some(3_600_000),
            _ => None,
        };
        let millis = count
            .parse::<u64>()
            .ok()
            .zip(millis_each)
            .and_then(|(n, each)| n.checked_mul(each));
        match millis {
            Some(millis) => Ok(Self(Duration::from_millis(millis))),
            None => Err(format!(
                "`{text}` is no length of time; write it like `800ms`, `2s`, `5m` or `1h`"
            )),
        }
    }
}

impl fmt::Debug for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_number_with_its_unit() {
        for (text, millis) in [
            ("0ms", 0),
            ("800ms", 800),
            ("2s", 2_000),
            ("5m", 300_000),
            ("1h", 3_600_000),
        ] {
            assert_eq!(text.parse(), Ok(Period(Duration::from_millis(millis))), "{text}");
        }
    }

    #[test]
    fn refuses_what_has_no_unit_or_no_number() {
        for text in [
            "",
            "2",
            "s",
            "2 s",
            "-1s",
            "1.5s",
            "2d",
            "99999999999999999999s",
            "18446744073709551615h",
        ] {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_happens_again_and_again_needs_time_between() {
        let read = |text: &str| Period::above_zero(serde_json::Value::from(text));
        assert_eq!(
            read("1ms").map_err(|error| error.to_string()),
            Ok(Period(Duration::from_millis(1)))
        );
        for wrong in ["0s", "0ms", "soon"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
