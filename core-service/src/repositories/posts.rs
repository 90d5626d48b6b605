//! Posts, read with everything that belongs to them in one statement.
//!
//! Lists are page-first: the page's ids are found by an index alone, and only then is anything joined.

use sea_orm::sea_query::{
    CommonTableExpression, Expr, ExprTrait, Func, Order, Query, SelectStatement, WithClause,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait,
    QueryFilter, Value,
};

use super::hot::{self, HotRead, padded, param, params, rows_for, select_wanted};
use super::users::id_of_username;
use crate::error::Result;
use crate::models::fields::Fields;
use crate::models::post::{self, Column, Entity, PostField, PostRow, PostViewerRow, TAG_SEPARATOR};
use crate::models::{SoftDelete, case_key, follow, like, now, post_count_delta, post_tag};

const COLUMNS: [(PostField, Column); 7] = [
    (PostField::Slug, Column::Slug),
    (PostField::Title, Column::Title),
    (PostField::Description, Column::Description),
    (PostField::Body, Column::Body),
    (PostField::BookId, Column::BookId),
    (PostField::CreatedAt, Column::CreatedAt),
    (PostField::UpdatedAt, Column::UpdatedAt),
];

/// Which posts; every condition that is set has to hold.
#[derive(Debug, Clone, Default)]
pub struct PostFilter {
    /// With this tag.
    pub tag: Option<String>,
    /// By the user of this name.
    pub author: Option<String>,
    /// That the user of this name likes.
    pub liked_by: Option<String>,
    /// About this book.
    pub book_id: Option<i64>,
    /// By those whom the user of this number follows.
    pub feed_of: Option<i64>,
}

/// Which part of the posts that match, newest first.
#[derive(Debug, Clone, Copy)]
pub struct PostPage {
    /// How many at most, up to 100.
    pub size: u32,
    /// Only posts older than the one with this number.
    pub before: Option<i64>,
    /// How many to pass over first.
    pub skip: u32,
}

/// The shape of a list: which conditions, how many rows, which fields.
type ListShape = ([bool; 6], u64, u32);

static LIST: HotRead<ListShape> = HotRead::new();

/// A page of posts, newest first: up to one more than asked for, so that the caller sees whether more follow.
pub async fn list(
    db: &impl ConnectionTrait,
    filter: &PostFilter,
    page: PostPage,
    wanted: Fields<PostField>,
    viewer: Option<i64>,
) -> Result<Vec<PostRow>> {
    let wanted = for_viewer(wanted, viewer);
    let mut values = filter_values(filter, page.before);
    let viewer_at = values.len() + 1;
    values.extend(viewer.filter(|_| wanted.has(PostField::Viewer)).map(Value::from));

    let shape = (
        conditions(filter, page.before),
        rows_for(page.size),
        wanted.bits(),
    );
    let build = |&(conditions, rows, _): &ListShape, _| {
        let mut ids = matching(conditions);
        ids.column((Entity, Column::Id))
            .order_by((Entity, Column::Id), Order::Desc)
            .limit(rows);
        if page.skip > 0 {
            ids.offset(page.skip.into());
        }
        page_first(ids, wanted, viewer_at)
    };
    let mut rows = match page.skip {
        0 => LIST.all(db, shape, values, build).await?,
        _ => hot::once(db, shape, values, build).await?,
    };
    rows.truncate(page.size as usize + 1);
    Ok(rows)
}

static COUNT: HotRead<[bool; 6]> = HotRead::new();

/// How many posts match.
pub async fn count(db: &impl ConnectionTrait, filter: &PostFilter) -> Result<i64> {
    #[derive(FromQueryResult)]
    struct Counted {
        total: i64,
    }
    let values = filter_values(filter, None);
    let counted: Vec<Counted> = COUNT
        .all(db, conditions(filter, None), values, |conditions, _| {
            matching(*conditions)
                .expr_as(Expr::col((Entity, Column::Id)).count(), "total")
                .take()
        })
        .await?;
    Ok(counted.first().map_or(0, |counted| counted.total))
}

/// The shape of a read by keys: how many ids, how many slugs, which fields.
static BY_KEYS: HotRead<(usize, usize, u32)> = HotRead::new();

