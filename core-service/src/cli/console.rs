//! How the commands talk to the person who typed them: results on standard output, the rest on standard error.

use std::fmt::Display;
use std::io::{self, BufRead, IsTerminal, Write};
use std::time::Duration;

use anyhow::ensure;
use migrations::{Event, Step};

/// Says a line of the result. Nobody is told where nobody reads any more.
pub(super) fn say(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// Says a line that is not a part of the result.
pub(super) fn warn(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Says what happens, step by step, each on a line of its own.
#[derive(Default)]
pub(super) struct Progress {
    line_is_open: bool,
}

impl Progress {
    /// Says what has just happened.
    pub(super) fn say(&mut self, event: Event<'_>) {
        match event {
            Event::Waiting => warn("another process is at work on this database; waiting until it is done"),
            Event::Started(Step { name, direction }) => {
                let direction = direction.to_string();
                let _ = write!(io::stdout(), "{direction:<4}  {name:<NAME_WIDTH$}  ");
                let _ = io::stdout().flush();
                self.line_is_open = true;
            }
            Event::Finished(_, took) => {
                say(milliseconds(took));
                self.line_is_open = false;
            }
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.line_is_open {
            say("   failed");
        }
    }
}

/// Wide enough for the names that there are, so that the times stand below each other.
const NAME_WIDTH: usize = 44;

fn milliseconds(took: Duration) -> String {
    format!("{:>6} ms", took.as_millis())
}

/// Asks before something is lost. Where there is no terminal to ask on, that is an error.
pub(super) fn agree(loss: &str) -> anyhow::Result<()> {
    ensure!(
        io::stdin().is_terminal(),
        "{loss}, and there is no terminal to ask on; say --yes if that is meant"
    );
    let _ = write!(io::stderr(), "Go on, although {loss}? [y/N] ");
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    ensure!(matches!(answer.trim(), "y" | "Y" | "yes"), "nothing was done");
    Ok(())
}

/// Says rows below each other, each column as wide as its widest cell.
pub(super) fn table<const COLUMNS: usize>(rows: &[[String; COLUMNS]]) {
    let mut widths = [0; COLUMNS];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    for row in rows {
        let cells = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:<width$}"));
        say(cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}

/// So many of something: `1 migration`, `2 migrations`.
pub(super) fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}
