//! Pages of a list: how they are asked for, and how they are answered.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// No page has more items.
pub const MAX_ITEMS: i32 = 100;

/// How many items to answer with at most; more than 100 is the same as 100.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[schema(value_type = i64, minimum = 1, example = 20)]
pub struct First(i64);

impl First {
    /// The number for the core, `default` where the client did not say.
    pub fn or(first: Option<Self>, default: i32) -> i32 {
        first.map_or(default, |First(count)| {
            i32::try_from(count).unwrap_or(MAX_ITEMS).min(MAX_ITEMS)
        })
    }
}

/// `endCursor` of an earlier page of the same list: what comes after it is wanted.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(value_type = String, pattern = "^[A-Za-z0-9_-]+$", max_length = 1024)]
pub struct Cursor(String);

impl Cursor {
    /// The token for the core; empty for the first page.
    pub fn or_start(after: Option<Self>) -> String {
        after.map(|Cursor(token)| token).unwrap_or_default()
    }
}

/// A page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    /// The items, in the order of the list.
    pub items: Vec<T>,
    /// Where the page is in its list.
    pub page_info: PageInfo,
}

/// Where a page is in its list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PageInfo {
    /// Whether there is more.
    pub has_next_page: bool,
    /// What to send as `after` for the next page; null at the end.
    #[schema(required = true)]
    pub end_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A page of what the core answered: its items, each as a DTO, and its token for the next page.
    pub fn new<M>(items: Vec<M>, next_page_token: String) -> Self
    where
        T: From<M>,
    {
        Self {
            items: items.into_iter().map(T::from).collect(),
            page_info: PageInfo::new(next_page_token),
        }
    }
}

impl PageInfo {
    /// Of the core's token for the next page, which is empty at the end.
    pub fn new(next_page_token: String) -> Self {
        let end_cursor = Some(next_page_token).filter(|token| !token.is_empty());
        Self {
            has_next_page: end_cursor.is_some(),
            end_cursor,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_are_the_most_there_are() {
        assert_eq!(First::or(None, 20), 20);
        for (asked, got) in [(1, 1), (100, 100), (101, 100), (i64::MAX, 100)] {
            assert_eq!(First::or(Some(First(asked)), 20), got);
        }
    }

    #[test]
    fn the_last_page_has_no_cursor() {
        assert_eq!(
            PageInfo::new(String::new()),
            PageInfo {
                has_next_page: false,
                end_cursor: None
            }
        );
        let more = PageInfo {
            has_next_page: true,
            end_cursor: Some("x".to_owned()),
        };
        assert_eq!(PageInfo::new("x".to_owned()), more);
    }
}
