//! Input about books.

use super::Check;
use super::fields::Changed;
use crate::error::Result;
use crate::models::book::Authors;

/// A book, as it came in.
#[derive(Debug, Default, Clone)]
pub struct RawBook {
    /// ISBN-10 or ISBN-13.
    pub isbn13: String,
    /// Title.
    pub title: String,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// Year of first publication.
    pub published_year: Option<i32>,
    /// Language tag.
    pub language: String,
    /// What it is about.
    pub description: String,
    /// Address of the cover.
    pub cover_url: String,
    /// Price in the currency's smallest unit.
    pub price_cents: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// Copies that can be sold.
    pub stock: i32,
}

/// A book that keeps the rules; what is absent stays as it is, or is empty in a new one.
#[derive(Debug, Clone, Default)]
pub struct BookChanges {
    /// 13 digits.
    pub isbn13: Option<Option<String>>,
    /// Title.
    pub title: Option<String>,
    /// Who wrote it.
    pub authors: Option<Authors>,
    /// Year of first publication.
    pub published_year: Option<Option<i32>>,
    /// Language tag.
    pub language: Option<Option<String>>,
    /// What it is about.
    pub description: Option<Option<String>>,
    /// Address of the cover.
    pub cover_url: Option<Option<String>>,
    /// Price in the currency's smallest unit.
    pub price_cents: Option<i64>,
    /// ISO 4217 code.
    pub currency: Option<String>,
    /// Copies that can be sold.
    pub stock: Option<i32>,
}

/// The fields of a book that somebody may write.
pub const WRITABLE: [&str; 10] = [
    "isbn13",
    "title",
    "authors",
    "published_year",
    "language",
    "description",
    "cover_url",
    "price_cents",
    "currency",
    "stock",
];

/// A new book that keeps the rules: every field is there.
#[derive(Debug, Clone)]
pub struct NewBook(pub BookChanges);

impl NewBook {
    /// Checks a new book.
    pub fn parse(raw: RawBook) -> Result<Self> {
        BookChanges::parse(raw, &WRITABLE.map(str::to_owned)).map(Self)
    }
}

impl BookChanges {
    /// Checks changes to the book's fields that `paths` names.
    pub fn parse(raw: RawBook, paths: &[String]) -> Result<Self> {
        let mut check = Check::default();
        let changed = Changed::new(&mut check, paths, &WRITABLE);
        let changes = Self {
            isbn13: changed
                .take("isbn13", raw.isbn13)
                .map(|text| isbn(&mut check, &text)),
            title: changed
                .take("title", raw.title)
                .map(|text| check.required_text("title", text, 500)),
            authors: changed
                .take("authors", raw.authors)
                .map(|names| authors(&mut check, names)),
            published_year: changed
                .take("published_year", raw.published_year)
                .map(|year| year.map(|year| check.between("published_year", year, -5_000, 3_000))),
            language: changed
                .take("language", raw.language)
                .map(|tag| language(&mut check, tag)),
            description: changed
                .take("description", raw.description)
                .map(|text| check.optional_text("description", text, 20_000)),
            cover_url: changed
                .take("cover_url", raw.cover_url)
                .map(|url| check.optional_url("cover_url", url)),
            price_cents: changed
                .take("price_cents", raw.price_cents)
                .map(|price| check.between("price_cents", price, 0, 100_000_000)),
            currency: changed
                .take("currency", raw.currency)
                .map(|code| currency(&mut check, code)),
            stock: changed
                .take("stock", raw.stock)
                .map(|stock| check.between("stock", stock, 0, 1_000_000)),
        };
        check.finish(changes)
    }
}

/// Checks the words of a search; absent where there are none.
pub fn search(text: String) -> Result<Option<String>> {
    let mut check = Check::default();
    let text = check.optional_text("query", text, 200);
    check.finish(text)
}

fn authors(check: &mut Check, names: Vec<String>) -> Authors {
    match names.len() {
        0 => check.refuse("authors", "can't be blank"),
        1..=100 => {}
        _ => check.refuse("authors", "has too many (at most 100)"),
    }
    let named = |(place, name)| check.required_text(&format!("authors[{place}]"), name, 200);
    Authors(names.into_iter().enumerate().map(named).collect())
}

fn language(check: &mut Check, tag: String) -> Option<String> {
    let tag = check.optional_text("language", tag, 35)?;
    if !tag
        .split('-')
        .all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric()))
    {
        check.refuse("language", "is not a language tag such as en or en-US");
    }
    Some(tag)
}

fn currency(check: &mut Check, code: String) -> String {
    if code.len() != 3 || !code.chars().all(|c| c.is_ascii_uppercase()) {
        check.refuse("currency", "is not three capital letters such as EUR");
    }
    code
}

fn isbn(check: &mut Check, text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    if digits.is_empty() {
        return None;
    }
    let isbn = to_isbn13(&digits);
    if isbn.is_none() {
        check.refuse("isbn13", "is not an ISBN with a right check digit");
    }
    isbn
}

/// The ISBN-13 of an ISBN-13, or of an ISBN-10 (978, its first nine digits, a new check digit; ISO 2108).
/// None where the check digit is wrong.
pub fn to_isbn13(digits: &str) -> Option<String> {
    let values: Vec<u32> = digits
        .chars()
        .enumerate()
        .map(|(place, c)| {
            if place == 9 && matches!(c, 'X' | 'x') {
                Some(10)
            } else {
                c.to_digit(10)
            }
        })
        .collect::<Option<_>>()?;
    match values.len() {
        10 if (1..=10)
            .rev()
            .zip(&values)
            .map(|(weight, value)| weight * value)
            .sum::<u32>()
            % 11
            == 0 =>
        {
            let first = format!("978{}", &digits[..9]);
            Some(format!("{first}{}", isbn13_check_digit(&first)))
        }
        13 if values[9] < 10 && digits.ends_with(&isbn13_check_digit(&digits[..12]).to_string()) => {
            Some(digits.to_owned())
        }
        _ => None,
    }
}

/// The last digit of the ISBN-13 that begins with these twelve.
fn isbn13_check_digit(first: &str) -> u32 {
    let weights = [1, 3].into_iter().cycle();
    let sum: u32 = first
        .chars()
        .filter_map(|c| c.to_digit(10))
        .zip(weights)
        .map(|(digit, by)| digit * by)
        .sum();
    (10 - sum % 10) % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_isbn_10_becomes_the_isbn_13_of_the_same_book() {
        assert_eq!(to_isbn13("0439023483").as_deref(), Some("9780439023481"));
        assert_eq!(to_isbn13("043965548X").as_deref(), Some("9780439655484"));
    }

    #[test]
    fn a_wrong_check_digit_is_refused() {
        for wrong in [
            "0439023484",
            "9780439023482",
            "978043965548X",
            "12345",
            "",
            "97804390234811",
        ] {
            assert_eq!(to_isbn13(wrong), None, "{wrong}");
        }
    }
}
