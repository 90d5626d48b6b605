//! The shape of a file: it says what it is, and does not outgrow a reader.

use crate::assert_none;
use crate::source::{self, Source};

/// Lines after which a file needs a reason.
const LONGEST: usize = 400;

/// The files that have one.
const LONG: [(&str, &str); 0] = [];

fn too_long(sources: &[Source], reasons: &[(&str, &str)]) -> Vec<String> {
    let mut found = Vec::new();
    for file in sources {
        let lines = file.text.lines().count();
        let reasoned = reasons.iter().any(|(path, _)| *path == file.path);
        if lines > LONGEST && !reasoned {
            found.push(format!(
                "{}: {lines} lines; split it, or give a reason in xtask/tests/fences/shape.rs",
                file.path
            ));
        }
        if lines <= LONGEST && reasoned {
            found.push(format!("{}: {lines} lines need no reason any more", file.path));
        }
    }
    found
}

fn nameless(sources: &[Source]) -> Vec<String> {
    let unexplained = sources.iter().filter(|file| !file.text.starts_with("//!"));
    unexplained
        .map(|file| format!("{}: begin with `//!` and say what it is", file.path))
        .collect()
}

#[test]
fn no_file_outgrows_its_reader_without_a_reason() {
    let sources = source::all();
    for (path, reason) in LONG {
        assert!(
            sources.iter().any(|file| file.path == path),
            "{path} ({reason}) is gone"
        );
    }
    assert_none(too_long(&sources, &LONG));
}

#[test]
fn catches_a_long_file_and_a_stale_reason() {
    let long = Source::synthetic("a.rs", &"\n".repeat(LONGEST + 1));
    let short = Source::synthetic("b.rs", "\n");
    assert_eq!(too_long(&[long], &[]).len(), 1);
    assert_eq!(too_long(&[short], &[("b.rs", "it was long once")]).len(), 1);
}

#[test]
fn every_file_says_what_it_is() {
    assert_none(nameless(&source::all()));
}

#[test]
fn catches_a_file_that_does_not_say_what_it_is() {
    assert_eq!(nameless(&[Source::synthetic("a.rs", "use std::fmt;\n")]).len(), 1);
}
