//! Reading source files: what they are called, and which paths their code names.

use std::path::{Path, PathBuf};

/// One source file of the workspace.
pub struct Source {
    /// Its path from the root of the workspace, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl Source {
    /// A file that only a test knows.
    pub fn synthetic(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    /// Where it lies in its crate's module tree: `["views", "home"]` for `bff-web/src/views/home.rs`.
    pub fn module(&self) -> Vec<String> {
        let inside = self.path.split_once("/src/").map_or("", |(_, inside)| inside);
        let names = inside.trim_end_matches(".rs").split('/').map(str::to_owned);
        let mut names: Vec<String> = names.filter(|name| !name.is_empty()).collect();
        if matches!(names.last().map(String::as_str), Some("mod" | "lib" | "main")) {
            names.pop();
        }
        names
    }

    /// Every path that its code names, from the root of its crate (`crate::a::b`) or of another (`axum::Router`).
    pub fn references(&self) -> Vec<Vec<String>> {
        let mut found = Vec::new();
        read_paths(&tokens(&code(&self.text)), &mut found);
        let module = self.module();
        found.into_iter().map(|path| absolute(path, &module)).collect()
    }
}

/// The root of the workspace.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// All Rust files that people write.
pub fn all() -> Vec<Source> {
    let mut paths = Vec::new();
    collect(root(), &mut paths);
    assert!(!paths.is_empty(), "there is source to look at");
    let read = |path: PathBuf| Source {
        path: path
            .strip_prefix(root())
            .unwrap()
            .to_string_lossy()
            .replace('\\', "/"),
        text: std::fs::read_to_string(&path).unwrap(),
    };
    paths.into_iter().map(read).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            let other =
                name.starts_with('.') || ["target", "node_modules", "generated"].contains(&name.as_str());
            // A workspace inside this one (a checkout, a fixture) is not this one.
            if !other && (folder == root() || !path.join("Cargo.lock").exists()) {
                collect(&path, paths);
            }
        } else if name.ends_with(".rs") {
            paths.push(path);
        }
    }
}

/// The text without comments, strings and characters, so that only code is left.
pub fn code(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |at| at + 2)
        } else if let Some(hashes) = raw_string(rest) {
            let end = format!("\"{}", "#".repeat(hashes));
            let start = rest.find('"').unwrap_or(0) + 1;
            rest[start..]
                .find(&end)
                .map_or(rest.len(), |at| start + at + end.len())
        } else if first == '"' {
            string_end(rest)
        } else if first == '\'' {
            // A character, or a lifetime, of which only the quote goes.
            let mut inside = rest[1..].char_indices();
            match (inside.next(), inside.next()) {
                (Some((_, '\\')), _) => rest[3..].find('\'').map_or(1, |at| at + 4),
                (_, Some((at, '\''))) => at + 2,
                _ => 1,
            }
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        out.push(' ');
        rest = &rest[skipped..];
    }
    out
}

/// How many `#` a raw string that begins here has.
fn raw_string(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    after[hashes..].starts_with('"').then_some(hashes)
}

fn string_end(rest: &str) -> usize {
    let mut escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        match character {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    rest.len()
}

/// Names, `::`, and single other characters.
fn tokens(code: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = code.trim_start();
    while !rest.is_empty() {
        let name = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        let length = match name {
            0 if rest.starts_with("::") => 2,
            0 => rest.chars().next().map_or(1, char::len_utf8),
            _ => name,
        };
        out.push(&rest[..length]);
        rest = rest[length..].trim_start();
    }
    out
}

/// Finds the paths of two names and more, and opens the braces of `use` (`a::{b, c::d}` is `a::b` and `a::c::d`).
fn read_paths(tokens: &[&str], found: &mut Vec<Vec<String>>) {
    let mut at = 0;
    while at < tokens.len() {
        let in_use = tokens[at] == "use";
        if in_use {
            at += 1;
        }
        let start = at;
        at = read_path(tokens, at, &[], in_use, found).max(start + usize::from(!in_use));
    }
}

/// Reads one path, and the tree behind it; gives the place after it.
fn read_path(
    tokens: &[&str],
    mut at: usize,
    before: &[String],
    in_use: bool,
    found: &mut Vec<Vec<String>>,
) -> usize {
    let is_name = |token: &&str| token.chars().all(|c| c.is_alphanumeric() || c == '_');
    let mut path = before.to_vec();
    if tokens.get(at) == Some(&"::") {
        at += 1;
    }
    while let Some(name) = tokens.get(at).filter(|token| is_name(token) || **token == "*") {
        path.push((*name).to_owned());
        at += 1;
        if tokens.get(at) != Some(&"::") {
            break;
        }
        at += 1;
        if tokens.get(at) == Some(&"{") && in_use {
            at += 1;
            while let Some(token) = tokens.get(at).filter(|token| **token != "}") {
                let next = if *token == "," {
                    at + 1
                } else {
                    read_path(tokens, at, &path, true, found)
                };
                at = next.max(at + 1);
            }
            return at + 1;
        }
    }
    if path.len() > before.len() && (path.len() > 1 || in_use) {
        found.push(path);
    }
    // `use a::b as c`
    if in_use && tokens.get(at) == Some(&"as") {
        at + 2
    } else {
        at
    }
}

/// Resolves `self` and `super` against the file's own module.
fn absolute(path: Vec<String>, module: &[String]) -> Vec<String> {
    let up = path.iter().take_while(|name| *name == "super").count();
    let (base, rest) = match path[0].as_str() {
        "super" => (&module[..module.len().saturating_sub(up)], &path[up..]),
        "self" => (module, &path[1..]),
        _ => return path,
    };
    std::iter::once("crate".to_owned())
        .chain(base.iter().cloned())
        .chain(rest.iter().cloned())
        .collect()
}

#[test]
fn finds_every_path_that_code_names() {
    let text = r##"
        //! Not crate::comments::X.
        use crate::{services::{self, posts::Posts}, models as rows};
        use super::super::repositories::*;
        const TEXT: &str = "crate::strings::X"; const RAW: &str = r#"crate::raw::X"#;
        fn f<'a>(c: char) -> Option<&'a u8> { let _ = '"'; crate::grpc::status(c); sea_orm::Value::Int(None) }
    "##;
    let source = Source::synthetic("core-service/src/services/users/x.rs", text);
    let paths: Vec<String> = source.references().iter().map(|path| path.join("::")).collect();
    assert_eq!(
        paths,
        [
            "crate::services::self",
            "crate::services::posts::Posts",
            "crate::models",
            "crate::services::repositories::*",
            "crate::grpc::status",
            "sea_orm::Value::Int",
        ]
    );
}
