//! What can go wrong in the core, without a word about gRPC.

use sea_orm::{DbErr, RuntimeErr, SqlErr};
use thiserror::Error;

/// What the layers of the core answer.
pub type Result<T> = std::result::Result<T, Error>;

/// What can go wrong, as the caller has to tell it apart.
#[derive(Debug, Error)]
pub enum Error {
    /// The input breaks rules; all of them are listed.
    #[error("the input breaks {} rule(s)", .0.len())]
    Invalid(Vec<Violation>),
    /// A value that has to be unique belongs to something else already.
    #[error("{0} is taken")]
    Taken(&'static str),
    /// Of some things there are fewer than are wanted; all of them are listed.
    #[error("of {} thing(s) there are too few", .0.len())]
    OutOfStock(Vec<Violation>),
    /// It is not in a state in which that can be done to it.
    #[error("{} {}", .0.field, .0.problem)]
    WrongState(Violation),
    /// There is no such thing, or not for this caller.
    #[error("there is no such {0}")]
    NotFound(Resource),
    /// It is there, but not the caller's to change.
    #[error("the caller may not do that to this {0}")]
    Forbidden(Resource),
    /// The method is not for this caller, or not for the gateway that the call came through.
    #[error("the caller may not call this method through this gateway")]
    NotAllowed,
    /// The call comes from no gateway that is known here.
    #[error(
        "the core knows no gateway with this secret: `core.secret` of the gateway has to be the same as `gateways.….secret` of the core"
    )]
    GatewayUnknown,
    /// No OpenID provider is set for the gateway that the call came through.
    #[error("no OpenID provider is set for this gateway: see `[oidc]` in the settings of the core")]
    OidcNotConfigured,
    /// The OpenID provider does not answer, or not as one.
    #[error("the OpenID provider cannot be asked")]
    ProviderAway(#[source] Source),
    /// Too many tries; more are allowed after a while.
    #[error("too many tries")]
    TooManyTries(std::time::Duration),
    /// The idempotency key stands for something else already.
    #[error("the idempotency key was used for another call")]
    KeyReused,
    /// The same call, by its idempotency key, has not ended yet.
    #[error("the same call is still being worked on")]
    InProgress,
    /// Somebody who follows the feed of changes has fallen too far behind; they may go on from where they were.
    #[error("the reader is too slow: go on from the last position")]
    TooSlow,
    /// Nobody, or nobody we know, is calling.
    #[error("{0}")]
    Unauthenticated(Unauthenticated),
    /// Too much is going on; the same call may succeed in a moment.
    #[error("busy")]
    Busy(#[source] Source),
    /// A fault of ours. The source is for the log only.
    #[error("internal error")]
    Internal(#[source] Source),
}

/// Why something failed; for the log only.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// A rule that the input breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The field, as the contract names it.
    pub field: String,
    /// What is wrong, as a text that follows the field's name: `can't be blank`.
    pub problem: String,
}

/// The kinds of things that can be missing or forbidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// A user.
    User,
    /// A post.
    Post,
    /// A comment.
    Comment,
    /// A book.
    Book,
    /// The catalogue as a whole.
    Catalogue,
    /// An order.
    Order,
    /// A session.
    Session,
}

impl Resource {
    /// The name in the contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Post => "post",
            Self::Comment => "comment",
            Self::Book => "book",
            Self::Catalogue => "catalogue",
            Self::Order => "order",
            Self::Session => "session",
        }
    }
}

impl std::fmt::Display for Resource {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.name())
    }
}

/// Why nobody is known to be calling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unauthenticated {
    /// The call came without a token and needs one.
    #[error("the call needs a session token")]
    TokenMissing,
    /// The token belongs to no living session.
    #[error("the session token is not valid")]
    TokenInvalid,
    /// E-mail and password do not fit together.
    #[error("e-mail or password is wrong")]
    CredentialsInvalid,
    /// A sign-in with the OpenID provider does not hold.
    #[error("the OpenID provider does not vouch for this sign-in")]
    OidcRefused,
}

impl Error {
    /// A fault of ours.
    pub fn internal(source: impl Into<Source>) -> Self {
        Self::Internal(source.into())
    }

    /// One broken rule.
    pub fn invalid(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Invalid(vec![Violation {
            field: field.into(),
            problem: problem.into(),
        }])
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(text)) => match taken_field(&text) {
                Some(field) => Self::Taken(field),
                None => Self::internal(error),
            },
            _ if is_no_text(&error) => Self::invalid("", "has a NUL character"),
            _ if is_passing(&error) => Self::Busy(error.into()),
            _ => Self::internal(error),
        }
    }
}

/// The field behind a broken uniqueness, told by the column or index that the database names.
fn taken_field(text: &str) -> Option<&'static str> {
    let known = [
        ("username_key", "username"),
        ("email_key", "email"),
        ("isbn13", "isbn13"),
        ("import_key", "import_key"),
        ("slug", "slug"),
    ];
    known
        .into_iter()
        .find_map(|(column, field)| text.contains(column).then_some(field))
}

/// Whether a text had a NUL, which SQLite takes and PostgreSQL does not. What is written is checked before; this
/// is about names that something is looked up by.
fn is_no_text(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) = error
    else {
        return false;
    };
    let code = cause.as_database_error().and_then(|database| database.code());
    code.is_some_and(|code| code == "22021")
}

/// Whether the same call may succeed in a moment: no free connection, a lock, a deadlock, a lost server.
fn is_passing(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(cause))
    | DbErr::Query(RuntimeErr::SqlxError(cause))
    | DbErr::Conn(RuntimeErr::SqlxError(cause))) = error
    else {
        return matches!(error, DbErr::ConnectionAcquire(_));
    };
    match cause.as_ref() {
        sqlx::Error::Database(database) => database.code().is_some_and(|code| {
            // PostgreSQL: serialization, deadlock, lock and statement time-outs, shutdown. SQLite: busy.
            let passing = [
                "40001", "40P01", "55P03", "57014", "57P01", "57P02", "57P03", "5", "517", "261",
            ];
            passing.contains(&code.as_ref()) || code.starts_with("08") || code.starts_with("53")
        }),
        sqlx::Error::PoolTimedOut | sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => true,
        _ => false,
    }
}
