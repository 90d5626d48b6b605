//! The books that a batch may be about: as the catalogue has them, and then as the batch leaves them.

use std::collections::HashMap;

use super::Row;
use crate::models::book::{Authors, Model};
use crate::models::now;
use crate::repositories::book_import::Identities;
use crate::validators::book_import::{ImportedBook, source_of};

/// The row's ISBN belongs to another book.
#[derive(Debug)]
pub(super) struct IsbnTaken {
    /// That book's number.
    pub by: i64,
}

/// Books in memory, found by what identifies them.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    books: Vec<(Model, bool)>,
    by_key: HashMap<String, usize>,
    by_isbn: HashMap<String, usize>,
    by_title: HashMap<String, Vec<usize>>,
}

impl Shelf {
    pub(super) fn new(books: Vec<Model>) -> Self {
        let mut shelf = Self::default();
        for (place, book) in books.into_iter().enumerate() {
            if let Some(key) = &book.import_key {
                shelf.by_key.insert(key.clone(), place);
            }
            if let Some(isbn) = &book.isbn13 {
                shelf.by_isbn.insert(isbn.clone(), place);
            }
            if book.import_key.is_none() && book.isbn13.is_none() {
                let same = shelf.by_title.entry(book.title.clone()).or_default();
                same.push(place);
            }
            shelf.books.push((book, false));
        }
        shelf
    }

    /// Where the book stands that a row is about.
    pub(super) fn find(&self, says: &ImportedBook) -> Result<Option<usize>, IsbnTaken> {
        let key = says.import_key.as_ref();
        let by_key = key.and_then(|key| self.by_key.get(key)).copied();
        let by_isbn = says.isbn13().and_then(|isbn| self.by_isbn.get(isbn)).copied();
        match (by_key, by_isbn) {
            (Some(one), Some(other)) if one != other => Err(self.taken_by(other)),
            (None, Some(place)) if self.is_another_of_the_source(place, key) => Err(self.taken_by(place)),
            (None, None) if key.is_none() && says.isbn13().is_none() => Ok(self.find_by_title(says)),
            _ => Ok(by_key.or(by_isbn)),
        }
    }

    /// A source that gives two books different keys means two books, also where it gives them one ISBN.
    fn is_another_of_the_source(&self, place: usize, key: Option<&String>) -> bool {
        let there = &self.books[place].0.import_key;
        let sources = key.map(|key| source_of(key)).zip(there.as_deref().map(source_of));
        sources.is_some_and(|(one, other)| one == other)
    }

    fn find_by_title(&self, says: &ImportedBook) -> Option<usize> {
        let same_title = self.by_title.get(says.book.title.as_ref()?)?;
        let is_same = |place: &&usize| {
            let book = &self.books[**place].0;
            let authors = says.book.authors.as_ref();
            let year = says.book.published_year;
            authors.is_none_or(|authors| *authors == book.authors)
                && year.is_none_or(|year| year == book.published_year)
        };
        same_title.iter().find(is_same).copied()
    }

    fn taken_by(&self, place: usize) -> IsbnTaken {
        IsbnTaken {
            by: self.books[place].0.id,
        }
    }

    /// Makes the book what the row says it is. Whether that is a change.
    pub(super) fn change(&mut self, place: usize, says: ImportedBook) -> bool {
        let (book, changed) = &mut self.books[place];
        let before = book.clone();
        apply(book, says);
        if *book == before {
            return false;
        }
        *changed = true;
        if let Some(isbn) = &before.isbn13 {
            self.by_isbn.remove(isbn);
        }
        if let Some(isbn) = &book.isbn13 {
            self.by_isbn.insert(isbn.clone(), place);
        }
        true
    }

    /// The books that are different now.
    pub(super) fn into_changed(self) -> Vec<Model> {
        let changed = self.books.into_iter().filter(|(_, changed)| *changed);
        changed.map(|(book, _)| book).collect()
    }
}

/// What the catalogue has to be asked for.
pub(super) fn identities(rows: &[Row]) -> Identities<'_> {
    let mut identities = Identities::default();
    for Row { book, .. } in rows {
        identities.import_keys.extend(book.import_key.as_deref());
        identities.isbns.extend(book.isbn13());
        if book.import_key.is_none() {
            // Also of a book with an ISBN: it may turn out to be another's.
            identities.titles.extend(book.book.title.as_deref());
        }
    }
    identities
}

/// A book that the catalogue does not have yet.
pub(super) fn new_book(initial: &ImportedBook, says: ImportedBook) -> Model {
    let mut book = Model {
        id: 0,
        isbn13: None,
        title: String::new(),
        authors: Authors::default(),
        published_year: None,
        language: None,
        description: None,
        cover_url: None,
        price_cents: 0,
        currency: String::new(),
        stock: 0,
        rating_hundredths: 0,
        ratings_count: 0,
        import_key: None,
        search_text: String::new(),
        created_at: now(),
        updated_at: now(),
        deleted_at: None,
    };
    apply(&mut book, initial.clone());
    apply(&mut book, says);
    book
}

/// Makes the book what is said of it. What identifies it may be added and changed, but never taken away.
fn apply(book: &mut Model, says: ImportedBook) {
    fn set<T>(value: &mut T, said: Option<T>) {
        if let Some(said) = said {
            *value = said;
        }
    }
    let changes = says.book;
    if let Some(Some(isbn)) = changes.isbn13 {
        book.isbn13 = Some(isbn);
    }
    if book.import_key.is_none() {
        book.import_key = says.import_key;
    }
    set(&mut book.title, changes.title);
    set(&mut book.authors, changes.authors);
    set(&mut book.published_year, changes.published_year);
    set(&mut book.language, changes.language);
    set(&mut book.description, changes.description);
    set(&mut book.cover_url, changes.cover_url);
    set(&mut book.price_cents, changes.price_cents);
    set(&mut book.currency, changes.currency);
    set(&mut book.stock, changes.stock);
    set(&mut book.rating_hundredths, says.rating_hundredths);
    set(&mut book.ratings_count, says.ratings_count);
}
