//! What an order would be, line by line: the rules about its books, for those who think about it and for those who
//! place it.

use crate::error::{Error, Result, Violation};
use crate::models::book::{BookField, BookRow};
use crate::models::fields::Fields;
use crate::validators::orders::{WantedItem, WantedItems};

/// What an order would be.
#[derive(Debug)]
pub struct Quote {
    /// One line for each item, in the buyer's order.
    pub lines: Vec<Line>,
    /// ISO 4217 code of its prices; empty where there is none of the books.
    pub currency: String,
    /// What the lines without a problem cost together.
    pub total_cents: i64,
}

/// What would become of one item.
#[derive(Debug)]
pub struct Line {
    /// The item.
    pub item: WantedItem,
    /// The book's title; empty where it is gone.
    pub title: String,
    /// The price of one copy.
    pub price_cents: i64,
    /// ISO 4217 code; empty where the book is gone.
    pub currency: String,
    /// Copies that can be sold.
    pub stock: i32,
    /// What stands against it.
    pub problem: Option<Problem>,
}

/// What stands against ordering an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// There is no such book.
    Gone,
    /// There are fewer copies than are wanted.
    TooFew,
    /// The book is priced in another currency than the order.
    OtherCurrency,
}

/// The numbers of the items' books.
pub(super) fn book_ids(items: &WantedItems) -> Vec<i64> {
    items.0.iter().map(|item| item.book_id).collect()
}

/// What has to be known of the books.
pub(super) fn fields() -> Fields<BookField> {
    Fields::of([
        BookField::Title,
        BookField::PriceCents,
        BookField::Currency,
        BookField::Stock,
    ])
}

impl Quote {
    /// Of some items, and those of their books that there are. `enough` says whether the copies of an item are to
    /// be had, from so many.
    pub(super) fn of(
        items: &WantedItems,
        mut books: Vec<BookRow>,
        enough: impl Fn(WantedItem, i32) -> bool,
    ) -> Self {
        let mut quote = Self {
            lines: Vec::with_capacity(items.0.len()),
            currency: String::new(),
            total_cents: 0,
        };
        for &item in &items.0 {
            let place = books.iter().position(|book| book.id == item.book_id);
            quote.add(item, place.map(|place| books.swap_remove(place)), &enough);
        }
        quote
    }

    fn add(&mut self, item: WantedItem, book: Option<BookRow>, enough: impl Fn(WantedItem, i32) -> bool) {
        let gone = book.is_none();
        let (title, price, currency, stock) = match book {
            Some(book) => (book.title, book.price_cents, book.currency, book.stock),
            None => (None, None, None, None),
        };
        let mut line = Line {
            item,
            title: title.unwrap_or_default(),
            price_cents: price.unwrap_or_default(),
            currency: currency.unwrap_or_default(),
            stock: stock.unwrap_or_default(),
            problem: None,
        };
        if self.currency.is_empty() {
            self.currency.clone_from(&line.currency);
        }
        line.problem = if gone {
            Some(Problem::Gone)
        } else if line.currency != self.currency {
            Some(Problem::OtherCurrency)
        } else if !enough(item, line.stock) {
            Some(Problem::TooFew)
        } else {
            self.total_cents += line.price_cents * i64::from(item.quantity);
            None
        };
        self.lines.push(line);
    }

    /// The same where no line has a problem; otherwise all of them, each with its field.
    pub(super) fn orderable(self) -> Result<Self> {
        let problems = (0..).zip(&self.lines).filter_map(|(place, line)| {
            let problem = line.problem?;
            Some((problem, line.violation(problem, place, &self.currency)))
        });
        let (problems, violations): (Vec<_>, Vec<_>) = problems.unzip();
        if violations.is_empty() {
            Ok(self)
        } else if problems.iter().all(|problem| *problem == Problem::TooFew) {
            Err(Error::OutOfStock(violations))
        } else {
            Err(Error::Invalid(violations))
        }
    }
}

impl Line {
    fn violation(&self, problem: Problem, place: usize, currency: &str) -> Violation {
        let (field, problem) = match problem {
            Problem::Gone => ("book_id", "is no book of ours".to_owned()),
            Problem::OtherCurrency => (
                "book_id",
                format!("is priced in {}, and the order in {currency}", self.currency),
            ),
            Problem::TooFew => match self.stock {
                0 => ("quantity", "is too high: no copy is left".to_owned()),
                1 => ("quantity", "is too high: 1 copy is left".to_owned()),
                left => ("quantity", format!("is too high: {left} copies are left")),
            },
        };
        Violation {
            field: format!("items[{place}].{field}"),
            problem,
        }
    }
}
