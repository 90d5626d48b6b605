//! Lines of a file that has a JSON object on each, in bounded memory.

use std::io::{self, BufRead};

use serde_json::{Map, Value};

use super::{Cell, Place, ROW_AT_MOST};

/// A line's number, and its object or what is wrong with it.
type Line = (u64, Result<Map<String, Value>, String>);

/// An NDJSON file that is being read.
pub(super) struct NdjsonRows<R> {
    input: R,
    text: Vec<u8>,
    /// Where the next line begins.
    pub(super) place: Place,
}

impl<R: BufRead> NdjsonRows<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            text: Vec::new(),
            place: Place::default(),
        }
    }

    /// Reads the next line that is not blank: its number, and its object or what is wrong with it.
    pub(super) fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            let line = self.place.lines + 1;
            let Some(fits) = self.read_line()? else {
                return Ok(None);
            };
            let text = self.text.trim_ascii();
            // Some programs begin every file of text with this mark.
            let text = text
                .strip_prefix(b"\xEF\xBB\xBF")
                .filter(|_| line == 1)
                .unwrap_or(text);
            if !fits {
                let reason = format!("is too long (at most {ROW_AT_MOST} bytes)");
                return Ok(Some((line, Err(reason))));
            }
            if !text.is_empty() {
                return Ok(Some((line, object(text))));
            }
        }
    }

    /// Reads one line. Whether it fits; none at the end.
    fn read_line(&mut self) -> io::Result<Option<bool>> {
        self.text.clear();
        let (mut fits, mut is_there) = (true, false);
        loop {
            let input = self.input.fill_buf()?;
            if input.is_empty() {
                return Ok(is_there.then_some(fits));
            }
            is_there = true;
            let end = input.iter().position(|byte| *byte == b'\n');
            let part = &input[..end.unwrap_or(input.len())];
            fits &= self.text.len() + part.len() <= ROW_AT_MOST;
            if fits {
                self.text.extend_from_slice(part);
            }
            let read = part.len() + usize::from(end.is_some());
            self.place.pass(&input[..read]);
            self.input.consume(read);
            if end.is_some() {
                return Ok(Some(fits));
            }
        }
    }
}

fn object(text: &[u8]) -> Result<Map<String, Value>, String> {
    let text = std::str::from_utf8(text).map_err(|error| not_utf8(&error))?;
    serde_json::from_str(text).map_err(|error| {
        let reason = error.to_string();
        let reason = reason.split(" at line ").next().unwrap_or_default();
        match error.column() {
            0 => format!("is not a JSON object: {reason}"),
            byte => format!("is not a JSON object: {reason} (byte {byte})"),
        }
    })
}

/// What a cell is told that is no text.
pub(super) fn not_utf8(error: &std::str::Utf8Error) -> String {
    format!(
        "is not UTF-8 (byte {}); save the file as UTF-8",
        error.valid_up_to() + 1
    )
}

/// What a JSON value means in a file of books.
pub(super) fn cell(value: Value) -> Result<Cell, String> {
    match value {
        Value::Null => Ok(Cell::Text(String::new())),
        Value::String(text) => Ok(Cell::Text(text)),
        Value::Number(number) => Ok(Cell::Text(number.to_string())),
        Value::Array(values) => {
            let texts = values.into_iter().map(|value| match value {
                Value::String(text) => Ok(text),
                _ => Err("is a list of other things than texts".to_owned()),
            });
            texts.collect::<Result<_, _>>().map(Cell::List)
        }
        Value::Bool(_) | Value::Object(_) => Err("is not a text, a number or a list of texts".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8]) -> Vec<(u64, Result<usize, String>)> {
        let mut rows = NdjsonRows::new(io::BufReader::with_capacity(7, text));
        let mut found = Vec::new();
        while let Some((line, object)) = rows.next().unwrap() {
            found.push((line, object.map(|object| object.len())));
        }
        found
    }

    #[test]
    fn blank_lines_are_no_rows() {
        let found = lines(b"\xEF\xBB\xBF{\"a\": 1}\r\n\n  \n{\"a\": 1, \"b\": 2}");
        assert_eq!(found, [(1, Ok(1)), (4, Ok(2))]);
    }

    #[test]
    fn what_is_no_object_does_not_stop_the_next_line() {
        let long = [b"\"", "x".repeat(ROW_AT_MOST).as_bytes(), b"\"\n"].concat();
        for (wrong, reason) in [
            (
                &b"[1]\n"[..],
                "is not a JSON object: invalid type: sequence, expected a map",
            ),
            (b"{\"a\":}\n", "is not a JSON object: expected value (byte 6)"),
            (
                b"{\"a\":\"\xE9\"}\n",
                "is not UTF-8 (byte 7); save the file as UTF-8",
            ),
            (&long, "is too long (at most 1048576 bytes)"),
        ] {
            let found = lines(&[wrong, b"{}\n"].concat());
            assert_eq!(found, [(1, Err(reason.to_owned())), (2, Ok(0))]);
        }
    }
}