/// The posts with these numbers or slugs, newest first.
pub async fn list_by_keys(
    db: &impl ConnectionTrait,
    ids: Vec<i64>,
    slugs: Vec<String>,
    wanted: Fields<PostField>,
    viewer: Option<i64>,
) -> Result<Vec<PostRow>> {
    let wanted = for_viewer(wanted, viewer).with(PostField::Slug);
    let (ids, slugs) = (padded(ids), padded(slugs));
    let shape = (ids.len(), slugs.len(), wanted.bits());
    let viewer_at = ids.len() + slugs.len() + 1;
    let mut values: Vec<Value> = ids.into_iter().map(Value::from).collect();
    values.extend(slugs.into_iter().map(Value::from));
    values.extend(viewer.filter(|_| wanted.has(PostField::Viewer)).map(Value::from));

    BY_KEYS
        .all(db, shape, values, |&(ids, slugs, _), _| {
            let by_id = Column::Id.into_expr().is_in(params(1, ids));
            let by_slug = Column::Slug.into_expr().is_in(params(1 + ids, slugs));
            let chosen = match (ids, slugs) {
                (_, 0) => by_id,
                (0, _) => by_slug,
                _ => by_id.or(by_slug),
            };
            let page = matching([false; 6])
                .column((Entity, Column::Id))
                .and_where(chosen)
                .take();
            page_first(page, wanted, viewer_at)
        })
        .await
}

static VIEWER_STATES: HotRead<usize> = HotRead::new();

/// What a viewer has to do with the posts of these numbers.
pub async fn list_viewer_states(
    db: &impl ConnectionTrait,
    viewer: i64,
    ids: Vec<i64>,
) -> Result<Vec<PostViewerRow>> {
    let ids = padded(ids);
    let shape = ids.len();
    let values = [viewer].into_iter().chain(ids).map(Value::from).collect();
    VIEWER_STATES
        .all(db, shape, values, |&ids, _| {
            let mut select = matching([false; 6]);
            select
                .column((Entity, Column::Id))
                .and_where(Column::Id.into_expr().is_in(params(2, ids)));
            select_viewer(&mut select, 1);
            select.take()
        })
        .await
}

/// The live post of this slug, as the table has it.
pub async fn find_live(db: &impl ConnectionTrait, slug: &str) -> Result<Option<post::Model>> {
    Ok(Entity::live().filter(Column::Slug.eq(slug)).one(db).await?)
}

/// Whether any post, live or not, has this slug.
pub async fn slug_is_taken(db: &impl ConnectionTrait, slug: &str) -> Result<bool> {
    Ok(Entity::find().filter(Column::Slug.eq(slug)).count(db).await? > 0)
}

/// Adds a post.
pub async fn insert(db: &impl ConnectionTrait, post: post::ActiveModel) -> Result<post::Model> {
    Ok(post.insert(db).await?)
}

/// Changes one's own live post. Whether there was one.
pub async fn update_own(
    db: &impl ConnectionTrait,
    author_id: i64,
    post_id: i64,
    changes: post::ActiveModel,
) -> Result<bool> {
    let own = Entity::update_many()
        .set(changes)
        .filter(Column::Id.eq(post_id))
        .filter(Column::AuthorId.eq(author_id))
        .filter(Column::DeletedAt.is_null());
    Ok(own.exec(db).await?.rows_affected == 1)
}

/// Takes anybody's live post away. Whether there was one.
pub async fn delete(db: &impl ConnectionTrait, id: i64) -> Result<bool> {
    let post = Entity::update_many()
        .col_expr(Column::DeletedAt, Expr::val(now()))
        .filter(Column::Id.eq(id))
        .filter(Column::DeletedAt.is_null());
    Ok(post.exec(db).await?.rows_affected == 1)
}

/// Posts that meet the conditions, in the order of [`conditions`]; the values come in the same order.
fn matching([tag, author, liked_by, about_book, feed, before]: [bool; 6]) -> SelectStatement {
    let mut select = Query::select()
        .from(Entity)
        .and_where(Column::DeletedAt.is_null())
        .take();
    let mut values = 1..;
    let mut next = || values.next().unwrap_or(0);
    if tag {
        let tagged = Query::select()
            .from(post_tag::Entity)
            .column(post_tag::Column::PostId)
            .and_where(post_tag::Column::Name.into_expr().eq(param(next())))
            .take();
        select.and_where(Column::Id.into_expr().in_subquery(tagged));
    }
    if author {
        select.and_where(Column::AuthorId.into_expr().in_subquery(id_of_username(next())));
    }
    if liked_by {
        let liked = Query::select()
            .from(like::Entity)
            .column(like::Column::PostId)
            .and_where(
                like::Column::UserId
                    .into_expr()
                    .in_subquery(id_of_username(next())),
            )
            .take();
        select.and_where(Column::Id.into_expr().in_subquery(liked));
    }
    if about_book {
        select.and_where(Column::BookId.into_expr().eq(param(next())));
    }
    if feed {
        let followed = Query::select()
            .from(follow::Entity)
            .column(follow::Column::FolloweeId)
            .and_where(follow::Column::FollowerId.into_expr().eq(param(next())))
            .take();
        select.and_where(Column::AuthorId.into_expr().in_subquery(followed));
    }
    if before {
        select.and_where(Column::Id.into_expr().lt(param(next())));
    }
    select
}

