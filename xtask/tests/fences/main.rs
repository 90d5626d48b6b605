//! The fences of the house: every rule that a machine can check, each with a mutant that it catches.
#![expect(clippy::unwrap_used, reason = "a fence that cannot look has failed")]

mod dependencies;
mod gateways;
mod layers;
mod shape;
mod source;

/// Fails with the offenders by name.
#[track_caller]
fn assert_none(offenders: Vec<String>) {
    assert!(offenders.is_empty(), "\n{}\n", offenders.join("\n"));
}
