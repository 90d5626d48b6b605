//! What the core of a local cluster makes tokens with. It stays, so that nobody is signed out by a restart.

use std::fs;
use std::io::Write as _;

use anyhow::Context;

use super::certificates::owner_only;
use crate::workspace;

/// The secret, made at the first start: 256 random bits.
pub fn of_sessions() -> anyhow::Result<String> {
    let path = workspace::own_folder()?.join("session.secret");
    if let Ok(kept) = fs::read_to_string(&path)
        && !kept.is_empty()
    {
        return Ok(kept);
    }
    let secret: String = rand::random::<[u8; 32]>()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let written = owner_only(&path).and_then(|mut file| Ok(file.write_all(secret.as_bytes())?));
    written.with_context(|| path.display().to_string())?;
    Ok(secret)
}
