//! Books.

use deunicode::deunicode;
use sea_orm::entity::prelude::*;
use sea_orm::{FromJsonQueryResult, FromQueryResult};
use time::OffsetDateTime;

use super::fields::fields;

/// A book, as the table has it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "books")]
pub struct Model {
    /// Number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// 13 digits.
    pub isbn13: Option<String>,
    /// The title.
    pub title: String,
    /// Who wrote it.
    pub authors: Authors,
    /// Year of first publication; negative before the common era.
    pub published_year: Option<i32>,
    /// Language tag.
    pub language: Option<String>,
    /// What it is about.
    pub description: Option<String>,
    /// Address of the cover.
    pub cover_url: Option<String>,
    /// Price in the currency's smallest unit.
    pub price_cents: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// Copies that can be sold.
    pub stock: i32,
    /// Mean rating in hundredths of a star.
    pub rating_hundredths: i32,
    /// How many ratings the mean is of.
    pub ratings_count: i64,
    /// What the book is called where it was imported from: `SOURCE:KEY`.
    pub import_key: Option<String>,
    /// What a search looks at; kept by the model.
    pub search_text: String,
    /// When the book came into the catalogue.
    pub created_at: OffsetDateTime,
    /// When it last changed.
    pub updated_at: OffsetDateTime,
    /// When it was taken out.
    pub deleted_at: Option<OffsetDateTime>,
}

/// The names of those who wrote a book, in the order of the cover.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct Authors(pub Vec<String>);

/// Tables that a book's row is joined with.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl super::SoftDelete for Entity {
    const DELETED_AT: Column = Column::DeletedAt;
}

#[async_trait::async_trait]
impl ActiveModelBehavior for ActiveModel {
    async fn before_save<C: ConnectionTrait>(mut self, _: &C, insert: bool) -> Result<Self, DbErr> {
        super::stamp(&mut self.created_at, &mut self.updated_at, insert);
        if let (Some(title), Some(authors)) = (self.title.try_as_ref(), self.authors.try_as_ref()) {
            self.search_text = sea_orm::Set(search_text(title, authors));
        }
        Ok(self)
    }
}

/// What a search looks at: the words of title and authors.
pub fn search_text(title: &str, authors: &Authors) -> String {
    search_words(&format!("{title} {}", authors.0.join(" "))).join(" ")
}

/// The words of a text as searches compare them: in lower case, without accents, letters and digits only.
pub fn search_words(text: &str) -> Vec<String> {
    deunicode(text)
        .to_lowercase()
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fields! {
    /// The fields of a book.
    BookField {
        Id = "id", Isbn13 = "isbn13", Title = "title", Authors = "authors",
        PublishedYear = "published_year", Language = "language", Description = "description",
        CoverUrl = "cover_url", PriceCents = "price_cents", Currency = "currency", Stock = "stock",
        RatingHundredths = "rating_hundredths", RatingsCount = "ratings_count",
        CreatedAt = "created_at", UpdatedAt = "updated_at",
    }
}

/// A book, as far as it was asked for.
#[derive(Debug, Clone, FromQueryResult)]
pub struct BookRow {
    /// Number.
    pub id: i64,
    /// 13 digits.
    pub isbn13: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// Who wrote it.
    pub authors: Option<Authors>,
    /// Year of first publication.
    pub published_year: Option<i32>,
    /// Language tag.
    pub language: Option<String>,
    /// What it is about.
    pub description: Option<String>,
    /// Address of the cover.
    pub cover_url: Option<String>,
    /// Price in the currency's smallest unit.
    pub price_cents: Option<i64>,
    /// ISO 4217 code.
    pub currency: Option<String>,
    /// Copies that can be sold.
    pub stock: Option<i32>,
    /// Mean rating in hundredths of a star.
    pub rating_hundredths: Option<i32>,
    /// How many ratings the mean is of.
    pub ratings_count: Option<i64>,
    /// When the book came into the catalogue.
    pub created_at: Option<OffsetDateTime>,
    /// When it last changed.
    pub updated_at: Option<OffsetDateTime>,
    /// The number by which the page's order goes on.
    pub sort_key: Option<i64>,
}
