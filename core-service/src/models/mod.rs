//! The rows of the database: one entity per table, and the shapes that reads bring back.
//!
//! Nothing here knows serde or a message of the contract, so no row can leave the core by accident.

pub mod book;
pub mod change;
pub mod comment;
pub mod fields;
pub mod follow;
pub mod idempotency_key;
pub mod identity;
pub mod like;
pub mod moderation;
pub mod order;
pub mod order_item;
pub mod post;
pub mod post_count_delta;
pub mod post_tag;
pub mod session;
pub mod used_flow;
pub mod user;

use sea_orm::ActiveValue;
use time::OffsetDateTime;
use unicode_normalization::UnicodeNormalization;

/// The present moment as both databases can keep it: in whole microseconds.
pub fn now() -> OffsetDateTime {
    let now = OffsetDateTime::now_utc();
    now.replace_microsecond(now.microsecond()).unwrap_or(now)
}

/// What a name is compared by where case must not matter: compatibility-composed and in lower case.
pub fn case_key(text: &str) -> String {
    text.trim().nfkc().collect::<String>().to_lowercase()
}

/// Writes the timestamps of a row that is about to be saved, where the caller has not.
fn stamp(
    created_at: &mut ActiveValue<OffsetDateTime>,
    updated_at: &mut ActiveValue<OffsetDateTime>,
    insert: bool,
) {
    let now = now();
    if insert && created_at.is_not_set() {
        *created_at = ActiveValue::Set(now);
    }
    if !updated_at.is_set() {
        *updated_at = ActiveValue::Set(now);
    }
}

/// Tables whose rows are taken away by a mark, so that what points to them stays whole.
pub trait SoftDelete: sea_orm::EntityTrait {
    /// The column that holds when the row was taken away.
    const DELETED_AT: Self::Column;

    /// The rows that have not been taken away. Every read begins here.
    fn live() -> sea_orm::Select<Self> {
        use sea_orm::{ColumnTrait, QueryFilter};
        Self::find().filter(Self::DELETED_AT.is_null())
    }
}
