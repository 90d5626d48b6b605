//! Versions of clients, as far as they are compared.

use std::{fmt, str::FromStr};

/// A version: `2`, `2.3` or `2.3.1`. What may follow after `-` or `+` says nothing about its age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    parts: [u32; 3],
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let problem = || format!("`{text}` is no version; write it like 2.3.1");
        let numbers = text.trim().split(['-', '+']).next().unwrap_or_default();
        let mut parts = [0; 3];
        for (place, part) in numbers.split('.').enumerate() {
            let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            let number = part.parse().ok().filter(|_| digits);
            *parts.get_mut(place).ok_or_else(problem)? = number.ok_or_else(problem)?;
        }
        Ok(Self { parts })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.parts;
        write!(f, "{major}.{minor}.{patch}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().expect("a version")
    }

    #[test]
    fn later_is_greater_and_numbers_are_no_texts() {
        assert!(version("2.10.0") > version("2.9.9"));
        assert!(version("3") > version("2.99"));
        assert_eq!(version("2.3"), version("2.3.0-beta.1+42"));
        assert_eq!(version(" 2.3").to_string(), "2.3.0");
    }

    #[test]
    fn what_is_no_version_is_none() {
        for text in ["", "v2", "2.", "2.3.1.4", "2.x", "-1", "2,3", "99999999999"] {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
    }
}
