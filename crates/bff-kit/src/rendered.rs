//! Parts of screens that are written in JSON once, for all screens that show them.

use std::marker::PhantomData;

use serde::{Serialize, Serializer, ser::Error as _};
use sonic_rs::OwnedLazyValue;

/// A part of a screen, as JSON. Clones share it. It can be shown by a [`View`](crate::View), and by nothing else; its
/// schema is that of the part: `#[schema(value_type = P)]`.
#[derive(Debug)]
pub struct Rendered<P> {
    /// The text, or why there is none.
    json: Result<OwnedLazyValue, String>,
    part: PhantomData<fn() -> P>,
}

impl<P: Serialize> Rendered<P> {
    /// The JSON of `part`.
    pub fn of(part: &P) -> Self {
        Self {
            json: sonic_rs::to_lazyvalue(part).map_err(|error| error.to_string()),
            part: PhantomData,
        }
    }
}

impl<P> Clone for Rendered<P> {
    fn clone(&self) -> Self {
        Self {
            json: self.json.clone(),
            part: PhantomData,
        }
    }
}

impl<P> Serialize for Rendered<P> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.json {
            Ok(json) => json.serialize(serializer),
            Err(error) => Err(S::Error::custom(error)),
        }
    }
}
