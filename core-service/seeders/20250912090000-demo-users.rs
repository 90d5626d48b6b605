//! Demo accounts of every role, and who follows whom among them.
//!
//! Everybody who reads this knows their password: for demonstrations and for nothing else.

use anyhow::Context;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, Set,
};
use serde::Deserialize;
use time::OffsetDateTime;
use time::macros::datetime;

use crate::models::user::{self, Role};
use crate::models::{case_key, comment, follow, like, now, order, post, session};
use crate::repositories::{counts, follows, likes, users};
use crate::services::passwords::Passwords;
use crate::settings::PasswordSettings;
use crate::validators::users::{NewAccount, Password, RawAccount};

/// What it adds, for the person who runs it.
pub const ABOUT: &str = "\
Demo accounts, for demonstrations only: everybody knows their password, which is `demo-password`.
  demo@triptych.example   a reader
  staff@triptych.example  staff
  admin@triptych.example  an administrator
  mira@, jonas@ and priya@triptych.example, who write";

/// When all demo accounts were made; it tells them from an account that somebody else gave the same name.
const MADE_AT: OffsetDateTime = datetime!(2025-09-12 07:00 UTC);

#[derive(Deserialize)]
struct Demo {
    password: String,
    users: Vec<DemoUser>,
}

#[derive(Deserialize)]
struct DemoUser {
    username: String,
    email: String,
    name: String,
    role: String,
    bio: String,
    follows: Vec<String>,
}

/// Adds the rows.
pub async fn up(tx: &DatabaseTransaction) -> anyhow::Result<()> {
    let demo = read()?;
    // Whatever the settings ask for: a hash of another cost is replaced when its owner signs in.
    let passwords = Passwords::new(&PasswordSettings {
        memory_kib: 19_456,
        iterations: 2,
        at_once: 1,
    })?;
    for user in &demo.users {
        let password_hash = passwords.hash(&Password(demo.password.clone())).await?;
        insert(tx, user, &demo.password, password_hash)
            .await
            .with_context(|| format!("the account `{}` cannot be made", user.username))?;
    }
    for user in &demo.users {
        let follower = id_of(tx, &user.username).await?;
        for name in &user.follows {
            follows::insert(tx, follower, id_of(tx, name).await?).await?;
        }
    }
    Ok(())
}

/// Takes the same rows away, and what makes no sense without them. Where somebody wrote or ordered something with
/// a demo account, that stays, and so the account is only marked as taken away.
pub async fn down(tx: &DatabaseTransaction) -> anyhow::Result<()> {
    for user in read()?.users {
        let made_here = user::Entity::find()
            .filter(user::Column::UsernameKey.eq(case_key(&user.username)))
            .filter(user::Column::CreatedAt.eq(MADE_AT));
        if let Some(account) = made_here.one(tx).await? {
            take_away(tx, account).await?;
        }
    }
    Ok(())
}

fn read() -> anyhow::Result<Demo> {
    Ok(toml::from_str(include_str!("demo/users.toml"))?)
}

async fn insert(
    tx: &impl ConnectionTrait,
    user: &DemoUser,
    password: &str,
    password_hash: String,
) -> anyhow::Result<()> {
    let account = NewAccount::parse(RawAccount {
        username: user.username.clone(),
        email: user.email.clone(),
        password: Password(password.to_owned()),
        name: user.name.clone(),
        ..RawAccount::default()
    })?;
    let role = match user.role.as_str() {
        "staff" => Role::Staff,
        "admin" => Role::Admin,
        _ => Role::Reader,
    };
    let row = user::ActiveModel {
        username: Set(account.username),
        name: Set(account.name),
        email: Set(account.email),
        password_hash: Set(password_hash),
        bio: Set(Some(user.bio.clone())),
        role: Set(role),
        created_at: Set(MADE_AT),
        updated_at: Set(MADE_AT),
        ..user::ActiveModel::default()
    };
    users::insert(tx, row).await?;
    Ok(())
}

async fn id_of(tx: &impl ConnectionTrait, username: &str) -> anyhow::Result<i64> {
    let id = users::find_id_by_username(tx, username).await?;
    id.with_context(|| format!("there is no user `{username}`"))
}

async fn take_away(tx: &impl ConnectionTrait, account: user::Model) -> anyhow::Result<()> {
    let id = account.id;
    session::Entity::delete_many()
        .filter(session::Column::UserId.eq(id))
        .exec(tx)
        .await?;
    let followed_or_following = Condition::any()
        .add(follow::Column::FollowerId.eq(id))
        .add(follow::Column::FolloweeId.eq(id));
    follow::Entity::delete_many()
        .filter(followed_or_following)
        .exec(tx)
        .await?;
    for like in like::Entity::find()
        .filter(like::Column::UserId.eq(id))
        .all(tx)
        .await?
    {
        likes::delete(tx, like.post_id, id).await?;
        counts::insert(tx, like.post_id, -1, 0).await?;
    }

    let posts = post::Entity::find()
        .filter(post::Column::AuthorId.eq(id))
        .count(tx)
        .await?;
    let comments = comment::Entity::find()
        .filter(comment::Column::AuthorId.eq(id))
        .count(tx)
        .await?;
    let orders = order::Entity::find()
        .filter(order::Column::BuyerId.eq(id))
        .count(tx)
        .await?;
    if posts + comments + orders == 0 {
        user::Entity::delete_by_id(id).exec(tx).await?;
    } else {
        let mut row = account.into_active_model();
        row.deleted_at = Set(Some(now()));
        users::update_own(tx, row).await?;
    }
    Ok(())
}
