//! Which part of a list is wanted.

use bff_kit::page::{Cursor, First};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// Which part of a list.
#[derive(Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// How many at most; 50 where it is not said.
    #[param(inline)]
    first: Option<First>,
    /// `endCursor` of the page before.
    #[param(inline)]
    after: Option<Cursor>,
}

impl Wanted {
    /// How many, and from where on, for the core.
    pub(crate) fn page(self) -> (i32, String) {
        (First::or(self.first, 50), Cursor::or_start(self.after))
    }
}
