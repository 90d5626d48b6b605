//! The fields of a book that a file can speak about.

use serde::Deserialize;

use super::Cell;
use super::convert::whole;
use crate::validators::book_import::RawImportedBook;

/// A field, named in files and maps as in the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FileField {
    ImportKey,
    Isbn13,
    Title,
    Authors,
    PublishedYear,
    Language,
    Description,
    CoverUrl,
    PriceCents,
    Currency,
    Stock,
    RatingHundredths,
    RatingsCount,
}

/// What an empty place in a file says about the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Emptiness {
    /// That the row is wrong: every book has to have it.
    Wrong,
    /// That the book has none.
    None,
    /// Nothing: a book that is there keeps its own.
    Silent,
}

impl FileField {
    /// All of them, in the order of our own files.
    pub(super) const ALL: [Self; 13] = [
        Self::ImportKey,
        Self::Isbn13,
        Self::Title,
        Self::Authors,
        Self::PublishedYear,
        Self::Language,
        Self::Description,
        Self::CoverUrl,
        Self::PriceCents,
        Self::Currency,
        Self::Stock,
        Self::RatingHundredths,
        Self::RatingsCount,
    ];

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::ImportKey => "import_key",
            Self::Isbn13 => "isbn13",
            Self::Title => "title",
            Self::Authors => "authors",
            Self::PublishedYear => "published_year",
            Self::Language => "language",
            Self::Description => "description",
            Self::CoverUrl => "cover_url",
            Self::PriceCents => "price_cents",
            Self::Currency => "currency",
            Self::Stock => "stock",
            Self::RatingHundredths => "rating_hundredths",
            Self::RatingsCount => "ratings_count",
        }
    }

    /// What it says where it is empty.
    pub(super) fn emptiness(self) -> Emptiness {
        match self {
            Self::Title | Self::Authors | Self::PriceCents | Self::Currency => Emptiness::Wrong,
            Self::PublishedYear | Self::Language | Self::Description | Self::CoverUrl => Emptiness::None,
            Self::ImportKey | Self::Isbn13 | Self::Stock | Self::RatingHundredths | Self::RatingsCount => {
                Emptiness::Silent
            }
        }
    }

    /// Writes what a file has into the book, or says why it cannot.
    pub(super) fn fill(self, book: &mut RawImportedBook, cell: Cell) -> Result<(), String> {
        let text = |cell| match cell {
            Cell::Absent => Ok(String::new()),
            Cell::Text(text) => Ok(text),
            Cell::List(_) => Err("is a list where one value belongs".to_owned()),
        };
        match self {
            Self::ImportKey => book.import_key = text(cell)?,
            Self::Isbn13 => book.book.isbn13 = text(cell)?,
            Self::Title => book.book.title = text(cell)?,
            Self::Authors => {
                book.book.authors = match cell {
                    Cell::Absent => Vec::new(),
                    Cell::Text(name) => vec![name],
                    Cell::List(names) => names,
                }
            }
            Self::PublishedYear => {
                let year = text(cell)?;
                book.book.published_year = if year.is_empty() {
                    None
                } else {
                    Some(small(whole(&year)?))
                };
            }
            Self::Language => book.book.language = text(cell)?,
            Self::Description => book.book.description = text(cell)?,
            Self::CoverUrl => book.book.cover_url = text(cell)?,
            Self::PriceCents => book.book.price_cents = whole(&text(cell)?)?,
            Self::Currency => book.book.currency = text(cell)?,
            Self::Stock => book.book.stock = small(whole(&text(cell)?)?),
            Self::RatingHundredths => book.rating_hundredths = small(whole(&text(cell)?)?),
            Self::RatingsCount => book.ratings_count = whole(&text(cell)?)?,
        }
        Ok(())
    }
}

/// The nearest number of 32 bits: what is too great stays too great for every rule.
fn small(number: i64) -> i32 {
    let nearest = number.clamp(i32::MIN.into(), i32::MAX.into());
    i32::try_from(nearest).expect("it was brought into the bounds")
}
