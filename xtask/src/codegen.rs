//! Turns the contract's .proto files into the Rust code that is committed in `proto/src/generated`.
//!
//! Everything is pure Rust: no `protoc`, and nothing at build time of the crates that use the code.

use std::path::{Path, PathBuf};

use anyhow::Context;
use prost::Message;

/// Writes the generated code into the `proto` crate.
pub fn run() -> anyhow::Result<()> {
    let out = contract().join("src/generated");
    std::fs::create_dir_all(&out)?;
    generate(&out)
}

/// Writes the generated code, and the descriptors that reflection serves, into `out`.
fn generate(out: &Path) -> anyhow::Result<()> {
    let root = contract();
    let files = protos(&root.join("triptych"))?;
    let descriptors = protox::Compiler::new([&root])?
        .include_imports(true)
        .include_source_info(true)
        .open_files(&files)?
        .file_descriptor_set();

    tonic_prost_build::configure()
        .out_dir(out)
        .bytes(".triptych")
        .compile_fds(descriptors.clone())
        .context("generating code from the descriptors")?;

    let mut served = descriptors;
    for file in &mut served.file {
        file.source_code_info = None;
    }
    std::fs::write(out.join("descriptors.bin"), served.encode_to_vec())?;
    Ok(())
}

fn contract() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../proto")
}

/// All .proto files below `folder`, in the order of their names.
fn protos(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(protos(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_code_is_what_the_contract_generates() {
        let fresh = tempfile::tempdir().unwrap();
        generate(fresh.path()).unwrap();
        let committed = contract().join("src/generated");
        for entry in std::fs::read_dir(fresh.path()).unwrap() {
            let name = entry.unwrap().file_name();
            let same = std::fs::read(fresh.path().join(&name)).unwrap()
                == std::fs::read(committed.join(&name)).unwrap_or_default();
            assert!(same, "{name:?} is not current: run `cargo xtask codegen`");
        }
    }
}
