//! Field masks: the names of the fields that a caller wants to have or to change.

use crate::error::Result;
use crate::models::fields::{Field, Fields};

use super::Check;

/// The fields that a read wants: `default` where it names none.
pub fn wanted<F: Field>(paths: &[String], default: Fields<F>) -> Result<Fields<F>> {
    if paths.is_empty() {
        return Ok(default);
    }
    let mut check = Check::default();
    let mut fields = Fields::NONE;
    for path in paths {
        match F::ALL.iter().find(|(name, _)| name == path) {
            Some((_, field)) => fields = fields.with(*field),
            None => check.refuse("read_mask", unknown(path, F::ALL.iter().map(|(name, _)| *name))),
        }
    }
    check.finish(fields)
}

/// The names of the fields that a change is about.
#[derive(Debug)]
pub struct Changed<'a>(&'a [String]);

impl<'a> Changed<'a> {
    /// Takes the names, all of which have to be `known`; at least one is needed.
    pub fn new(check: &mut Check, paths: &'a [String], known: &[&str]) -> Self {
        if paths.is_empty() {
            check.refuse("update_mask", "names nothing to change");
        }
        for path in paths.iter().filter(|path| !known.contains(&path.as_str())) {
            check.refuse("update_mask", unknown(path, known.iter().copied()));
        }
        Self(paths)
    }

    /// `value` where the field is to change.
    pub fn take<T>(&self, field: &str, value: T) -> Option<T> {
        self.0.iter().any(|path| path == field).then_some(value)
    }
}

fn unknown<'a>(path: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<_> = known.collect();
    format!("names `{path}`, which is none of {}", known.join(", "))
}
