//! A place in the log of changes, as clients keep it.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use proto::changes::v1::Position;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use utoipa::ToSchema;

/// A place in the log of changes, to go on from. It says nothing to a client, and lets nobody see anything.
#[derive(Clone, Copy, Debug, PartialEq, ToSchema)]
#[schema(
    value_type = String, pattern = "^[A-Za-z0-9_-]{32}$", min_length = 32, max_length = 32,
    example = "CqAfW3JbnPEAAAAAAAAAKgAQ9LbyRf1u"
)]
pub struct Bookmark(Position);

impl Bookmark {
    /// From its text; nothing where it is none.
    pub fn read(text: &str) -> Option<Self> {
        let bytes: [u8; 24] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let number = |at: usize| u64::from_be_bytes(std::array::from_fn(|index| bytes[at + index]));
        Some(Self(Position {
            epoch: number(0),
            seq: number(8).cast_signed(),
            tag: number(16),
        }))
    }
}

impl fmt::Display for Bookmark {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { epoch, seq, tag } = self.0;
        let bytes = [epoch, seq.cast_unsigned(), tag].map(u64::to_be_bytes);
        out.write_str(&URL_SAFE_NO_PAD.encode(bytes.as_flattened()))
    }
}

impl From<Position> for Bookmark {
    fn from(place: Position) -> Self {
        Self(place)
    }
}

impl From<Bookmark> for Position {
    fn from(Bookmark(place): Bookmark) -> Self {
        place
    }
}

impl Serialize for Bookmark {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Bookmark {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::read(&text).ok_or_else(|| D::Error::custom("is none of ours"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back_as_it_was_kept() {
        for place in [
            Position {
                epoch: u64::MAX,
                seq: i64::MAX,
                tag: u64::MAX,
            },
            Position {
                epoch: 7,
                seq: 42,
                tag: 9,
            },
            Position::default(),
        ] {
            let text = Bookmark::from(place).to_string();
            assert_eq!(text.len(), 32);
            assert_eq!(Bookmark::read(&text).map(Position::from), Some(place));
        }
    }

    #[test]
    fn is_nothing_else() {
        let long = "A".repeat(36);
        for text in [
            "",
            "7.42.9",
            &long,
            "CqAfW3JbnPEAAAAAAAAAKgAQ9LbyRf1=",
            "../../etc",
        ] {
            assert_eq!(Bookmark::read(text), None, "{text}");
        }
    }
}
