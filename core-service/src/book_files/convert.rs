//! Conversions: from what a source writes to what a field takes. They know no source and no field.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Cell;

/// A step of a map's `convert`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Conversion {
    /// `"single_spaces"`: several spaces become one.
    SingleSpaces,
    /// `"whole"`: a whole number that is written with a decimal point: 2008.0.
    Whole,
    /// `"hundredths"`: a number with up to two decimals becomes so many hundredths: 4.34 is 434.
    Hundredths,
    /// `{ pad_zeros = 10 }`: zeros to the left, up to this many characters.
    PadZeros(u16),
    /// `{ prefix = "source:" }`: this in front.
    Prefix(String),
    /// `{ split = "," }`: a list; a separator after a backslash belongs to its value.
    Split(char),
    /// `{ replace = { eng = "en" } }`: other words for some.
    Replace(BTreeMap<String, String>),
}

impl Conversion {
    /// Converts what is not empty; each value of a list for itself.
    pub(super) fn apply(&self, cell: Cell) -> Result<Cell, String> {
        match (self, cell) {
            (Self::Split(separator), Cell::Text(text)) => Ok(Cell::List(split(&text, *separator))),
            // JSON has lists of its own.
            (Self::Split(_), list) => Ok(list),
            (_, Cell::Text(text)) => self.convert(&text).map(Cell::Text),
            (_, Cell::List(texts)) => {
                let texts = texts.iter().map(|text| self.convert(text));
                Ok(Cell::List(texts.collect::<Result<_, _>>()?))
            }
            (_, Cell::Absent) => Ok(Cell::Absent),
        }
    }

    fn convert(&self, text: &str) -> Result<String, String> {
        let text = text.trim();
        Ok(match self {
            Self::SingleSpaces => text.split_whitespace().collect::<Vec<_>>().join(" "),
            Self::Whole => {
                let (number, decimals) = text.split_once('.').unwrap_or((text, ""));
                if !decimals.chars().all(|digit| digit == '0') {
                    return Err(NOT_WHOLE.to_owned());
                }
                whole(number)?.to_string()
            }
            Self::Hundredths => hundredths(text)?,
            Self::PadZeros(length) => format!("{text:0>length$}", length = usize::from(*length)),
            Self::Prefix(prefix) => format!("{prefix}{text}"),
            Self::Split(_) => text.to_owned(),
            Self::Replace(words) => words.get(text).map_or(text, String::as_str).to_owned(),
        })
    }
}

const NOT_WHOLE: &str = "is not a whole number";

/// The whole number that a text is.
pub(super) fn whole(text: &str) -> Result<i64, String> {
    text.trim().parse().map_err(|_| NOT_WHOLE.to_owned())
}

fn hundredths(text: &str) -> Result<String, String> {
    let wrong = || "is not a number with at most two decimals".to_owned();
    let (number, decimals) = text.split_once('.').unwrap_or((text, ""));
    let decimals = decimals.trim_end_matches('0');
    let is_digit = |letter: char| letter.is_ascii_digit();
    if decimals.len() > 2 || !decimals.chars().all(is_digit) || !number.ends_with(is_digit) {
        return Err(wrong());
    }
    let digits = format!("{number}{decimals:0<2}");
    let number: i64 = digits.parse().map_err(|_| wrong())?;
    Ok(number.to_string())
}

/// The values between the separators, without the spaces around them; empty ones are left out.
fn split(text: &str, separator: char) -> Vec<String> {
    let mut values = vec![String::new()];
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        if letter == separator {
            values.push(String::new());
            continue;
        }
        let escapes = |next: &char| *next == separator || *next == '\\';
        let escaped = if letter == '\\' {
            rest.next_if(escapes)
        } else {
            None
        };
        if let Some(value) = values.last_mut() {
            value.push(escaped.unwrap_or(letter));
        }
    }
    let values = values.iter().map(|value| value.trim());
    values
        .filter(|value| !value.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Values in one text, so that [`Conversion::Split`] gives them back.
pub(super) fn join(values: &[String], separator: char) -> String {
    let escaped = values.iter().map(|value| {
        let mut escaped = String::with_capacity(value.len());
        for letter in value.chars() {
            if letter == separator || letter == '\\' {
                escaped.push('\\');
            }
            escaped.push(letter);
        }
        escaped
    });
    escaped.collect::<Vec<_>>().join(&format!("{separator} "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn convert(conversion: Conversion, text: &str) -> Result<String, String> {
        conversion.convert(text)
    }

    #[test]
    fn a_number_with_a_point_is_whole_only_without_decimals() {
        assert_eq!(convert(Conversion::Whole, "-720.0").as_deref(), Ok("-720"));
        assert_eq!(convert(Conversion::Whole, "2008").as_deref(), Ok("2008"));
        for wrong in ["2008.5", "2008.x", "", "MCMXC", "1e3"] {
            assert!(convert(Conversion::Whole, wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_decimal_number_becomes_hundredths() {
        for (text, number) in [
            ("4.34", "434"),
            ("4.3", "430"),
            ("4", "400"),
            ("-0.5", "-50"),
            ("4.340", "434"),
        ] {
            assert_eq!(
                convert(Conversion::Hundredths, text).as_deref(),
                Ok(number),
                "{text}"
            );
        }
        for wrong in [
            "4.345",
            "",
            "-",
            ".5",
            "4,34",
            "four",
            "4.-3",
            "99999999999999999999",
        ] {
            assert!(convert(Conversion::Hundredths, wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_list_comes_back_from_its_text_whatever_is_in_it() {
        let names = [r"Ada", r"King; Countess", r"C:\", r"\;", r"a\b", r"x\\;y"].map(str::to_owned);
        assert_eq!(split(&join(&names, ';'), ';'), names);
        assert_eq!(split(" a ,, b,", ','), ["a", "b"]);
    }

    #[test]
    fn an_isbn_gets_its_zeros_back() {
        assert_eq!(
            convert(Conversion::PadZeros(10), "439023483").as_deref(),
            Ok("0439023483")
        );
        assert_eq!(
            convert(Conversion::PadZeros(10), "9780439023481").as_deref(),
            Ok("9780439023481")
        );
    }

    #[test]
    fn each_value_of_a_list_is_converted() {
        let list = Cell::List(vec!["Robert     Jackson".to_owned()]);
        let converted = Conversion::SingleSpaces.apply(list);
        assert_eq!(converted, Ok(Cell::List(vec!["Robert Jackson".to_owned()])));
    }
}
