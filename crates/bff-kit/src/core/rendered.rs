//! Parts of screens that are the same for everybody, written in JSON once for all screens that show them.

use std::{any::TypeId, marker::PhantomData};

use serde::{Serialize, Serializer};
use sonic_rs::OwnedLazyValue;

use crate::error::{ApiError, ApiResult};

/// A part of a screen, as JSON. Made of an answer that is the same for everybody, and kept with it; shown by a
/// [`View`](crate::View). Its schema is that of the part: `#[schema(value_type = P)]`.
pub struct Rendered<P> {
    json: Json,
    part: PhantomData<fn() -> P>,
}

/// The JSON of a part of any kind. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Json {
    kind: TypeId,
    text: OwnedLazyValue,
}

impl Json {
    /// The JSON of `part`.
    pub(super) fn of<P: Serialize + 'static>(part: &P) -> ApiResult<Self> {
        let text = sonic_rs::to_lazyvalue(part).map_err(|error| ApiError::Internal {
            cause: format!("a part of a screen cannot be written: {error}"),
        })?;
        Ok(Self {
            kind: TypeId::of::<P>(),
            text,
        })
    }

    /// The part, where it is one of this kind.
    pub(super) fn part<P: 'static>(&self) -> Option<Rendered<P>> {
        (self.kind == TypeId::of::<P>()).then(|| Rendered {
            json: self.clone(),
            part: PhantomData,
        })
    }
}

impl<P> Serialize for Rendered<P> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json.text.serialize(serializer)
    }
}

impl<P> std::fmt::Debug for Rendered<P> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.json.fmt(out)
    }
}
