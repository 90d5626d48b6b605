//! Masks whose names mostly stand in the program.

use std::borrow::Cow;

use prost::{
    DecodeError, Message,
    bytes::{Buf, BufMut},
    encoding::{
        DecodeContext, WireType, encode_key, encode_varint, encoded_len_varint, key_len, skip_field, string,
    },
};

/// The number of `paths` in the message.
const PATHS: u32 = 1;

/// Which fields of a message are wanted, or changed: `google.protobuf.FieldMask`. Unlike the generated one it takes no memory
/// for names that stand in the program, of which every screen sends dozens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FieldMask {
    /// The names, as in the contract.
    pub paths: Vec<Cow<'static, str>>,
}

impl FieldMask {
    /// One that names these fields.
    pub fn of(fields: &[&'static str]) -> Self {
        Self {
            paths: fields.iter().copied().map(Cow::Borrowed).collect(),
        }
    }
}

impl Message for FieldMask {
    fn encode_raw(&self, buffer: &mut impl BufMut) {
        for path in &self.paths {
            encode_key(PATHS, WireType::LengthDelimited, buffer);
            encode_varint(path.len() as u64, buffer);
            buffer.put_slice(path.as_bytes());
        }
    }

    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: WireType,
        buffer: &mut impl Buf,
        context: DecodeContext,
    ) -> Result<(), DecodeError> {
        if tag != PATHS {
            return skip_field(wire_type, tag, buffer, context);
        }
        let mut path = String::new();
        string::merge(wire_type, &mut path, buffer, context)?;
        self.paths.push(path.into());
        Ok(())
    }

    fn encoded_len(&self) -> usize {
        let of = |path: &Cow<'_, str>| key_len(PATHS) + encoded_len_varint(path.len() as u64) + path.len();
        self.paths.iter().map(of).sum()
    }

    fn clear(&mut self) {
        self.paths.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_same_on_the_wire_as_the_one_of_everybody_else() {
        let ours = FieldMask::of(&["id", "authors.name", ""]);
        let theirs = prost_types::FieldMask {
            paths: ["id", "authors.name", ""].map(str::to_owned).to_vec(),
        };
        assert_eq!(ours.encode_to_vec(), theirs.encode_to_vec());
        assert_eq!(FieldMask::decode(&*theirs.encode_to_vec()), Ok(ours));
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert!(FieldMask::decode(&b"\x0a\x01\xff"[..]).is_err());
        assert!(FieldMask::decode(&b"\x08\x01"[..]).is_err());
    }
}
