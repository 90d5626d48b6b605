//! Input about posts and comments.

use super::Check;
use super::fields::Changed;
use crate::error::Result;

/// How many tags a post has.
const TAGS_AT_MOST: usize = 20;

/// A post, as it came in.
#[derive(Debug, Default, Clone)]
pub struct RawPost {
    /// Title.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// Text.
    pub body: String,
    /// Tags.
    pub tags: Vec<String>,
    /// The book that it is about.
    pub book_id: Option<i64>,
}

/// A new post that keeps the rules.
#[derive(Debug, Clone)]
pub struct NewPost {
    /// Title.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// Text.
    pub body: String,
    /// Tags, each once.
    pub tags: Vec<String>,
    /// The book that it is about; may not exist.
    pub book_id: Option<i64>,
}

/// Changes to a post that keep the rules; what is absent stays as it is.
#[derive(Debug, Clone, Default)]
pub struct PostChanges {
    /// Title.
    pub title: Option<String>,
    /// What it is about.
    pub description: Option<String>,
    /// Text.
    pub body: Option<String>,
    /// Tags, each once.
    pub tags: Option<Vec<String>>,
    /// The book that it is about; may not exist.
    pub book_id: Option<Option<i64>>,
}

impl NewPost {
    /// Checks a new post.
    pub fn parse(raw: RawPost) -> Result<Self> {
        let mut check = Check::default();
        let post = Self {
            title: title(&mut check, raw.title),
            description: description(&mut check, raw.description),
            body: body(&mut check, raw.body),
            tags: tags(&mut check, raw.tags),
            book_id: raw.book_id,
        };
        check.finish(post)
    }
}

impl PostChanges {
    /// Checks changes to the post's fields that `paths` names.
    pub fn parse(raw: RawPost, paths: &[String]) -> Result<Self> {
        let mut check = Check::default();
        let changed = Changed::new(
            &mut check,
            paths,
            &["title", "description", "body", "tags", "book_id"],
        );
        let changes = Self {
            title: changed
                .take("title", raw.title)
                .map(|text| title(&mut check, text)),
            description: changed
                .take("description", raw.description)
                .map(|text| description(&mut check, text)),
            body: changed.take("body", raw.body).map(|text| body(&mut check, text)),
            tags: changed
                .take("tags", raw.tags)
                .map(|names| tags(&mut check, names)),
            book_id: changed.take("book_id", raw.book_id),
        };
        check.finish(changes)
    }
}

/// Checks the text of a comment.
pub fn comment_body(text: String) -> Result<String> {
    let mut check = Check::default();
    let text = check.required_text("body", text, 10_000);
    check.finish(text)
}

/// Checks why something is taken away.
pub fn moderation_reason(text: String) -> Result<String> {
    let mut check = Check::default();
    let text = check.required_text("reason", text, 1_000);
    check.finish(text)
}

/// Checks how many posts are to be passed over; it cannot go together with a page token.
pub fn skip(number: i32, has_token: bool) -> Result<u32> {
    let mut check = Check::default();
    check.between("skip", number, 0, 100_000);
    if number > 0 && has_token {
        check.refuse("skip", "can't go together with page_token");
    }
    check.finish(number.unsigned_abs())
}

/// Checks how many of the most used tags are wanted; all of them where it is 0. More than 100 are 100.
pub fn most_used(number: i32) -> Result<Option<u64>> {
    let mut check = Check::default();
    if number < 0 {
        check.refuse("most_used", "can't be negative");
    }
    check.finish(Some(u64::from(number.unsigned_abs().min(100))).filter(|number| *number > 0))
}

fn title(check: &mut Check, text: String) -> String {
    check.required_text("title", text, 300)
}

fn description(check: &mut Check, text: String) -> String {
    check.required_text("description", text, 1_000)
}

fn body(check: &mut Check, text: String) -> String {
    check.required_text("body", text, 100_000)
}

fn tags(check: &mut Check, names: Vec<String>) -> Vec<String> {
    let mut distinct = Vec::new();
    for (place, name) in names.into_iter().enumerate() {
        let field = format!("tags[{place}]");
        let name = check.required_text(&field, name, 50);
        if name.contains(char::is_control) {
            check.refuse(&field, "has a control character");
        }
        if !distinct.contains(&name) {
            distinct.push(name);
        }
        if distinct.len() > TAGS_AT_MOST {
            check.refuse("tags", format!("has too many (at most {TAGS_AT_MOST})"));
            break;
        }
    }
    distinct
}
