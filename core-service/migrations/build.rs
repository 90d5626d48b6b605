//! Lists the migrations beside this file, so that nobody has to keep a list.

use std::path::Path;
use std::{env, fs};

#[path = "src/folder.rs"]
mod folder;

fn main() {
    let here = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let target = env::var("OUT_DIR").expect("cargo sets it");
    println!("cargo::rerun-if-changed={here}");
    let opening = "/// Every migration, in the order of its timestamp.\npub static ALL: &[Migration] = &[";
    match folder::table(Path::new(&here), opening, entry) {
        Ok(source) => fs::write(Path::new(&target).join("all.rs"), source).expect("a writable OUT_DIR"),
        Err(problem) => println!("cargo::error={problem}"),
    }
}

fn entry(file: &folder::StepFile) -> String {
    let module = file.module();
    format!(
        "Migration {{ name: {:?}, up: {module}::up, down: {module}::down }}",
        file.name
    )
}
