//! Sets of fields: which parts of a thing a caller wants to have.

use std::marker::PhantomData;

/// The fields of one kind of thing, as the contract names them.
pub trait Field: Copy + 'static {
    /// Every field with its name.
    const ALL: &'static [(&'static str, Self)];
    /// The field's place in [`Fields`], below 32.
    fn bit(self) -> u32;
}

/// A set of fields of one kind of thing.
#[derive(Debug)]
pub struct Fields<F> {
    bits: u32,
    of: PhantomData<F>,
}

impl<F: Field> Fields<F> {
    /// No field.
    pub const NONE: Self = Self {
        bits: 0,
        of: PhantomData,
    };

    /// These fields.
    pub fn of(fields: impl IntoIterator<Item = F>) -> Self {
        fields.into_iter().fold(Self::NONE, Self::with)
    }

    /// The set with one field more.
    pub fn with(self, field: F) -> Self {
        Self {
            bits: self.bits | 1 << field.bit(),
            of: PhantomData,
        }
    }

    /// The set with one field less.
    pub fn without(self, field: F) -> Self {
        Self {
            bits: self.bits & !(1 << field.bit()),
            of: PhantomData,
        }
    }

    /// Every field.
    pub fn all() -> Self {
        Self::of(F::ALL.iter().map(|(_, field)| *field))
    }

    /// Whether the field is in the set.
    pub fn has(self, field: F) -> bool {
        self.bits & 1 << field.bit() != 0
    }

    /// The set as a number, to be part of a key.
    pub fn bits(self) -> u32 {
        self.bits
    }
}

impl<F> Clone for Fields<F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for Fields<F> {}

/// Declares an enum of fields together with their names in the contract.
macro_rules! fields {
    ($(#[$doc:meta])* $kind:ident { $($field:ident = $name:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $kind {
            $(#[doc = concat!("`", $name, "`")] $field),+
        }

        impl crate::models::fields::Field for $kind {
            const ALL: &'static [(&'static str, Self)] = &[$(($name, Self::$field)),+];

            fn bit(self) -> u32 {
                self as u32
            }
        }
    };
}

pub(crate) use fields;
