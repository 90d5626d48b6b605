//! What Open Library, or a service of the same shape, knows of a book: a picture of its cover, a few
//! words, and what its readers make of it.
//!
//! It is asked for a book by its ISBN and gets nothing else from us. Its answers are read with care: a
//! field of another type than expected is left out, texts are cut to a length, and an address of a
//! picture is kept only where it leads to a host that the settings name.

mod answers;

use std::sync::Arc;

use bff_kit::{
    ApiError, ApiResult,
    sections::Aged,
    upstream::{Failure, Origin, Upstream},
};

use crate::settings::OpenLibrarySettings;
use answers::{Editions, Works};

/// The library.
#[derive(Clone)]
pub(crate) struct Library {
    upstream: Upstream<Facts>,
    cover_hosts: Arc<[String]>,
}

/// What the library knows of a book.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Facts {
    pub(crate) cover: Option<Cover>,
    pub(crate) description: Option<String>,
    pub(crate) excerpt: Option<String>,
    pub(crate) subjects: Vec<String>,
    pub(crate) rating: Option<Rating>,
}

/// Addresses of a picture in three sizes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cover {
    pub(crate) small: Option<String>,
    pub(crate) medium: Option<String>,
    pub(crate) large: Option<String>,
}

/// What its readers make of a book.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rating {
    /// Stars, 0 to 5.
    pub(crate) average: f64,
    pub(crate) count: i64,
}

impl Library {
    /// The library of the settings, if they name one.
    pub(crate) fn new(settings: &OpenLibrarySettings) -> anyhow::Result<Option<Self>> {
        let Some(url) = &settings.url else {
            return Ok(None);
        };
        let upstream = Upstream::new("open-library", url, &settings.upstream, Facts::bytes)?;
        Ok(Some(Self {
            upstream,
            cover_hosts: settings.cover_hosts.clone().into(),
        }))
    }

    /// What it knows of the book with this ISBN-13; of one that has none, it knows nothing.
    pub(crate) async fn about(&self, isbn13: Option<&str>) -> ApiResult<Aged<Facts>> {
        let is_isbn = |isbn: &&str| isbn.len() == 13 && isbn.bytes().all(|byte| byte.is_ascii_digit());
        let isbn = isbn13
            .filter(is_isbn)
            .ok_or_else(|| ApiError::not_found("book"))?;
        let (asked, hosts) = (isbn.to_owned(), self.cover_hosts.clone());
        self.upstream
            .find(isbn, |origin| fetch(origin, asked, hosts))
            .await
    }
}

/// Asks for the edition and for the rating of its work at once: neither answer has both.
async fn fetch(origin: Origin, isbn: String, cover_hosts: Arc<[String]>) -> Result<Option<Facts>, Failure> {
    let key = format!("ISBN:{isbn}");
    let edition = [("bibkeys", key.as_str()), ("format", "json"), ("jscmd", "data")];
    let work = [
        ("isbn", isbn.as_str()),
        ("fields", "key,ratings_average,ratings_count"),
        ("limit", "1"),
    ];
    let (editions, works) = tokio::try_join!(
        origin.get::<Editions>(&["api", "books"], &edition),
        origin.get::<Works>(&["search.json"], &work),
    )?;
    let edition = editions.and_then(|mut editions| editions.remove(&key));
    let rating = works.and_then(Works::rating);
    if edition.is_none() && rating.is_none() {
        return Ok(None);
    }
    let facts = edition.map(|edition| edition.facts(&cover_hosts));
    Ok(Some(Facts {
        rating,
        ..facts.unwrap_or_default()
    }))
}

impl Facts {
    /// About how many bytes they take.
    fn bytes(&self) -> usize {
        let pictures = self
            .cover
            .iter()
            .flat_map(|Cover { small, medium, large }| [small, medium, large].into_iter().flatten());
        let texts = self.description.iter().chain(&self.excerpt);
        let all = pictures.chain(texts).chain(&self.subjects);
        all.map(|text| size_of::<String>() + text.len()).sum()
    }
}
