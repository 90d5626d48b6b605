//! What clients send, checked against the very schema that is documented: everything that is wrong with
//! it is reported at once, each with its field.

mod body;
mod path;
mod query;
mod schema;
mod upload;
mod words;

pub use body::{Body, present};
pub use path::Path;
pub use query::Query;
pub use upload::{Pieces, Upload, UploadLimits};
