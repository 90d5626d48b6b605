//! Beginnings of long texts.

/// The longest that a text in a list may be, in characters.
const LONGEST: usize = 140;

/// The text, or its beginning up to the end of a word and an ellipsis: 140 characters at most.
pub(crate) fn excerpt(text: &str) -> String {
    if text.chars().nth(LONGEST).is_none() {
        return text.to_owned();
    }
    let fits: String = text.chars().take(LONGEST - 1).collect();
    let words = fits
        .rsplit_once(char::is_whitespace)
        .map_or(&*fits, |(words, _)| words);
    format!("{}…", words.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_text_stays_as_it_is() {
        let text = "ä".repeat(LONGEST);
        assert_eq!(excerpt(&text), text);
    }

    #[test]
    fn a_long_text_ends_after_a_word() {
        let short = excerpt(&"word ".repeat(41));
        assert!(short.ends_with("word…"), "{short}");
        assert!(short.chars().count() <= LONGEST);
    }

    #[test]
    fn a_text_without_spaces_is_cut_all_the_same() {
        assert_eq!(excerpt(&"字".repeat(300)).chars().count(), LONGEST);
    }
}
