//! Pictures of covers, as small as they are to be had.

/// The address of the small variant of a cover, where its host is one that has variants.
pub(crate) fn small_cover(url: &str) -> String {
    open_library(url)
        .or_else(|| goodreads(url))
        .unwrap_or_else(|| url.to_owned())
}

/// `…/b/id/240727-L.jpg` has `-M` and `-S` beside it.
fn open_library(url: &str) -> Option<String> {
    let name = url
        .strip_suffix(".jpg")
        .filter(|_| url.contains("://covers.openlibrary.org/"))?;
    let name = name.strip_suffix("-L").or_else(|| name.strip_suffix("-M"))?;
    Some(format!("{name}-S.jpg"))
}

/// `…/books/1447303603m/2767052.jpg` has `l` and `s` instead of the `m`.
fn goodreads(url: &str) -> Option<String> {
    let (folder, name) = url
        .rsplit_once('/')
        .filter(|_| url.contains("://images.gr-assets.com/books/"))?;
    let number = folder.strip_suffix('m').or_else(|| folder.strip_suffix('l'))?;
    number
        .ends_with(|c: char| c.is_ascii_digit())
        .then(|| format!("{number}s/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_for_the_small_variant_where_there_is_one() {
        for (given, small) in [
            (
                "https://covers.openlibrary.org/b/id/240727-L.jpg",
                "https://covers.openlibrary.org/b/id/240727-S.jpg",
            ),
            (
                "https://images.gr-assets.com/books/1447303603m/2767052.jpg",
                "https://images.gr-assets.com/books/1447303603s/2767052.jpg",
            ),
            (
                "https://images.gr-assets.com/books/x.jpg",
                "https://images.gr-assets.com/books/x.jpg",
            ),
            (
                "https://example.org/cover-L.jpg",
                "https://example.org/cover-L.jpg",
            ),
        ] {
            assert_eq!(small_cover(given), small);
        }
    }
}
