//! The secrets of a local cluster: nobody has to think of any.

use std::fs;
use std::io::Write as _;

use anyhow::Context;

use crate::workspace;

/// A new secret: 256 random bits.
pub fn fresh() -> String {
    rand::random::<[u8; 32]>()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// What the core makes tokens with. It stays, so that nobody is signed out by a restart.
pub fn of_sessions() -> anyhow::Result<String> {
    let path = workspace::own_folder()?.join("session.secret");
    if let Ok(kept) = fs::read_to_string(&path) {
        return Ok(kept.trim().to_owned());
    }
    let secret = fresh();
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&path).with_context(|| path.display().to_string())?;
    file.write_all(secret.as_bytes())?;
    Ok(secret)
}
