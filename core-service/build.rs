//! Lists the seeders, so that nobody has to keep a list.

use std::path::Path;
use std::{env, fs};

#[path = "migrations/src/folder.rs"]
mod folder;

fn main() {
    let here = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let target = env::var("OUT_DIR").expect("cargo sets it");
    let seeders = Path::new(&here).join("seeders");
    println!("cargo::rerun-if-changed={}", seeders.display());
    let opening = "/// Every seeder, in the order of its timestamp.\npub static ALL: &[Seeder] = &[";
    match folder::table(&seeders, opening, entry) {
        Ok(source) => fs::write(Path::new(&target).join("seeders.rs"), source).expect("a writable OUT_DIR"),
        Err(problem) => println!("cargo::error={problem}"),
    }
}

fn entry(file: &folder::StepFile) -> String {
    let module = file.module();
    format!(
        "Seeder {{ name: {:?}, about: {module}::ABOUT, text: {}, \
         up: |tx| Box::pin({module}::up(tx)), down: |tx| Box::pin({module}::down(tx)) }}",
        file.name,
        text(&file.path)
    )
}

/// All that a seeder is made of: its own text, and the texts that it includes.
fn text(path: &Path) -> String {
    let source = fs::read_to_string(path).expect("a seeder that can be read");
    let included = source
        .split(r#"include_str!(""#)
        .skip(1)
        .filter_map(|rest| rest.split('"').next());
    let files = included.map(|file| path.with_file_name(file));
    let files = std::iter::once(path.to_owned()).chain(files);
    let texts = files.map(|file| format!("include_str!({file:?})"));
    format!("concat!({})", texts.collect::<Vec<_>>().join(", "))
}
