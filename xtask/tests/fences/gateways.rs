//! Gateways: screens do not know each other, and neither rows nor messages can become JSON by accident.

use crate::assert_none;
use crate::source::{self, Source};

/// Views that name another view. What two of them need lies in `parts/`.
fn entangled_views(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for file in sources.iter().filter(|file| file.path.starts_with("bff-")) {
        let module = file.module();
        if module.len() < 2 || module[0] != "views" {
            continue;
        }
        for path in file.references() {
            let other = path.get(2).map_or("", String::as_str);
            if path[0] == "crate" && path.get(1).is_some_and(|name| name == "views") && other != module[1] {
                found.push(format!("{}: a view must not use {}", file.path, path.join("::")));
            }
        }
    }
    found
}

/// Rows and messages that could be written out as they are. A value that a column holds as JSON has to be.
fn serialisable_rows_and_messages(sources: &[Source]) -> Vec<String> {
    let watched = [
        "core-service/src/models/",
        "core-service/migrations/src/",
        "proto/src/",
    ];
    let mut found = Vec::new();
    for file in sources
        .iter()
        .filter(|file| watched.iter().any(|folder| file.path.starts_with(folder)))
    {
        let code = source::code(&file.text);
        let derives = code
            .split("derive(")
            .skip(1)
            .map(|rest| rest.split(')').next().unwrap_or_default());
        let leak = |derived: &str| derived.contains("Serialize") && !derived.contains("FromJsonQueryResult");
        if derives.into_iter().any(leak) || code.contains("impl Serialize") {
            found.push(format!("{}: rows and messages never derive Serialize", file.path));
        }
    }
    found
}

/// What the machinery may know of the contract: how calls travel, which fields they name, and what changes, but no message of
/// the business.
const MACHINERY: [&str; 5] = ["FieldMask", "Public", "Rpc", "batch", "changes"];

/// Machinery that names a message of the business. Tests and what stands in comments may.
fn machinery_with_a_business(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for file in sources
        .iter()
        .filter(|file| file.path.starts_with("crates/bff-kit/src/"))
    {
        for path in file.references() {
            let of_business = path
                .get(1)
                .is_some_and(|name| !MACHINERY.contains(&name.as_str()));
            if path[0] == "proto" && of_business {
                found.push(format!(
                    "{}: machinery must not know {}",
                    file.path,
                    path.join("::")
                ));
            }
        }
    }
    found
}

#[test]
fn machinery_knows_no_message_of_the_business() {
    assert_none(machinery_with_a_business(&source::all()));
}

#[test]
fn catches_machinery_that_knows_books() {
    let mutant = Source::synthetic("crates/bff-kit/src/core.rs", "use proto::{Rpc, books::v1::Book};");
    assert_eq!(machinery_with_a_business(&[mutant]).len(), 1);
}

/// All files, with the generated messages.
fn all_with_messages() -> Vec<Source> {
    let mut sources = source::all();
    for entry in std::fs::read_dir(source::root().join("proto/src/generated")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.file_name().unwrap().to_string_lossy();
            let text = std::fs::read_to_string(&path).unwrap();
            sources.push(Source::synthetic(&format!("proto/src/generated/{name}"), &text));
        }
    }
    sources
}

#[test]
fn views_do_not_know_each_other() {
    assert_none(entangled_views(&source::all()));
}

#[test]
fn catches_a_view_that_borrows_from_another() {
    for text in [
        "use crate::views::books::Book;",
        "use super::books::Book;",
        "fn f(b: super::books::Book) {}",
    ] {
        let mutant = Source::synthetic("bff-web/src/views/home.rs", text);
        assert_eq!(entangled_views(&[mutant]).len(), 1, "{text}");
    }
    let within = Source::synthetic(
        "bff-web/src/views/home/reviews.rs",
        "use super::Home; use crate::views::home::X;",
    );
    assert_none(entangled_views(&[within]));
}

#[test]
fn no_row_and_no_message_can_be_written_out() {
    assert_none(serialisable_rows_and_messages(&all_with_messages()));
}

#[test]
fn catches_a_row_that_could_be_written_out() {
    for text in [
        "#[derive(Clone, serde::Serialize)] pub struct Model;",
        "impl Serialize for Model {}",
    ] {
        let mutant = Source::synthetic("core-service/src/models/user.rs", text);
        assert_eq!(serialisable_rows_and_messages(&[mutant]).len(), 1, "{text}");
    }
    let column = "#[derive(Clone, Serialize, FromJsonQueryResult)] pub struct Authors(Vec<String>);";
    assert_none(serialisable_rows_and_messages(&[Source::synthetic(
        "core-service/src/models/book.rs",
        column,
    )]));
}
