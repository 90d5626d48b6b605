//! Writing books into a file, as the map of our own files reads them.

use std::io::{self, Write};

use serde::Serialize;

use super::Format;
use super::convert::join;
use super::field::FileField;
use crate::models::book::Model;

/// A file of books that is being written.
pub struct BookWriter<W: Write> {
    out: Out<W>,
    with_ids: bool,
}

enum Out<W: Write> {
    Csv(Box<csv::Writer<W>>),
    Ndjson(W),
}

/// A book in a file; the authors are one text in CSV and a list in JSON.
#[derive(Serialize)]
struct Line<'a, Authors> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<i64>,
    import_key: Option<&'a str>,
    isbn13: Option<&'a str>,
    title: &'a str,
    authors: Authors,
    published_year: Option<i32>,
    language: Option<&'a str>,
    description: Option<&'a str>,
    cover_url: Option<&'a str>,
    price_cents: i64,
    currency: &'a str,
    stock: i32,
    rating_hundredths: i32,
    ratings_count: i64,
}

impl<'a, Authors> Line<'a, Authors> {
    fn of(book: &'a Model, authors: Authors, with_id: bool) -> Self {
        Self {
            id: with_id.then_some(book.id),
            import_key: book.import_key.as_deref(),
            isbn13: book.isbn13.as_deref(),
            title: &book.title,
            authors,
            published_year: book.published_year,
            language: book.language.as_deref(),
            description: book.description.as_deref(),
            cover_url: book.cover_url.as_deref(),
            price_cents: book.price_cents,
            currency: &book.currency,
            stock: book.stock,
            rating_hundredths: book.rating_hundredths,
            ratings_count: book.ratings_count,
        }
    }
}

impl<W: Write> BookWriter<W> {
    /// Begins a file.
    pub fn new(out: W, format: Format) -> io::Result<Self> {
        let mut file = Self::part(out, format);
        file.with_ids = false;
        file.header()?;
        Ok(file)
    }

    /// Goes on with a file whose rows begin with the books' numbers, which imports overlook. It has no header yet.
    pub fn part(out: W, format: Format) -> Self {
        let out = match format {
            Format::Ndjson => Out::Ndjson(out),
            Format::Csv => {
                let out = csv::WriterBuilder::new().has_headers(false).from_writer(out);
                Out::Csv(Box::new(out))
            }
        };
        Self { out, with_ids: true }
    }

    /// Writes the header, where the format has one.
    pub fn header(&mut self) -> io::Result<()> {
        if let Out::Csv(out) = &mut self.out {
            let id = self.with_ids.then_some("id");
            let names = FileField::ALL.map(FileField::name);
            out.write_record(id.into_iter().chain(names))?;
        }
        Ok(())
    }

    /// Adds a book.
    pub fn write(&mut self, book: &Model) -> io::Result<()> {
        let with_id = self.with_ids;
        match &mut self.out {
            Out::Csv(out) => Ok(out.serialize(Line::of(book, join(&book.authors.0, ';'), with_id))?),
            Out::Ndjson(out) => {
                serde_json::to_writer(&mut *out, &Line::of(book, &book.authors.0, with_id))?;
                out.write_all(b"\n")
            }
        }
    }

    /// Ends the file.
    pub fn finish(self) -> io::Result<()> {
        match self.out {
            Out::Csv(mut out) => out.flush(),
            Out::Ndjson(mut out) => out.flush(),
        }
    }
}
