//! Slugs: the names of posts in addresses.

use deunicode::deunicode;
use rand::RngExt;

/// The longest slug without its ending, in characters.
const AT_MOST: usize = 80;

/// The slug that a title would like to have: lower-case ASCII words with hyphens between them.
pub fn slug_of(title: &str) -> String {
    let mut slug = String::new();
    for letter in deunicode(title).to_lowercase().chars() {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') && letter != '\'' {
            slug.push('-');
        }
    }
    slug.truncate(AT_MOST);
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() {
        "post".to_owned()
    } else {
        slug.to_owned()
    }
}

/// A slug with an ending that nobody else will have chosen.
pub fn with_ending(slug: &str) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut random = rand::rng();
    let ending: String = (0..8)
        .map(|_| char::from(LETTERS[random.random_range(0..LETTERS.len())]))
        .collect();
    format!("{slug}-{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_has_the_titles_words_without_accents_and_signs() {
        assert_eq!(slug_of("  Éloge de l'ombre, 2nd ed.!"), "eloge-de-lombre-2nd-ed");
        assert_eq!(slug_of("???"), "post");
        assert!(slug_of(&"word ".repeat(100)).len() <= AT_MOST);
    }
}
