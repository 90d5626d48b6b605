//! What Conduit's clients send: whole objects under one key, of which unknown fields are ignored.
//!
//! A text that is missing, null or blank is handed on as an empty one where it is needed, so that the core
//! says so together with everything else that is wrong. Only wrong types end here.

use axum::extract::{FromRequest, FromRequestParts, Request};
use bff_kit::{
    ApiError, Body,
    error::{Violation, ViolationKind},
};
use http::request::Parts;
use serde_json::{Map, Value};

use super::error::ConduitError;

/// An extractor of ours, with Conduit's errors.
pub(super) struct Conduit<E>(pub(super) E);

/// A body that is an object under the key of its kind.
pub(super) struct Sent<T>(pub(super) T);

/// Something that can be sent as a body.
pub(super) trait Input: Sized {
    /// The key that it is sent under.
    const KEY: &'static str;

    /// Takes its fields.
    fn read(fields: &mut Fields) -> Self;
}

/// The fields of an object that was sent, and what is wrong with them so far.
pub(super) struct Fields {
    sent: Map<String, Value>,
    wrong: Vec<Violation>,
    blank: Vec<Violation>,
}

impl Fields {
    /// A text that is needed; empty where it is missing or null, or nothing but spaces.
    pub(super) fn required(&mut self, name: &str) -> String {
        let text = self.text(name);
        if text.trim().is_empty() {
            self.blank
                .push(Violation::new(name, ViolationKind::Rule, "can't be blank"));
            return String::new();
        }
        text
    }

    /// A text that may be left out, but not blank.
    pub(super) fn changed(&mut self, name: &str) -> Option<String> {
        self.sent.contains_key(name).then(|| self.required(name))
    }

    /// A text that may be left out, and that null or an empty one clears.
    pub(super) fn clearable(&mut self, name: &str) -> Option<String> {
        self.sent.contains_key(name).then(|| self.text(name))
    }

    /// A list of texts that may be left out, but not null.
    pub(super) fn list(&mut self, name: &str) -> Option<Vec<String>> {
        match serde_json::from_value(self.sent.remove(name)?) {
            Ok(list) => Some(list),
            Err(_) => {
                self.refuse(name, "has to be a list of strings");
                None
            }
        }
    }

    fn text(&mut self, name: &str) -> String {
        match self.sent.remove(name) {
            Some(Value::String(text)) => text,
            None | Some(Value::Null) => String::new(),
            Some(_) => {
                self.refuse(name, "has to be a string");
                // Not blank: one message about a field is enough.
                "?".to_owned()
            }
        }
    }

    fn refuse(&mut self, name: &str, detail: &str) {
        self.wrong
            .push(Violation::new(name, ViolationKind::WrongType, detail));
    }

    fn below(key: &str, body: Value) -> Result<Self, ApiError> {
        let refused = |field: &str, detail: &str| {
            ApiError::Invalid(vec![Violation::new(field, ViolationKind::WrongType, detail)])
        };
        let Value::Object(mut body) = body else {
            return Err(refused("body", "has to be an object"));
        };
        match body.remove(key) {
            Some(Value::Object(sent)) => Ok(Self {
                sent,
                wrong: Vec::new(),
                blank: Vec::new(),
            }),
            None | Some(Value::Null) => Err(refused(key, "can't be blank")),
            Some(_) => Err(refused(key, "has to be an object")),
        }
    }

    /// Where something has a wrong type, the core is not asked, so what is blank is told here as well.
    fn finish<T>(mut self, input: T) -> Result<T, ApiError> {
        if self.wrong.is_empty() {
            return Ok(input);
        }
        self.wrong.append(&mut self.blank);
        Err(ApiError::Invalid(self.wrong))
    }
}

impl<S: Send + Sync, T: Input> FromRequest<S> for Sent<T> {
    type Rejection = ConduitError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ConduitError> {
        let Body(body) = Body::<Value>::from_request(request, state).await?;
        let mut fields = Fields::below(T::KEY, body)?;
        let input = T::read(&mut fields);
        Ok(Self(fields.finish(input)?))
    }
}

impl<S, E> FromRequestParts<S> for Conduit<E>
where
    S: Send + Sync,
    E: FromRequestParts<S, Rejection = ApiError>,
{
    type Rejection = ConduitError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ConduitError> {
        Ok(Self(E::from_request_parts(parts, state).await?))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn whatever_is_wrong_with_the_types_is_told_with_what_is_blank() {
        let body = json!({"article": {"title": 7, "body": " ", "tagList": null, "slug": {}}});
        let mut fields = Fields::below("article", body).expect("an object");
        fields.required("title");
        fields.required("description");
        fields.required("body");
        fields.list("tagList");
        let Err(ApiError::Invalid(violations)) = fields.finish(()) else {
            panic!("it is refused");
        };
        let told: Vec<_> = violations
            .iter()
            .map(|violation| format!("{} {}", violation.field, violation.detail))
            .collect();
        assert_eq!(
            told,
            [
                "title has to be a string",
                "tagList has to be a list of strings",
                "description can't be blank",
                "body can't be blank",
            ]
        );
    }

    #[test]
    fn what_is_blank_alone_is_left_to_the_core() {
        let mut fields = Fields::below("user", json!({"user": {"email": " \n"}})).expect("an object");
        assert_eq!(fields.changed("email"), Some(String::new()));
        assert_eq!(fields.changed("username"), None);
        assert!(fields.finish(()).is_ok());
    }
}
