//! Beginnings of long texts.

/// The longest that a text in a list may be, in characters.
const LONGEST: usize = 140;

/// The beginning of a text, and whether it goes on.
pub(crate) struct Beginning {
    pub(crate) text: String,
    pub(crate) more: bool,
}

/// The text, or its beginning up to the end of a word and an ellipsis: so many characters at most.
pub(crate) fn beginning(text: &str, longest: usize) -> Beginning {
    if text.chars().nth(longest).is_none() {
        return Beginning {
            text: text.to_owned(),
            more: false,
        };
    }
    let fits: String = text.chars().take(longest - 1).collect();
    let words = fits
        .rsplit_once(char::is_whitespace)
        .map_or(&*fits, |(words, _)| words);
    Beginning {
        text: format!("{}…", words.trim_end()),
        more: true,
    }
}

/// The text, or its beginning up to the end of a word and an ellipsis: 140 characters at most.
pub(crate) fn excerpt(text: &str) -> String {
    beginning(text, LONGEST).text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_text_stays_as_it_is() {
        let text = "ä".repeat(LONGEST);
        assert_eq!(excerpt(&text), text);
        assert!(!beginning(&text, LONGEST).more);
    }

    #[test]
    fn a_long_text_ends_after_a_word() {
        let short = beginning(&"word ".repeat(41), LONGEST);
        assert!(short.more && short.text.ends_with("word…"), "{}", short.text);
        assert!(short.text.chars().count() <= LONGEST);
    }

    #[test]
    fn a_text_without_spaces_is_cut_all_the_same() {
        assert_eq!(excerpt(&"字".repeat(300)).chars().count(), LONGEST);
    }
}
