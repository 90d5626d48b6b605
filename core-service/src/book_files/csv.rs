//! Rows of a CSV file (RFC 4180), each in bounded memory and with the line on which it begins.

use std::io::{self, BufRead};

use csv_core::ReadRecordResult;

use super::{Place, ROW_AT_MOST};

/// How many columns a row may have.
const COLUMNS_AT_MOST: usize = 1 << 12;

/// A CSV file that is being read.
pub(super) struct CsvRows<R> {
    input: R,
    parser: csv_core::Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
    columns: usize,
    /// Where the next row begins, or the blank lines before it.
    pub(super) place: Place,
}

impl<R: BufRead> CsvRows<R> {
    pub(super) fn new(input: R, separator: u8) -> Self {
        Self {
            input,
            parser: csv_core::ReaderBuilder::new().delimiter(separator).build(),
            text: vec![0; 4096],
            ends: vec![0; 64],
            columns: 0,
            place: Place::default(),
        }
    }

    /// Reads the next row: the line on which it begins, and what is wrong with it as a whole; none at the end.
    pub(super) fn advance(&mut self) -> io::Result<Option<(u64, Result<(), String>)>> {
        if !self.skip_blank_lines()? {
            return Ok(None);
        }
        let line = self.place.lines + 1;
        let (mut length, mut columns) = (0, 0);
        let (mut is_too_long, mut quotes, mut at_end) = (false, 0, false);
        loop {
            // What goes beyond the bounds is still parsed, to find the row's end, but not kept.
            is_too_long |= !has_room(&mut self.text, length, ROW_AT_MOST);
            is_too_long |= !has_room(&mut self.ends, columns, COLUMNS_AT_MOST);
            if is_too_long {
                (length, columns) = (0, 0);
            }
            let input = self.input.fill_buf()?;
            at_end |= input.is_empty();
            let (text, ends) = (&mut self.text[length..], &mut self.ends[columns..]);
            let (result, read, written, ended) = self.parser.read_record(input, text, ends);
            let ends_half = input[..read].ends_with(b"\r");
            self.place.pass(&input[..read]);
            quotes += input[..read].iter().filter(|byte| **byte == b'"').count();
            self.input.consume(read);
            length += written;
            columns += ended;
            match result {
                ReadRecordResult::Record => {
                    if ends_half {
                        self.finish_line()?;
                    }
                    break;
                }
                ReadRecordResult::End => return Ok(None),
                _ => {}
            }
        }
        self.columns = columns;
        let is_cut_off = at_end && quotes % 2 == 1;
        Ok(Some((
            line,
            if is_cut_off {
                Err("has a quotation mark that is never closed: the rest of the file is inside it".to_owned())
            } else if is_too_long {
                Err(format!(
                    "is too long (at most {ROW_AT_MOST} bytes in {COLUMNS_AT_MOST} columns)"
                ))
            } else {
                Ok(())
            },
        )))
    }

    /// How many columns the row has.
    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    /// What the row has in a column that it has.
    pub(super) fn column(&self, place: usize) -> &[u8] {
        let start = if place == 0 { 0 } else { self.ends[place - 1] };
        &self.text[start..self.ends[place]]
    }

    /// Takes the second half of the end of a line, if there is one, so that the next place is that of a row.
    fn finish_line(&mut self) -> io::Result<()> {
        if self.input.fill_buf()?.first() == Some(&b'\n') {
            self.place.pass(b"\n");
            self.input.consume(1);
        }
        Ok(())
    }

    /// Goes to the first byte of a row. Whether there is one.
    fn skip_blank_lines(&mut self) -> io::Result<bool> {
        loop {
            let input = self.input.fill_buf()?;
            if input.is_empty() {
                return Ok(false);
            }
            let blank = input
                .iter()
                .take_while(|byte| matches!(byte, b'\r' | b'\n'))
                .count();
            let has_more = blank < input.len();
            self.place.pass(&input[..blank]);
            self.input.consume(blank);
            if has_more {
                return Ok(true);
            }
        }
    }
}

/// Makes room behind the first `used` places; false where that would be too much.
fn has_room<T: Default + Clone>(places: &mut Vec<T>, used: usize, at_most: usize) -> bool {
    if used < places.len() {
        return true;
    }
    if places.len() >= at_most {
        return false;
    }
    places.resize(at_most.min(places.len() * 2), T::default());
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    type Row = (u64, Result<Vec<String>, String>);

    fn rows(text: &str) -> Vec<Row> {
        // A small buffer, so that rows lie across its borders.
        let mut rows = CsvRows::new(io::BufReader::with_capacity(7, text.as_bytes()), b',');
        let mut found = Vec::new();
        while let Some((line, whole)) = rows.advance().unwrap() {
            let columns =
                (0..rows.columns()).map(|place| String::from_utf8_lossy(rows.column(place)).into_owned());
            found.push((line, whole.map(|()| columns.collect())));
        }
        found
    }

    fn row(line: u64, columns: &[&str]) -> Row {
        (
            line,
            Ok(columns.iter().map(|column| (*column).to_owned()).collect()),
        )
    }

    #[test]
    fn a_row_is_told_by_the_line_on_which_it_begins() {
        for end in ["\n", "\r\n"] {
            let text = ["a,b", "\"1\n2\",3", "", "", "4,\"5 \"\"6\"\"\"", "7,8"].join(end);
            let expected = [
                row(1, &["a", "b"]),
                row(2, &["1\n2", "3"]),
                row(6, &["4", "5 \"6\""]),
                row(7, &["7", "8"]),
            ];
            assert_eq!(rows(&text), expected, "{end:?}");
        }
    }

    #[test]
    fn a_row_that_is_too_long_does_not_take_the_next_one_with_it() {
        let long = format!("a,{}\nb,c\n", "x".repeat(ROW_AT_MOST));
        let wide = format!("{}\nb,c\n", ",".repeat(COLUMNS_AT_MOST));
        for text in [long, wide] {
            let rows = rows(&text);
            assert!(
                rows[0]
                    .1
                    .as_ref()
                    .is_err_and(|reason| reason.starts_with("is too long"))
            );
            assert_eq!(rows[1..], [row(2, &["b", "c"])]);
        }
    }

    #[test]
    fn a_quotation_mark_that_is_never_closed_is_told() {
        let rows = rows("a,b\nc,\"d\ne,f\n");
        assert_eq!(rows[0], row(1, &["a", "b"]));
        assert!(
            rows[1].0 == 2
                && rows[1]
                    .1
                    .as_ref()
                    .is_err_and(|reason| reason.contains("never closed"))
        );
        assert_eq!(rows.len(), 2);
    }
}
