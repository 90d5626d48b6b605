//! Who may depend on whom.

use cargo_metadata::{DependencyKind, MetadataCommand};

use crate::{assert_none, source};

/// One crate depends on another.
#[derive(Clone)]
struct Edge {
    from: String,
    to: String,
    test_only: bool,
}

/// Our crates and those of ours that each may use; `e2e` may use everything. What stands after `test:` only
/// tests may use.
const ARROWS: [(&str, &[&str]); 12] = [
    ("proto", &[]),
    ("service-kit", &[]),
    ("bff-kit", &["proto", "service-kit", "test:test-kit"]),
    ("migrations", &["test:test-kit"]),
    (
        "core-service",
        &["proto", "service-kit", "migrations", "test:test-kit"],
    ),
    // Its tests hold the Conduit contract against the real core, in one process.
    (
        "bff-web",
        &[
            "proto",
            "bff-kit",
            "service-kit",
            "test:test-kit",
            "test:core-service",
            "test:migrations",
        ],
    ),
    (
        "bff-mobile",
        &["proto", "bff-kit", "service-kit", "test:test-kit"],
    ),
    (
        "bff-desktop",
        &["proto", "bff-kit", "service-kit", "test:test-kit"],
    ),
    ("test-kit", &["proto"]),
    // Speaks HTTP and gRPC, as anybody does.
    ("bench", &["proto", "service-kit"]),
    ("e2e", &["*"]),
    ("xtask", &[]),
];

/// Crates of others that only some of ours may use.
const RESERVED: [(&str, &[&str]); 4] = [
    (
        "axum",
        &["service-kit", "bff-kit", "bff-web", "bff-mobile", "bff-desktop"],
    ),
    ("sea-orm", &["core-service", "migrations", "test-kit"]),
    ("sqlx", &["core-service", "migrations", "test-kit"]),
    ("tonic-prost-build", &["xtask"]),
];

fn offenders(edges: &[Edge]) -> Vec<String> {
    let ours = |name: &str| ARROWS.iter().find(|(from, _)| *from == name).map(|(_, to)| *to);
    let mut found = Vec::new();
    for Edge { from, to, test_only } in edges {
        let Some(allowed) = ours(from) else {
            found.push(format!(
                "{from} is not in the list of our crates (xtask/tests/fences/dependencies.rs)"
            ));
            continue;
        };
        let in_tests = format!("test:{to}");
        let may = allowed
            .iter()
            .any(|name| *name == "*" || name == to || (*test_only && *name == in_tests));
        if ours(to).is_some() && !may {
            found.push(format!("{from} must not depend on {to}"));
        }
        if let Some((_, users)) = RESERVED.iter().find(|(name, _)| name == to)
            && !users.contains(&from.as_str())
        {
            found.push(format!(
                "{from} must not depend on {to}: only {} may",
                users.join(", ")
            ));
        }
    }
    found
}

fn edges() -> Vec<Edge> {
    let manifest = source::root().join("Cargo.toml");
    let metadata = MetadataCommand::new()
        .manifest_path(manifest)
        .no_deps()
        .exec()
        .unwrap();
    let mut edges = Vec::new();
    for package in metadata.workspace_packages() {
        for dependency in &package.dependencies {
            edges.push(Edge {
                from: package.name.to_string(),
                to: dependency.name.clone(),
                test_only: dependency.kind == DependencyKind::Development,
            });
        }
    }
    edges
}

#[test]
fn every_crate_depends_only_on_what_its_place_allows() {
    assert_none(offenders(&edges()));
}

#[test]
fn catches_a_gateway_that_reaches_sideways_or_into_the_core() {
    for (from, to, test_only) in [
        ("bff-web", "bff-mobile", false),
        ("bff-web", "core-service", false),
        ("bff-mobile", "core-service", true),
        ("bff-kit", "core-service", true),
        ("bff-web", "test-kit", false),
        ("bff-desktop", "sea-orm", false),
        ("core-service", "axum", false),
        ("newcomer", "serde", false),
    ] {
        let mutant = Edge {
            from: from.to_owned(),
            to: to.to_owned(),
            test_only,
        };
        assert_eq!(offenders(&[mutant]).len(), 1, "{from} -> {to} went unnoticed");
    }
}
