//! The gateways of others that ours are held against: each is made ready in its own folder of `bench/peers`.

use std::path::Path;
use std::process::Command;

use crate::{node, workspace};

/// What the gateway in Go needs of Debian: programs, then folders of libraries, each with its package.
pub const NEEDED_FOR_GO: [(&str, &str); 7] = [
    ("go", "golang-go"),
    ("protoc", "protobuf-compiler"),
    ("protoc-gen-go", "protoc-gen-go-1-5"),
    ("protoc-gen-go-grpc", "protoc-gen-go-grpc"),
    (
        "/usr/share/gocode/src/google.golang.org/grpc",
        "golang-google-grpc-dev",
    ),
    (
        "/usr/share/gocode/src/google.golang.org/protobuf",
        "golang-github-golang-protobuf-1-5-dev",
    ),
    (
        "/usr/share/gocode/src/golang.org/x/sync",
        "golang-golang-x-sync-dev",
    ),
];
/// Where Debian has the libraries of Go.
const LIBRARIES: &str = "/usr/share/gocode";
/// The files of the contract that it calls, or that these import, and what they are called in Go.
const CONTRACT: [(&str, &str); 3] = [
    ("triptych/books/v1/books.proto", "triptych/books"),
    ("triptych/posts/v1/posts.proto", "triptych/posts"),
    ("triptych/users/v1/users.proto", "triptych/users"),
];

/// Installs or builds all of them.
pub fn prepare() -> anyhow::Result<()> {
    node::install("bench/peers/fastify", "a gateway of others: Fastify")?;
    node::install("bench/peers/tailcall", "a gateway of others: Tailcall")?;
    workspace::headline("a gateway of others: Go");
    build_go(&workspace::root().join("bench/peers/go"))
}

/// Generates the contract and builds the gateway, into `build`.
fn build_go(folder: &Path) -> anyhow::Result<()> {
    let build = folder.join("build");
    let source = build.join("src");
    std::fs::create_dir_all(&source)?;
    let mut protoc = Command::new("protoc");
    protoc.current_dir(workspace::root().join("proto"));
    for plugin in ["go", "go-grpc"] {
        protoc.arg(format!("--{plugin}_out={}", source.display()));
        for (file, name) in CONTRACT {
            protoc.arg(format!("--{plugin}_opt=M{file}={name}"));
        }
    }
    workspace::run(protoc.args(CONTRACT.map(|(file, _)| file)))?;
    let mut go = Command::new("go");
    go.args(["build", "-o", "build/gateway", "gateway.go"])
        .current_dir(folder);
    // What is generated and what Debian has, and nothing from elsewhere.
    go.env("GO111MODULE", "off");
    go.env("GOPATH", format!("{}:{LIBRARIES}", build.display()));
    workspace::run(&mut go)
}
