//! One thing that is wrong with what a client sent.

/// One thing that is wrong with what a client sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Where: a path such as `title`, `authors[2]`, `user.email`; empty for the whole.
    pub field: String,
    /// What sort of mistake.
    pub kind: ViolationKind,
    /// What is wrong, to be read after the field's name: `can't be blank`.
    pub detail: String,
}

/// The sorts of mistakes, for gateways that have their own words for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViolationKind {
    /// It has to be there.
    Missing,
    /// It cannot be null.
    Null,
    /// It is of another type.
    WrongType,
    /// There is no such field.
    Unknown,
    /// It breaks another rule, ours or the core's.
    Rule,
}

impl Violation {
    /// Something wrong with `field`.
    pub fn new(field: impl Into<String>, kind: ViolationKind, detail: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            kind,
            detail: detail.into(),
        }
    }
}
