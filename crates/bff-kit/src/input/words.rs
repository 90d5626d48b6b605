//! What is wrong with a value, in words that can be read after the field's name.

use jsonschema::{
    JsonType, ValidationError,
    error::{TypeKind, ValidationErrorKind as Kind},
    paths::{Location, LocationSegment},
};
use serde_json::Value;

use crate::error::{Violation, ViolationKind};

/// The violations that a validator's error stands for.
pub(super) fn violations(error: ValidationError<'_>) -> Vec<Violation> {
    let field = path(error.instance_path());
    let is_null = error.instance().is_null();
    let rule = |detail: String| vec![Violation::new(field.clone(), ViolationKind::Rule, detail)];
    match error.kind() {
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            vec![Violation::new(
                below(&field, name),
                ViolationKind::Missing,
                "is missing",
            )]
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let unknown =
                |name: &String| Violation::new(below(&field, name), ViolationKind::Unknown, "is unknown");
            unexpected.iter().map(unknown).collect()
        }
        Kind::Type { .. } if is_null => vec![Violation::new(field, ViolationKind::Null, "can't be null")],
        Kind::Type { kind } => {
            let detail = format!("has to be {}", types(kind));
            vec![Violation::new(field, ViolationKind::WrongType, detail)]
        }
        Kind::AnyOf { .. } | Kind::OneOfNotValid { .. } => alternatives(error, field),
        Kind::Enum { options } => rule(format!("has to be one of {}", listed(options))),
        Kind::Constant { expected_value } => rule(format!("has to be {expected_value}")),
        Kind::Minimum { limit } => rule(format!("has to be at least {limit}")),
        Kind::Maximum { limit } => rule(format!("has to be at most {limit}")),
        Kind::ExclusiveMinimum { limit } => rule(format!("has to be more than {limit}")),
        Kind::ExclusiveMaximum { limit } => rule(format!("has to be less than {limit}")),
        Kind::MinLength { limit: 1 } => rule("can't be blank".to_owned()),
        Kind::MinLength { limit } => rule(format!("is too short (at least {limit} characters)")),
        Kind::MaxLength { limit } => rule(format!("is too long (at most {limit} characters)")),
        Kind::MinItems { limit } => rule(format!("has too few items (at least {limit})")),
        Kind::MaxItems { limit } => rule(format!("has too many items (at most {limit})")),
        Kind::MinProperties { limit } => rule(format!("has too few fields (at least {limit})")),
        Kind::UniqueItems => rule("has an item twice".to_owned()),
        Kind::Format { format } => rule(format!("has to be a {format}")),
        Kind::Pattern { .. } => rule("has characters that cannot be in it".to_owned()),
        other => rule(format!("breaks the rule `{}`", other.keyword())),
    }
}

/// Of a value that fits none of several shapes: what is wrong with it in the shape that it comes nearest,
/// which is the one in which the deepest mistake is found. To be null is what it is never meant to be.
fn alternatives(error: ValidationError<'_>, field: String) -> Vec<Violation> {
    let (Kind::AnyOf { context } | Kind::OneOfNotValid { context }) = error.into_parts().kind else {
        return Vec::new();
    };
    let depth = |error: &ValidationError<'static>| match error.kind() {
        Kind::Type {
            kind: TypeKind::Single(JsonType::Null),
        } => 0,
        Kind::Type { .. } => 1 + 2 * error.instance_path().segments().count(),
        _ => 2 + 2 * error.instance_path().segments().count(),
    };
    let nearness = |errors: &Vec<ValidationError<'static>>| errors.iter().map(depth).max();
    match context.into_iter().max_by_key(nearness) {
        Some(errors) => errors.into_iter().flat_map(violations).collect(),
        None => vec![Violation::new(
            field,
            ViolationKind::WrongType,
            "has a wrong shape",
        )],
    }
}

fn path(location: &Location) -> String {
    location
        .segments()
        .fold(String::new(), |path, segment| match segment {
            LocationSegment::Property(name) => below(&path, &name),
            LocationSegment::Index(index) => format!("{path}[{index}]"),
        })
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

fn types(kind: &TypeKind) -> String {
    let with_article = |name: &str| match name {
        "integer" => "a whole number".to_owned(),
        "array" => "a list".to_owned(),
        "object" => "an object".to_owned(),
        "boolean" => "true or false".to_owned(),
        "null" => "null".to_owned(),
        other => format!("a {other}"),
    };
    match kind {
        TypeKind::Single(one) => with_article(&one.to_string()),
        TypeKind::Multiple(several) => {
            // That a value may be absent helps nobody who has sent one.
            let others = several.iter().filter(|one| *one != JsonType::Null);
            others
                .map(|one| with_article(&one.to_string()))
                .collect::<Vec<_>>()
                .join(" or ")
        }
    }
}

fn listed(options: &Value) -> String {
    let Some(options) = options.as_array() else {
        return options.to_string();
    };
    let plain = |option: &Value| option.as_str().map_or_else(|| option.to_string(), str::to_owned);
    options.iter().map(plain).collect::<Vec<_>>().join(", ")
}
