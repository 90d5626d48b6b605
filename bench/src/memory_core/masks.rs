//! Field masks: a message keeps the fields that are named, and loses the others.

use std::collections::HashMap;

use bytes::{Buf as _, BufMut as _};
use prost::{
    Message,
    encoding::{DecodeContext, decode_key, skip_field},
};
use prost_types::FileDescriptorSet;

/// The numbers of the fields of all messages, by message and field.
pub(super) struct Masks(HashMap<String, HashMap<String, u32>>);

impl Masks {
    pub(super) fn new() -> Self {
        let files = FileDescriptorSet::decode(proto::DESCRIPTORS).expect("they are generated");
        let messages = files.file.into_iter().flat_map(|file| file.message_type);
        let numbers = messages.map(|message| {
            let fields = message.field.into_iter();
            let fields = fields.map(|field| (field.name().to_owned(), field.number().unsigned_abs()));
            (message.name.unwrap_or_default(), fields.collect())
        });
        Self(numbers.collect())
    }

    /// The message with no more than these fields; with all where none is named.
    pub(super) fn trim<M: Message + Default>(&self, name: &str, message: M, fields: &[String]) -> M {
        if fields.is_empty() {
            return message;
        }
        let numbers: Vec<u32> = fields
            .iter()
            .filter_map(|field| self.0.get(name)?.get(field).copied())
            .collect();
        let encoded = message.encode_to_vec();
        let (mut rest, mut kept) = (encoded.as_slice(), Vec::new());
        while rest.has_remaining() {
            let before = rest;
            let (number, kind) = decode_key(&mut rest).expect("it was encoded just now");
            skip_field(kind, number, &mut rest, DecodeContext::default()).expect("it was encoded just now");
            if numbers.contains(&number) {
                kept.put_slice(&before[..before.len() - rest.len()]);
            }
        }
        M::decode(kept.as_slice()).expect("fields of the same message")
    }
}

#[cfg(test)]
mod tests {
    use proto::books::v1::Book;

    use super::*;

    #[test]
    fn keeps_what_is_named_and_nothing_else() {
        let book = Book {
            id: 7,
            title: "Emma".to_owned(),
            authors: vec!["Jane".to_owned(), "Austen".to_owned()],
            stock: 3,
            ..Default::default()
        };
        let fields = ["title", "authors"].map(str::to_owned);
        let trimmed = Masks::new().trim("Book", book.clone(), &fields);
        let expected = Book {
            id: 0,
            stock: 0,
            ..book
        };
        assert_eq!(trimmed, expected);
    }
}
