//! The core: grpc -> services -> {validators, repositories} -> models, and each layer knows only its own matter.

use crate::assert_none;
use crate::source::{self, Source};

/// A layer, the layers that it may use, and the foreign crates that it must not name.
struct Layer {
    name: &'static str,
    uses: &'static [&'static str],
    never: &'static [&'static str],
}

/// Controllers speak the contract, book files CSV and JSON; the feed of changes knows no message and no rule; services know no message and no statement; validators know neither caller nor
/// database; repositories know no caller; models are rows and nothing else.
const LAYERS: [Layer; 7] = [
    Layer {
        name: "grpc",
        uses: &["book_files", "changes", "services", "validators", "models"],
        never: &["sea_orm", "sqlx"],
    },
    Layer {
        name: "changes",
        uses: &["repositories", "models"],
        never: &["proto", "tonic", "tonic_types"],
    },
    Layer {
        name: "book_files",
        uses: &["services", "validators", "models"],
        never: &["sea_orm", "sqlx", "proto", "tonic", "tonic_types"],
    },
    Layer {
        name: "services",
        uses: &["changes", "validators", "repositories", "models"],
        never: &["sea_orm", "sqlx", "proto", "tonic", "tonic_types"],
    },
    Layer {
        name: "validators",
        uses: &["models"],
        never: &["sea_orm", "sqlx", "proto", "tonic", "tonic_types"],
    },
    Layer {
        name: "repositories",
        uses: &["models"],
        never: &["proto", "tonic", "tonic_types"],
    },
    Layer {
        name: "models",
        uses: &[],
        never: &["proto", "tonic", "tonic_types", "prost"],
    },
];

/// What a service may name of the database: the handle, to hold it and to begin a transaction on, and what
/// fills the fields of a model. Statements belong to the repositories.
const HANDLE_AND_FIELDS: [&str; 6] = [
    "DatabaseConnection",
    "DatabaseTransaction",
    "ConnectionTrait",
    "TransactionTrait",
    "Set",
    "IntoActiveModel",
];

fn offenders(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for file in sources
        .iter()
        .filter(|file| file.path.starts_with("core-service/src/"))
    {
        let module = file.module();
        let Some(layer) = LAYERS
            .iter()
            .find(|layer| module.first().is_some_and(|name| name == layer.name))
        else {
            continue;
        };
        for path in file.references() {
            let shown = path.join("::");
            if path[0] == "crate" {
                let target = path.get(1).map_or("", String::as_str);
                let is_layer = LAYERS.iter().any(|other| other.name == target);
                if is_layer && target != layer.name && !layer.uses.contains(&target) {
                    found.push(format!("{}: {} must not use {shown}", file.path, layer.name));
                }
            } else if layer.never.contains(&path[0].as_str()) && !is_handle_or_field(layer, &path) {
                found.push(format!("{}: {} must not name {shown}", file.path, layer.name));
            }
        }
    }
    found
}

fn is_handle_or_field(layer: &Layer, path: &[String]) -> bool {
    layer.name == "services"
        && path[0] == "sea_orm"
        && path
            .iter()
            .skip(1)
            .all(|name| HANDLE_AND_FIELDS.contains(&name.as_str()))
}

#[test]
fn the_layers_of_the_core_only_look_down() {
    assert_none(offenders(&source::all()));
}

#[test]
fn catches_a_layer_that_looks_up_or_past_its_matter() {
    for (file, text) in [
        ("grpc/posts.rs", "use crate::repositories::posts;"),
        ("services/posts.rs", "fn f() { crate::grpc::status::of(1) }"),
        ("services/posts.rs", "use proto::posts::v1::Post;"),
        ("changes/pages.rs", "use crate::services::sessions;"),
        (
            "services/posts.rs",
            "use sea_orm::{DatabaseConnection, EntityTrait};",
        ),
        ("validators/post.rs", "use super::super::services::posts;"),
        (
            "repositories/posts.rs",
            "use crate::{models::post, services::clock};",
        ),
        ("models/post.rs", "impl From<proto::posts::v1::Post> for Model {}"),
    ] {
        let mutant = Source::synthetic(&format!("core-service/src/{file}"), text);
        assert_eq!(offenders(&[mutant]).len(), 1, "{file}: {text}");
    }
}

#[test]
fn a_service_may_hold_the_database() {
    let text = "use sea_orm::{DatabaseConnection, TransactionTrait}; use crate::repositories::posts;";
    assert_none(offenders(&[Source::synthetic(
        "core-service/src/services/posts.rs",
        text,
    )]));
}
