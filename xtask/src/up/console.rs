//! One terminal for all: each line says whose it is.

use std::collections::VecDeque;
use std::io::{IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

use super::roles::Role;

/// How many of a process's last lines are kept for the case that it fails.
const KEPT_LINES: usize = 20;

/// Writes lines of several processes to standard output, one at a time.
#[derive(Clone)]
pub struct Console {
    coloured: bool,
}

/// The last lines of one process.
#[derive(Clone, Default)]
pub struct Tail(Arc<Mutex<VecDeque<String>>>);

impl Console {
    /// Coloured where a person looks on and has not asked for none.
    pub fn new() -> Self {
        Self {
            coloured: std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
        }
    }

    /// A word of the starter itself.
    pub fn say(&self, text: &str) {
        for line in text.lines() {
            write(line);
        }
    }

    /// A word about, or of, one process.
    pub fn say_of(&self, role: &Role, line: &str) {
        let Role { name, colour, .. } = role;
        match self.coloured {
            true => write(&format!("\x1b[{colour}m{name:>7} |\x1b[0m {line}")),
            false => write(&format!("{name:>7} | {line}")),
        }
    }

    /// Shows what comes out of a process until it ends.
    pub fn follow(&self, role: &Role, stream: Option<impl AsyncRead + Unpin + Send + 'static>, tail: &Tail) {
        let Some(stream) = stream else { return };
        let (console, role, tail) = (self.clone(), role.clone(), tail.clone());
        tokio::spawn(async move {
            let mut lines = BufReader::new(stream).split(b'\n');
            while let Ok(Some(line)) = lines.next_segment().await {
                let line = String::from_utf8_lossy(&line).trim_end().to_owned();
                console.say_of(&role, &line);
                tail.push(line);
            }
        });
    }
}

impl Tail {
    fn push(&self, line: String) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == KEPT_LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    /// The lines, indented.
    pub fn text(&self) -> String {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().map(|line| format!("\n    {line}")).collect()
    }
}

fn write(line: &str) {
    // Whoever read along may have gone (`| head`); the cluster runs on.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
