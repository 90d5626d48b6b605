//! The library's answers, as far as we read them.

use std::collections::HashMap;

use http::Uri;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use super::{Cover, Facts, Rating};

/// How much of its texts is kept, in characters, and how many subjects.
const TEXT: usize = 2000;
const SUBJECT: usize = 80;
const SUBJECTS: usize = 10;

/// The answer of `/api/books` with `jscmd=data`: the editions that it knows, by the key that they were asked
/// for with.
pub(super) type Editions = HashMap<String, Edition>;

/// An edition.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Edition {
    cover: Lenient<Pictures>,
    description: Lenient<Text>,
    notes: Lenient<Text>,
    excerpts: Lenient<Vec<Lenient<Excerpt>>>,
    subjects: Lenient<Vec<Lenient<Subject>>>,
}

/// Addresses of a picture in three sizes.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Pictures {
    small: Lenient<String>,
    medium: Lenient<String>,
    large: Lenient<String>,
}

#[derive(Deserialize)]
struct Excerpt {
    text: Text,
}

#[derive(Deserialize)]
struct Subject {
    name: String,
}

/// A text, which the library writes in two ways.
#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    Plain(String),
    Typed { value: String },
}

/// The answer of `/search.json`.
#[derive(Deserialize)]
pub(super) struct Works {
    #[serde(default)]
    docs: Vec<Work>,
}

/// A work, of which a book is an edition.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Work {
    ratings_average: Lenient<f64>,
    ratings_count: Lenient<i64>,
}

impl Edition {
    /// What of it can be shown; pictures from these hosts alone.
    pub(super) fn facts(self, cover_hosts: &[String]) -> Facts {
        let picture = |url: Lenient<String>| url.0.filter(|url| leads_to(url, cover_hosts));
        let cover = self.cover.0.map(|pictures| Cover {
            small: picture(pictures.small),
            medium: picture(pictures.medium),
            large: picture(pictures.large),
        });
        let there = |cover: &Cover| cover.small.is_some() || cover.medium.is_some() || cover.large.is_some();
        let text = |text: Lenient<Text>| text.0.and_then(|text| text.plain(TEXT));
        let subjects = self.subjects.0.unwrap_or_default().into_iter();
        let excerpts = self.excerpts.0.unwrap_or_default().into_iter();
        Facts {
            cover: cover.filter(there),
            description: text(self.description).or_else(|| text(self.notes)),
            excerpt: excerpts.filter_map(|excerpt| excerpt.0?.text.plain(TEXT)).next(),
            subjects: subjects
                .filter_map(|subject| plain(&subject.0?.name, SUBJECT))
                .take(SUBJECTS)
                .collect(),
            rating: None,
        }
    }
}

impl Works {
    /// What readers make of the first work, if any has rated it.
    pub(super) fn rating(self) -> Option<Rating> {
        let work = self.docs.into_iter().next()?;
        let average = work
            .ratings_average
            .0
            .filter(|stars| (0.0..=5.0).contains(stars))?;
        let count = work.ratings_count.0.filter(|count| *count > 0)?;
        Some(Rating {
            average: (average * 100.0).round() / 100.0,
            count,
        })
    }
}

impl Text {
    fn plain(self, at_most: usize) -> Option<String> {
        let (Self::Plain(text) | Self::Typed { value: text }) = self;
        plain(&text, at_most)
    }
}

/// The text without what cannot be seen, cut to so many characters; nothing where none are left.
fn plain(text: &str, at_most: usize) -> Option<String> {
    let seen = |c: &char| !c.is_control() || *c == '\n';
    let text = text.trim().chars().filter(seen);
    let mut kept: String = text.clone().take(at_most).collect();
    if text.count() > at_most {
        kept.pop();
        kept.push('…');
    }
    (!kept.is_empty()).then_some(kept)
}

/// Whether it is an address on the web, at one of these hosts.
fn leads_to(url: &str, hosts: &[String]) -> bool {
    let Ok(uri) = url.parse::<Uri>() else {
        return false;
    };
    let web = matches!(uri.scheme_str(), Some("http" | "https"));
    // The whole authority, so that neither a user nor a port can hide in it.
    let at = |host: &String| {
        uri.authority()
            .is_some_and(|there| there.as_str().eq_ignore_ascii_case(host))
    };
    web && hosts.iter().any(at)
}

/// A value, or nothing where another type stands in its place.
struct Lenient<T>(Option<T>);

impl<T> Default for Lenient<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        Ok(Self(T::deserialize(value).ok()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn facts(edition: serde_json::Value) -> Facts {
        let edition: Edition = serde_json::from_value(edition).expect("an object is an edition");
        edition.facts(&["covers.test".to_owned()])
    }

    #[test]
    fn what_has_another_type_is_left_out_and_the_rest_is_kept() {
        let found = facts(json!({
            "cover": "none", "description": 7, "notes": {"type": "/type/text", "value": "Notes."},
            "excerpts": [{"text": []}, {"text": {"value": "Once."}}],
            "subjects": [1, {"name": 2}, {"name": "Sea"}, {}],
        }));
        let expected = Facts {
            description: Some("Notes.".to_owned()),
            excerpt: Some("Once.".to_owned()),
            subjects: vec!["Sea".to_owned()],
            ..Facts::default()
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn a_picture_is_shown_from_the_hosts_of_the_settings_only() {
        let kept = |url: &str| facts(json!({"cover": {"large": url}})).cover.is_some();
        assert!(kept("https://covers.test/b/1-L.jpg"));
        assert!(kept("http://COVERS.test/b/1-L.jpg"));
        for bad in [
            "https://evil.test/x.jpg",
            "https://covers.test.evil.test/x.jpg",
            "https://covers.test@evil.test/x.jpg",
            "https://user@covers.test/x.jpg",
            "https://covers.test:8443/x.jpg",
            "//covers.test/x.jpg",
            "/x.jpg",
            "javascript:alert(1)//covers.test",
            "data:image/png;base64,AA==",
            "ftp://covers.test/x.jpg",
            "https://covers.test/a b",
            "",
        ] {
            assert!(!kept(bad), "{bad}");
        }
    }

    #[test]
    fn texts_are_cut_and_have_nothing_hidden_in_them() {
        assert_eq!(plain(" a\u{0}b\r\nc\u{1b} ", 10), Some("ab\nc".to_owned()));
        assert_eq!(plain("Ärger über Öl", 6), Some("Ärger…".to_owned()));
        assert_eq!(plain("Ärger!", 6), Some("Ärger!".to_owned()));
        assert_eq!(plain("\u{7} ", 6), None);
    }

    #[test]
    fn a_rating_needs_stars_and_somebody_who_gave_them() {
        let rating = |work: serde_json::Value| {
            let works: Works = serde_json::from_value(json!({"docs": [work]})).expect("works");
            works.rating()
        };
        let good = rating(json!({"ratings_average": 4.276_19, "ratings_count": 420}));
        assert_eq!(
            good,
            Some(Rating {
                average: 4.28,
                count: 420
            })
        );
        for bad in [
            json!({"ratings_average": 9.9, "ratings_count": 1}),
            json!({"ratings_average": 4, "ratings_count": 0}),
            json!({"ratings_average": "4", "ratings_count": 1}),
            json!({}),
        ] {
            assert_eq!(rating(bad.clone()), None, "{bad}");
        }
    }
}
