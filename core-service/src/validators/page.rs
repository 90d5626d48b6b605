//! Pages: how many, and from where on.
//!
//! A page token is opaque to whoever gets it and authorises nothing: it says after which row the next
//! page begins, and which question it belongs to, so that it cannot be used with another.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::{Error, Result};

const DEFAULT_SIZE: u32 = 20;
const MOST: u32 = 100;

/// How many things a page has: the default where nobody says, at most 100 whatever anybody says.
pub fn size(page_size: i32) -> Result<u32> {
    size_up_to(page_size, DEFAULT_SIZE, MOST)
}

/// How many things a page has: `default` where nobody says, at most `most` whatever anybody says.
pub fn size_up_to(page_size: i32, default: u32, most: u32) -> Result<u32> {
    match u32::try_from(page_size) {
        Ok(0) => Ok(default),
        Ok(size) => Ok(size.min(most)),
        Err(_) => Err(Error::invalid("page_size", "can't be negative")),
    }
}

/// The place after which a page begins: the values that the order sorts by, the number last.
pub type Place<const N: usize> = [i64; N];

/// Reads the token of a page of the question that `question` tells apart from others.
pub fn place<const N: usize>(token: &str, question: &str) -> Result<Option<Place<N>>> {
    if token.is_empty() {
        return Ok(None);
    }
    let refused = |why: &str| Error::invalid("page_token", why);
    let bytes = URL_SAFE_NO_PAD
        .decode(token)
        .map_err(|_| refused("is not a token of this service"))?;
    let mut numbers = bytes
        .chunks_exact(8)
        .map(|chunk| chunk.try_into().map(i64::from_be_bytes).unwrap_or(0));
    let of = numbers.next();
    let place: Vec<i64> = numbers.collect();
    match <Place<N>>::try_from(place) {
        Ok(place) if bytes.len() == 8 * (N + 1) && of == Some(fingerprint(question)) => Ok(Some(place)),
        Ok(_) => Err(refused("belongs to another question")),
        Err(_) => Err(refused("is not a token of this service")),
    }
}

/// Writes the token of the page that begins after `place`.
pub fn token<const N: usize>(place: Place<N>, question: &str) -> String {
    let numbers = [fingerprint(question)].into_iter().chain(place);
    URL_SAFE_NO_PAD.encode(numbers.flat_map(i64::to_be_bytes).collect::<Vec<u8>>())
}

/// Cuts the row that was read beyond the page, and says whether there was one.
pub fn cut<T>(rows: &mut Vec<T>, size: u32) -> bool {
    let more = rows.len() > size as usize;
    rows.truncate(size as usize);
    more
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo): short, stable, and not meant to keep anybody out.
fn fingerprint(question: &str) -> i64 {
    let hash = question.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    hash.cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_leads_back_to_its_place() {
        assert_eq!(place(&token([7, -3], "books"), "books").unwrap(), Some([7, -3]));
    }

    #[test]
    fn a_token_of_another_question_is_refused() {
        assert!(place::<1>(&token([7], "books"), "posts").is_err());
    }

    #[test]
    fn anything_else_is_refused_and_never_panics() {
        for token in ["x", "AAAA", "====", "\u{1F600}", &"A".repeat(10_000)] {
            assert!(place::<1>(token, "books").is_err(), "{token}");
        }
    }
}
