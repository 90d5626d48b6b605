//! The rules of the business: who may do what, what belongs together in one transaction.

pub mod accounts;
mod attempts;
pub mod books;
pub mod caller;
pub mod catalogue_export;
pub mod catalogue_import;
pub mod comments;
pub mod counts;
mod devices;
pub mod follows;
pub mod idempotency;
pub mod moderation;
pub mod oidc;
pub mod orders;
pub mod passwords;
pub mod posts;
pub mod secrets;
pub mod sessions;
pub mod slugs;
mod tokens;
pub mod transfers;
pub mod users;

use crate::changes::Feed;
use crate::database::Database;
use crate::settings::Settings;

/// All services, over one database.
///
/// What reads is a method of its service, which holds the database. What writes is a function of the service's
/// module: it is given the transaction of the call that it is a part of.
#[derive(Clone, Debug)]
pub struct Services {
    /// Where the transactions of calls that write begin.
    pub db: Database,
    /// Everything that was written, in one order.
    pub feed: Feed,
    /// What is derived from the core's secret.
    pub secrets: secrets::Secrets,
    /// Hashing passwords.
    pub passwords: passwords::Passwords,
    /// Public profiles.
    pub users: users::Users,
    /// One's own account.
    pub accounts: accounts::Accounts,
    /// Who follows whom.
    pub follows: follows::Follows,
    /// Signing in and out.
    pub sessions: sessions::Sessions,
    /// Signing in with an OpenID provider.
    pub oidc: oidc::Oidc,
    /// Posts and likes.
    pub posts: posts::Posts,
    /// Comments.
    pub comments: comments::Comments,
    /// What the staff took away.
    pub moderation: moderation::Moderation,
    /// The catalogue.
    pub books: books::Books,
    /// Files of books.
    pub transfers: transfers::Transfers,
    /// Orders.
    pub orders: orders::Orders,
}

impl Services {
    /// Builds the services.
    pub fn new(database: &Database, settings: &Settings) -> anyhow::Result<Self> {
        let passwords = passwords::Passwords::new(&settings.password)?;
        let sessions = sessions::Sessions::new(database.clone(), passwords.clone(), &settings.session)?;
        Ok(Self {
            db: database.clone(),
            feed: Feed::new(database.clone(), &settings.changes),
            secrets: secrets::Secrets::new(&settings.session.secret)?,
            passwords,
            users: users::Users::new(database.clone()),
            accounts: accounts::Accounts::new(database.clone()),
            follows: follows::Follows::new(database.clone()),
            oidc: oidc::Oidc::new(database.clone(), sessions.clone(), settings)?,
            sessions,
            posts: posts::Posts::new(database.clone()),
            comments: comments::Comments::new(database.clone()),
            moderation: moderation::Moderation::new(database.clone()),
            books: books::Books::new(database.clone()),
            transfers: transfers::Transfers::new(&settings.transfers),
            orders: orders::Orders::new(database.clone()),
        })
    }
}

/// Puts what was found into the order in which it was asked for.
///
/// What several keys name comes once, where the first of them stands; what no key names is left out.
fn in_order_of<K, T>(keys: &[K], mut found: Vec<T>, is_named_by: impl Fn(&T, &K) -> bool) -> Vec<T> {
    let mut ordered = Vec::with_capacity(found.len());
    for key in keys {
        if let Some(place) = found.iter().position(|thing| is_named_by(thing, key)) {
            ordered.push(found.swap_remove(place));
        }
    }
    ordered
}

/// What names one thing or another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// Its number.
    Id(i64),
    /// Its name or slug.
    Name(String),
}

impl Key {
    /// Numbers first, then names.
    pub fn list(ids: Vec<i64>, names: Vec<String>) -> Vec<Self> {
        ids.into_iter()
            .map(Self::Id)
            .chain(names.into_iter().map(Self::Name))
            .collect()
    }

    /// The numbers and the names of some keys.
    fn split(keys: &[Self]) -> (Vec<i64>, Vec<String>) {
        let ids = keys
            .iter()
            .filter_map(|key| if let Self::Id(id) = key { Some(*id) } else { None });
        let names = keys.iter().filter_map(|key| {
            if let Self::Name(name) = key {
                Some(name.clone())
            } else {
                None
            }
        });
        (ids.collect(), names.collect())
    }
}
