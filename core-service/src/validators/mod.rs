//! Raw input in, a type that cannot be wrong out: all broken rules at once, each with its field.

pub mod book_import;
pub mod books;
pub mod fields;
pub mod oidc;
pub mod orders;
pub mod page;
pub mod posts;
pub mod users;

use crate::error::{Error, Result, Violation};

/// How many things one batch call may name.
pub const BATCH_AT_MOST: usize = 100;

/// How many broken rules of one input are told: an input can break as many as it has bytes, and they travel in the head of
/// an answer.
const TOLD_AT_MOST: usize = 100;

/// Collects the rules that an input breaks.
#[derive(Debug, Default)]
pub struct Check {
    violations: Vec<Violation>,
}

impl Check {
    /// Notes a broken rule, unless there are a hundred already.
    pub fn refuse(&mut self, field: &str, problem: impl Into<String>) {
        if self.violations.len() < TOLD_AT_MOST {
            self.violations.push(Violation {
                field: field.to_owned(),
                problem: problem.into(),
            });
        }
    }

    /// A text without white space around it, of 1 to `at_most` characters.
    pub fn required_text(&mut self, field: &str, text: String, at_most: usize) -> String {
        let text = self.text(field, text, at_most);
        if text.is_empty() {
            self.refuse(field, "can't be blank");
        }
        text
    }

    /// A text without white space around it, of at most so many characters.
    pub fn text(&mut self, field: &str, text: String, at_most: usize) -> String {
        let text = text.trim().to_owned();
        if text.chars().count() > at_most {
            self.refuse(field, format!("is too long (at most {at_most} characters)"));
        }
        if text.contains('\0') {
            self.refuse(field, "has a NUL character");
        }
        text
    }

    /// Like [`Check::text`], absent where it is empty.
    pub fn optional_text(&mut self, field: &str, text: String, at_most: usize) -> Option<String> {
        Some(self.text(field, text, at_most)).filter(|text| !text.is_empty())
    }

    /// An address on the web of at most 2,048 bytes; absent where it is empty.
    pub fn optional_url(&mut self, field: &str, text: String) -> Option<String> {
        let text = text.trim().to_owned();
        let host = text.strip_prefix("https://").or(text.strip_prefix("http://"));
        match host {
            _ if text.is_empty() => return None,
            _ if text.len() > 2_048 => self.refuse(field, "is too long (at most 2048 bytes)"),
            Some(host)
                if !host.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control()) => {}
            _ => self.refuse(field, "is not an http or https address"),
        }
        Some(text)
    }

    /// A number that has to lie between two others.
    pub fn between<N: PartialOrd + std::fmt::Display>(
        &mut self,
        field: &str,
        number: N,
        least: N,
        most: N,
    ) -> N {
        if number < least || number > most {
            self.refuse(field, format!("has to be between {least} and {most}"));
        }
        number
    }

    /// Ends the check: `value` where no rule is broken.
    pub fn finish<T>(self, value: T) -> Result<T> {
        if self.violations.is_empty() {
            Ok(value)
        } else {
            Err(Error::Invalid(self.violations))
        }
    }
}

/// The ids or names of a batch call: each once, in their order, few enough.
pub fn batch<T: PartialEq>(field: &str, keys: Vec<T>) -> Result<Vec<T>> {
    if keys.len() > BATCH_AT_MOST {
        return Err(Error::invalid(
            field,
            format!("names too many (at most {BATCH_AT_MOST})"),
        ));
    }
    let mut distinct = Vec::with_capacity(keys.len());
    for key in keys {
        if !distinct.contains(&key) {
            distinct.push(key);
        }
    }
    Ok(distinct)
}