/// Which conditions a filter sets.
fn conditions(filter: &PostFilter, before: Option<i64>) -> [bool; 6] {
    [
        filter.tag.is_some(),
        filter.author.is_some(),
        filter.liked_by.is_some(),
        filter.book_id.is_some(),
        filter.feed_of.is_some(),
        before.is_some(),
    ]
}

/// The values of the conditions that a filter sets, in the order of [`conditions`].
fn filter_values(filter: &PostFilter, before: Option<i64>) -> Vec<Value> {
    let texts = [
        filter.tag.clone(),
        filter.author.as_deref().map(case_key),
        filter.liked_by.as_deref().map(case_key),
    ];
    let numbers = [filter.book_id, filter.feed_of, before];
    let texts = texts.into_iter().flatten().map(Value::from);
    texts
        .chain(numbers.into_iter().flatten().map(Value::from))
        .collect()
}

/// Without a viewer there is no viewer's state to select.
fn for_viewer(wanted: Fields<PostField>, viewer: Option<i64>) -> Fields<PostField> {
    match viewer {
        Some(_) => wanted,
        None => wanted.without(PostField::Viewer),
    }
}

/// The posts whose ids `page` finds, with what is wanted of them, newest first.
fn page_first(page: SelectStatement, wanted: Fields<PostField>, viewer_at: usize) -> SelectStatement {
    let mut ids = CommonTableExpression::new();
    ids.table_name("page").column("id").query(page).materialized(true);

    let mut select = Query::select();
    select
        .with_cte(WithClause::new().cte(ids).to_owned())
        .from("page")
        .inner_join(Entity, Column::Id.into_expr().equals(("page", "id")))
        .column((Entity, Column::Id))
        .order_by((Entity, Column::Id), Order::Desc);
    select_wanted(&mut select, Entity, wanted, &COLUMNS);
    if wanted.has(PostField::LikeCount) {
        select.expr_as(
            counted(Column::LikeCount, post_count_delta::Column::Likes),
            "like_count",
        );
    }
    if wanted.has(PostField::CommentCount) {
        select.expr_as(
            counted(Column::CommentCount, post_count_delta::Column::Comments),
            "comment_count",
        );
    }
    if wanted.has(PostField::Tags) {
        select.expr_as(tags(), "tags");
    }
    if wanted.has(PostField::Author) {
        super::users::join_author(&mut select, (Entity, Column::AuthorId));
    }
    if wanted.has(PostField::Viewer) {
        select_viewer(&mut select, viewer_at);
    }
    select
}

/// A counter of a post: what has been added up, and what has not yet.
fn counted(folded: Column, delta: post_count_delta::Column) -> Expr {
    let waiting = Query::select()
        .from(post_count_delta::Entity)
        .expr(Expr::col((post_count_delta::Entity, delta)).sum())
        .and_where(
            post_count_delta::Column::PostId
                .into_expr()
                .equals((Entity, Column::Id)),
        )
        .take();
    let waiting = Func::coalesce([Expr::SubQuery(None, Box::new(waiting.into())), Expr::val(0)]);
    Expr::col((Entity, folded)).add(waiting)
}

/// A post's tags as one text, in the author's order.
fn tags() -> Expr {
    let joined = format!(r#"string_agg("name", '{TAG_SEPARATOR}' ORDER BY "position")"#);
    let names = Query::select()
        .from(post_tag::Entity)
        .expr(Expr::cust(joined))
        .and_where(post_tag::Column::PostId.into_expr().equals((Entity, Column::Id)))
        .take();
    Expr::SubQuery(None, Box::new(names.into()))
}

/// Adds what the viewer, the statement's `viewer_at`-th value, has to do with each post.
fn select_viewer(select: &mut SelectStatement, viewer_at: usize) {
    let liked = Query::select()
        .from(like::Entity)
        .expr(Expr::val(1))
        .and_where(like::Column::PostId.into_expr().equals((Entity, Column::Id)))
        .and_where(like::Column::UserId.into_expr().eq(param(viewer_at)))
        .take();
    let following = Query::select()
        .from(follow::Entity)
        .expr(Expr::val(1))
        .and_where(
            follow::Column::FolloweeId
                .into_expr()
                .equals((Entity, Column::AuthorId)),
        )
        .and_where(follow::Column::FollowerId.into_expr().eq(param(viewer_at)))
        .take();
    select
        .expr_as(Expr::exists(liked), "liked")
        .expr_as(Expr::exists(following), "following_author");
}
