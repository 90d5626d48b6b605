//! Screens of several parts, of which some can go missing, and how the answer says so.

use std::{cell::Cell, collections::BTreeMap, time::Duration};

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderValue, header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    edge::CallContext,
    error::{ApiError, ApiResult},
};

/// How much more room a screen is given than it takes, because a text is written where it would fit with all its letters
/// escaped.
const SPARE_BYTES: usize = 2 * 1024;
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// What became of the optional parts of a screen, while it is being put together.
#[derive(Clone, Debug, Default)]
pub struct Sections {
    states: BTreeMap<&'static str, Section>,
}

/// What became of one optional part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Section {
    /// Whether the part is there.
    pub state: SectionState,
    /// How old a stale part is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub age_seconds: Option<u64>,
}

/// Whether a part is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SectionState {
    /// It is as it was when the request came.
    Fresh,
    /// It is as it was some time ago, because it could not be had anew.
    Stale,
    /// It could not be had; asking again later may help.
    Missing,
}

/// A part that may be one of the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aged<T> {
    /// The part.
    pub part: T,
    /// How old it is, where it is too old to be taken for what is there now.
    pub stale: Option<Duration>,
}

impl<T> From<T> for Aged<T> {
    fn from(part: T) -> Self {
        Self { part, stale: None }
    }
}

impl<T> Aged<T> {
    /// What `change` makes of the part, which is as old.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Aged<U> {
        Aged {
            part: change(self.part),
            stale: self.stale,
        }
    }
}

impl Sections {
    /// Without any optional part yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a part that the screen cannot do without. Says of it only that it is one of the past, where it is.
    pub fn required<T>(&mut self, name: &'static str, part: ApiResult<Aged<T>>) -> ApiResult<T> {
        let Aged { part, stale } = part?;
        if let Some(age) = stale {
            let section = Section {
                state: SectionState::Stale,
                age_seconds: Some(age.as_secs()),
            };
            self.states.insert(name, section);
        }
        Ok(part)
    }

    /// Takes a part that the screen can do without. An outage makes it go missing, and what does not
    /// exist is not there; any other error, such as an invalid token, is one of the whole request.
    pub fn optional<T>(&mut self, name: &'static str, part: ApiResult<T>) -> ApiResult<Option<T>> {
        self.cached(name, part.map(Aged::from))
    }

    /// The same for a part that may be one of the past.
    pub fn cached<T>(&mut self, name: &'static str, part: ApiResult<Aged<T>>) -> ApiResult<Option<T>> {
        let (state, age, part) = match part {
            Ok(Aged { part, stale: None }) => (SectionState::Fresh, None, Some(part)),
            Ok(Aged { part, stale }) => (SectionState::Stale, stale, Some(part)),
            Err(ApiError::NotFound { .. }) => (SectionState::Fresh, None, None),
            Err(error) if error.is_outage() => {
                tracing::warn!(
                    section = name,
                    cause = error.cause(),
                    "left out a section: {error}"
                );
                metrics::counter!("sections_missing_total", "section" => name).increment(1);
                CallContext::with(CallContext::is_for_now);
                (SectionState::Missing, None, None)
            }
            Err(error) => return Err(error),
        };
        let age_seconds = age.map(|age| age.as_secs());
        self.states.insert(name, Section { state, age_seconds });
        Ok(part)
    }
}

/// A screen: its parts, and beside them in `meta` what became of the optional ones.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct View<T> {
    #[serde(flatten)]
    page: T,
    meta: Meta,
}

/// What there is to know about an answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Meta {
    /// The optional parts, by name.
    #[schema(value_type = BTreeMap<String, Section>)]
    sections: BTreeMap<&'static str, Section>,
}

impl<T> View<T> {
    /// The screen as far as it could be put together.
    pub fn new(page: T, sections: Sections) -> Self {
        Self {
            page,
            meta: Meta {
                sections: sections.states,
            },
        }
    }
}

impl<T: Serialize> IntoResponse for View<T> {
    fn into_response(self) -> Response {
        match written(&self) {
            Ok(json) => ([(header::CONTENT_TYPE, JSON)], json).into_response(),
            Err(error) => ApiError::Internal {
                cause: format!("a screen cannot be written: {error}"),
            }
            .into_response(),
        }
    }
}

/// The JSON of a screen, in memory that has room for it from the beginning, where screens are as long as they were lately:
/// memory that grows with the text is copied again and again.
fn written(screen: &impl Serialize) -> sonic_rs::Result<Bytes> {
    thread_local! {
        static ROOM: Cell<usize> = const { Cell::new(0) };
    }
    let mut json = Vec::with_capacity(ROOM.get() + SPARE_BYTES);
    sonic_rs::to_writer(&mut json, screen)?;
    ROOM.set(json.len().max(ROOM.get() - ROOM.get() / 8));
    Ok(json.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outage() -> ApiError {
        ApiError::Unavailable {
            retry_after: Duration::ZERO,
            cause: "secret".to_owned(),
        }
    }

    #[test]
    fn an_outage_leaves_a_part_out_and_says_so() {
        let mut sections = Sections::new();
        let tags = sections
            .optional::<u8>("tags", Err(outage()))
            .expect("it can go missing");
        let books = sections.optional("books", Ok(7)).expect("it is there");

        #[derive(Serialize)]
        struct Page {
            tags: Option<u8>,
            books: Option<u8>,
        }
        let view = serde_json::to_string(&View::new(Page { tags, books }, sections)).expect("JSON");
        assert_eq!(
            view,
            r#"{"tags":null,"books":7,"meta":{"sections":{"books":{"state":"fresh"},"tags":{"state":"missing"}}}}"#
        );
    }

    #[test]
    fn a_part_of_the_past_is_there_and_says_how_old_it_is() {
        let mut sections = Sections::new();
        let old = Aged {
            part: 7,
            stale: Some(Duration::from_millis(61_900)),
        };
        assert_eq!(sections.cached("books", Ok(old)), Ok(Some(7)));
        let state = serde_json::to_string(&sections.states["books"]).expect("JSON");
        assert_eq!(state, r#"{"state":"stale","ageSeconds":61}"#);
    }

    #[test]
    fn what_does_not_exist_is_not_missing() {
        let mut sections = Sections::new();
        assert_eq!(
            sections.optional::<u8>("book", Err(ApiError::not_found("book"))),
            Ok(None)
        );
        assert_eq!(sections.states["book"].state, SectionState::Fresh);
    }

    #[test]
    fn an_invalid_token_is_never_papered_over() {
        let part = Sections::new().optional::<u8>("mine", Err(ApiError::TokenInvalid));
        assert_eq!(part, Err(ApiError::TokenInvalid));
    }
}
