//! Input about books that comes in files: whatever part of a book the file speaks about.

use super::Check;
use super::books::{BookChanges, RawBook, WRITABLE};
use crate::error::{Error, Result};

/// A book, as far as a file speaks about it, as it came in.
#[derive(Debug, Default, Clone)]
pub struct RawImportedBook {
    /// What staff could write too.
    pub book: RawBook,
    /// What the source calls the book: `SOURCE:KEY`.
    pub import_key: String,
    /// Mean rating in hundredths of a star.
    pub rating_hundredths: i32,
    /// How many ratings the mean is of.
    pub ratings_count: i64,
}

/// A book that keeps the rules; what is absent, the file says nothing about.
#[derive(Debug, Default, Clone)]
pub struct ImportedBook {
    /// What staff could write too.
    pub book: BookChanges,
    /// What the source calls the book: `SOURCE:KEY`.
    pub import_key: Option<String>,
    /// Mean rating in hundredths of a star.
    pub rating_hundredths: Option<i32>,
    /// How many ratings the mean is of.
    pub ratings_count: Option<i64>,
}

impl ImportedBook {
    /// Checks the fields that `paths` names.
    pub fn parse(raw: RawImportedBook, paths: &[&str]) -> Result<Self> {
        let mut check = Check::default();
        let names = |field: &str| paths.contains(&field);
        let import_key = names("import_key").then(|| import_key(&mut check, raw.import_key));
        let rating_hundredths = names("rating_hundredths")
            .then(|| check.between("rating_hundredths", raw.rating_hundredths, 0, 500));
        let ratings_count = names("ratings_count")
            .then(|| check.between("ratings_count", raw.ratings_count, 0, 1_000_000_000_000));

        let writable = paths.iter().filter(|path| WRITABLE.contains(path));
        let writable: Vec<String> = writable.map(|path| (*path).to_owned()).collect();
        let book = if writable.is_empty() {
            BookChanges::default()
        } else {
            match BookChanges::parse(raw.book, &writable) {
                Ok(book) => book,
                Err(Error::Invalid(violations)) => {
                    check.violations.extend(violations);
                    BookChanges::default()
                }
                Err(error) => return Err(error),
            }
        };
        check.finish(Self {
            book,
            import_key,
            rating_hundredths,
            ratings_count,
        })
    }

    /// The ISBN-13 that the file gives the book.
    pub fn isbn13(&self) -> Option<&str> {
        self.book.isbn13.as_ref()?.as_deref()
    }
}

/// The source that a checked import key names.
pub fn source_of(import_key: &str) -> &str {
    import_key.split_once(':').map_or("", |(source, _)| source)
}

fn import_key(check: &mut Check, text: String) -> String {
    let text = check.required_text("import_key", text, 200);
    let well_formed = text.split_once(':').is_some_and(|(source, key)| {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        !source.is_empty() && source.chars().all(is_plain) && !key.trim().is_empty()
    });
    if !well_formed && !text.is_empty() {
        check.refuse(
            "import_key",
            "is not SOURCE:KEY with a source of small letters, digits and hyphens",
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_file_speaks_about_is_checked() {
        let book = ImportedBook::parse(RawImportedBook::default(), &["stock", "ratings_count"]).unwrap();
        assert_eq!(
            (book.book.stock, book.book.title, book.ratings_count),
            (Some(0), None, Some(0))
        );
    }

    #[test]
    fn a_key_names_its_source() {
        let parse = |key: &str| {
            let import_key = key.to_owned();
            let raw = RawImportedBook {
                import_key,
                ..RawImportedBook::default()
            };
            ImportedBook::parse(raw, &["import_key"])
        };
        assert!(parse("goodreads:17").is_ok());
        for wrong in ["", "17", ":17", "goodreads:", "Good reads:17"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(source_of("goodreads:17:a"), "goodreads");
    }
}
