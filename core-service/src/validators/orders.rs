//! Input about orders.

use super::Check;
use crate::error::Result;

/// How many different books one order may be of.
const ITEMS_AT_MOST: usize = 50;
/// How many copies of one book an order may be of.
const COPIES_AT_MOST: i32 = 99;
/// How many days of sales can be looked at.
const DAYS_AT_MOST: u32 = 366;
/// How many days of sales there are where nobody says how many.
const DAYS: u32 = 30;

/// Some copies of one book that somebody wants to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WantedItem {
    /// The book; may not exist.
    pub book_id: i64,
    /// How many copies.
    pub quantity: i32,
}

/// Items that an order can be made of: of different books, not too many.
#[derive(Debug, Clone)]
pub struct WantedItems(pub Vec<WantedItem>);

impl WantedItems {
    /// Checks the items of an order.
    pub fn parse(items: Vec<WantedItem>) -> Result<Self> {
        let mut check = Check::default();
        if items.is_empty() {
            check.refuse("items", "can't be empty");
        }
        if items.len() > ITEMS_AT_MOST {
            check.refuse("items", format!("has too many (at most {ITEMS_AT_MOST})"));
            return check.finish(Self(items));
        }
        for (place, item) in items.iter().enumerate() {
            if items[..place].iter().any(|other| other.book_id == item.book_id) {
                check.refuse(
                    &format!("items[{place}].book_id"),
                    "is there twice: order more copies instead",
                );
            }
            check.between(
                &format!("items[{place}].quantity"),
                item.quantity,
                1,
                COPIES_AT_MOST,
            );
        }
        check.finish(Self(items))
    }
}

/// Checks what a payment can be found by.
pub fn payment_reference(text: String) -> Result<String> {
    let mut check = Check::default();
    let text = check.required_text("payment_reference", text, 100);
    check.finish(text)
}

/// Checks how many days of sales are wanted; 30 where it is 0. More than 366 are 366.
pub fn days(number: i32) -> Result<u32> {
    let mut check = Check::default();
    if number < 0 {
        check.refuse("days", "can't be negative");
    }
    check.finish(match number.unsigned_abs() {
        0 => DAYS,
        days => days.min(DAYS_AT_MOST),
    })
}
