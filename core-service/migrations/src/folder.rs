//! The folder of migrations (or seeders): one timestamped Rust file per step.
//!
//! The build scripts read this module too, so it uses nothing but the standard library.

use std::fs;
use std::path::{Path, PathBuf};

/// Digits of the timestamp that starts a name: year, month, day, hour, minute, second.
const TIMESTAMP_DIGITS: usize = 14;

/// One step's file.
pub struct StepFile {
    /// The file's name without `.rs`, which is the step's name.
    pub name: String,
    /// Where the file is.
    pub path: PathBuf,
}

impl StepFile {
    /// The name as a Rust identifier.
    pub fn module(&self) -> String {
        format!("step_{}", self.name.replace('-', "_"))
    }
}

/// Lists the steps in the order of their timestamps; refuses bad names and timestamps that are used twice.
pub fn list(folder: &Path) -> Result<Vec<StepFile>, String> {
    let entries = fs::read_dir(folder).map_err(|e| format!("cannot read {}: {e}", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry
            .map_err(|e| format!("cannot read {}: {e}", folder.display()))?
            .path();
        let Some(file) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        if let Some(name) = file
            .strip_suffix(".rs")
            .filter(|name| !["build", "mod"].contains(name))
        {
            check_name(name).map_err(|e| format!("{}: {e}", path.display()))?;
            files.push(StepFile {
                name: name.to_owned(),
                path,
            });
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    for pair in files.windows(2) {
        if pair[0].name[..TIMESTAMP_DIGITS] == pair[1].name[..TIMESTAMP_DIGITS] {
            return Err(format!(
                "`{}` and `{}` have the same timestamp; rename one of them",
                pair[0].name, pair[1].name
            ));
        }
    }
    Ok(files)
}

/// The Rust source of a table of all steps: their modules, then what `entry` makes of each of them.
pub fn table(folder: &Path, open: &str, entry: impl Fn(&StepFile) -> String) -> Result<String, String> {
    let files = list(folder)?;
    let mut source = String::new();
    for file in &files {
        source += &format!("#[path = {:?}]\nmod {};\n", file.path, file.module());
    }
    source += &format!("\n{open}\n");
    for file in &files {
        source += &format!("    {},\n", entry(file));
    }
    Ok(source + "];\n")
}

/// Checks that a name is a timestamp and what the step does: `20250818150000-create-users`.
pub fn check_name(name: &str) -> Result<(), String> {
    let digits = name.bytes().take_while(u8::is_ascii_digit).count();
    let words = name
        .get(TIMESTAMP_DIGITS..)
        .and_then(|rest| rest.strip_prefix('-'));
    match words {
        Some(words) if digits == TIMESTAMP_DIGITS => check_words(words),
        _ => Err(format!(
            "`{name}` must start with a timestamp of {TIMESTAMP_DIGITS} digits and a hyphen, \
             as in `20250818150000-create-users`"
        )),
    }
}

/// Checks the part of a name that says what the step does: lower-case words joined by hyphens.
pub fn check_words(words: &str) -> Result<(), String> {
    let word =
        |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if words.split('-').all(word) {
        Ok(())
    } else {
        Err(format!(
            "`{words}` must be lower-case words joined by hyphens, as in `create-users`"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for file in files {
            fs::write(folder.path().join(file), "").expect("an empty file");
        }
        folder
    }

    fn refusal(files: &[&str]) -> String {
        list(folder(files).path()).err().expect("a refusal")
    }

    #[test]
    fn lists_the_steps_by_timestamp_and_nothing_else() {
        let folder = folder(&[
            "20250102000000-b.rs",
            "20250101000000-c-2.rs",
            "build.rs",
            "Cargo.toml",
        ]);
        let names: Vec<_> = list(folder.path())
            .expect("a list")
            .into_iter()
            .map(|f| f.name)
            .collect();
        assert_eq!(names, ["20250101000000-c-2", "20250102000000-b"]);
    }

    #[test]
    fn refuses_names_that_say_nothing() {
        assert!(refusal(&["create-users.rs"]).contains("must start with a timestamp of 14 digits"));
        assert!(refusal(&["2025-create-users.rs"]).contains("must start with a timestamp"));
        assert!(refusal(&["20250818150000-CreateUsers.rs"]).contains("lower-case words"));
        assert!(refusal(&["20250818150000-create--users.rs"]).contains("lower-case words"));
        assert!(refusal(&["20250818150000-.rs"]).contains("lower-case words"));
    }

    #[test]
    fn refuses_a_timestamp_that_is_used_twice() {
        assert_eq!(
            refusal(&["20250818150000-b.rs", "20250818150000-a.rs"]),
            "`20250818150000-a` and `20250818150000-b` have the same timestamp; rename one of them"
        );
    }
}
