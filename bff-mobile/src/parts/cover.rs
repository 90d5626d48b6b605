//! Pictures of covers, in the sizes that a phone can use.

use serde::Serialize;
use utoipa::ToSchema;

/// One size of a picture.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Picture {
    url: String,
    /// In pixels; left out where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
}

/// A cover in every size that is to be had, the smallest first; in the one that there is, where its host has
/// no others. None where there is no cover.
pub(crate) fn cover(url: Option<&str>) -> Vec<Picture> {
    let Some(url) = url else { return Vec::new() };
    let sizes = open_library(url).or_else(|| goodreads(url));
    sizes.map(Vec::from).unwrap_or_else(|| {
        vec![Picture {
            url: url.to_owned(),
            width: None,
        }]
    })
}

/// A cover for a row of a list: the smallest, so that a list stays light whatever its covers weigh.
pub(crate) fn small_cover(url: Option<&str>) -> Vec<Picture> {
    cover(url).into_iter().take(1).collect()
}

/// `…/b/id/240727-L.jpg` has `-M` beside it, in boxes of 500 × 500 and 180 × 360 pixels; a cover is about half
/// as high again as it is wide. `-S` is for lists of text.
fn open_library(url: &str) -> Option<[Picture; 2]> {
    let name = url
        .strip_suffix(".jpg")
        .filter(|_| url.contains("://covers.openlibrary.org/"))?;
    let name = ["-L", "-M", "-S"]
        .into_iter()
        .find_map(|size| name.strip_suffix(size))?;
    Some([
        sized(format!("{name}-M.jpg"), 180),
        sized(format!("{name}-L.jpg"), 333),
    ])
}

/// `…/books/1447303603m/2767052.jpg` has `l` and `s` instead of the `m`; `s` is 50 pixels wide, too few for a
/// phone.
fn goodreads(url: &str) -> Option<[Picture; 2]> {
    let (folder, name) = url
        .rsplit_once('/')
        .filter(|_| url.contains("://images.gr-assets.com/books/"))?;
    let number = folder.strip_suffix(['s', 'm', 'l'])?;
    let known = number.ends_with(|c: char| c.is_ascii_digit());
    known.then(|| {
        [
            sized(format!("{number}m/{name}"), 98),
            sized(format!("{number}l/{name}"), 318),
        ]
    })
}

fn sized(url: String, width: u32) -> Picture {
    Picture {
        url,
        width: Some(width),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_every_size_that_its_host_has() {
        for (given, small, large) in [
            (
                "https://covers.openlibrary.org/b/id/240727-L.jpg",
                ("https://covers.openlibrary.org/b/id/240727-M.jpg", 180),
                ("https://covers.openlibrary.org/b/id/240727-L.jpg", 333),
            ),
            (
                "https://images.gr-assets.com/books/1447303603m/2767052.jpg",
                ("https://images.gr-assets.com/books/1447303603m/2767052.jpg", 98),
                ("https://images.gr-assets.com/books/1447303603l/2767052.jpg", 318),
            ),
        ] {
            let expected = [small, large].map(|(url, width)| sized(url.to_owned(), width));
            assert_eq!(cover(Some(given)), expected);
            assert_eq!(small_cover(Some(given)), expected[..1]);
        }
    }

    #[test]
    fn is_what_it_is_where_its_host_has_no_sizes() {
        for url in [
            "https://images.gr-assets.com/books/x.jpg",
            "https://covers.openlibrary.org/b/id/240727.jpg",
            "https://example.org/cover-L.jpg",
        ] {
            let only = Picture {
                url: url.to_owned(),
                width: None,
            };
            assert_eq!(cover(Some(url)), [only]);
        }
        assert_eq!(cover(None), []);
    }
}
