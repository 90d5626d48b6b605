//! Demo posts with their comments and likes; many of them review one of the demo books.

use anyhow::Context;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, Set};
use serde::Deserialize;
use time::{Duration, OffsetDateTime};

use crate::models::{SoftDelete, book, comment, post};
use crate::repositories::{comments, likes, posts, tags, users};
use crate::services::slugs::slug_of;
use crate::validators::posts::{NewPost, RawPost, comment_body};

/// What it adds, for the person who runs it.
pub const ABOUT: &str = "Demo posts by the demo accounts, with comments and likes.";

#[derive(Deserialize)]
struct Demo {
    posts: Vec<DemoPost>,
}

#[derive(Deserialize)]
struct DemoPost {
    author: String,
    title: String,
    description: String,
    body: String,
    tags: Vec<String>,
    book: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    written_at: OffsetDateTime,
    likes: Vec<String>,
    #[serde(default)]
    comments: Vec<DemoComment>,
}

#[derive(Deserialize)]
struct DemoComment {
    author: String,
    body: String,
}

/// Adds the rows.
pub async fn up(tx: &DatabaseTransaction) -> anyhow::Result<()> {
    for post in read()? {
        let title = post.title.clone();
        insert(tx, post)
            .await
            .with_context(|| format!("the post `{title}` cannot be written"))?;
    }
    Ok(())
}

/// Takes the same rows away, with all that hangs on them.
pub async fn down(tx: &DatabaseTransaction) -> anyhow::Result<()> {
    for demo in read()? {
        post::Entity::delete_many()
            .filter(post::Column::Slug.eq(slug_of(&demo.title)))
            .filter(post::Column::CreatedAt.eq(demo.written_at))
            .exec(tx)
            .await?;
    }
    Ok(())
}

fn read() -> anyhow::Result<Vec<DemoPost>> {
    Ok(toml::from_str::<Demo>(include_str!("demo/posts.toml"))?.posts)
}

async fn insert(tx: &impl ConnectionTrait, demo: DemoPost) -> anyhow::Result<()> {
    let new = NewPost::parse(RawPost {
        title: demo.title,
        description: demo.description,
        body: demo.body,
        tags: demo.tags,
        book_id: match &demo.book {
            Some(title) => id_of_book(tx, title).await?,
            None => None,
        },
    })?;
    let row = post::ActiveModel {
        author_id: Set(id_of_user(tx, &demo.author).await?),
        book_id: Set(new.book_id),
        slug: Set(slug_of(&new.title)),
        title: Set(new.title),
        description: Set(new.description),
        body: Set(new.body),
        like_count: Set(demo.likes.len().try_into()?),
        comment_count: Set(demo.comments.len().try_into()?),
        created_at: Set(demo.written_at),
        updated_at: Set(demo.written_at),
        ..post::ActiveModel::default()
    };
    let id = posts::insert(tx, row).await?.id;
    tags::insert(tx, id, &new.tags).await?;
    for username in &demo.likes {
        likes::insert(tx, id, id_of_user(tx, username).await?).await?;
    }
    let mut written_at = demo.written_at;
    for answer in demo.comments {
        written_at += Duration::hours(3);
        let row = comment::ActiveModel {
            post_id: Set(id),
            author_id: Set(id_of_user(tx, &answer.author).await?),
            body: Set(comment_body(answer.body)?),
            created_at: Set(written_at),
            updated_at: Set(written_at),
            ..comment::ActiveModel::default()
        };
        comments::insert(tx, row).await?;
    }
    Ok(())
}

async fn id_of_user(tx: &impl ConnectionTrait, username: &str) -> anyhow::Result<i64> {
    let id = users::find_id_by_username(tx, username).await?;
    id.with_context(|| format!("there is no user `{username}`"))
}

/// The book of this title. Where the shop has it under another one, the review is simply a post.
async fn id_of_book(tx: &impl ConnectionTrait, title: &str) -> anyhow::Result<Option<i64>> {
    let book = book::Entity::live()
        .filter(book::Column::Title.eq(title))
        .one(tx)
        .await?;
    Ok(book.map(|book| book.id))
}
