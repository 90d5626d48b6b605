//! `core-service users`.

use anyhow::anyhow;
use clap::{Args, Subcommand, ValueEnum};

use super::catalogue;
use super::console::say;
use crate::book_files::nearest;
use crate::database::Database;
use crate::models::user::Role;
use crate::repositories::users;
use crate::services::accounts;
use crate::settings::Settings;

/// What can be done to users.
#[derive(Debug, Subcommand)]
pub(super) enum Users {
    /// Say what somebody may do. Whoever may do less than before is signed out everywhere.
    GrantRole(GrantRole),
}

#[derive(Debug, Args)]
pub(super) struct GrantRole {
    /// Whose account it is: its e-mail address.
    email: String,
    /// What they may do from now on.
    role: Granted,
}

/// The roles, as they are typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Granted {
    /// Reads, writes posts, buys books.
    Reader,
    /// Keeps the shop: comes in at the desk.
    Staff,
    /// Keeps the staff.
    Admin,
}

/// Does what was asked for.
pub(super) async fn run(users: Users, settings: Settings) -> anyhow::Result<()> {
    let Users::GrantRole(GrantRole { email, role }) = users;
    let role = Role::from(role);
    let database = catalogue::open(&settings.database).await?;
    let whose = email.clone();
    let granted = database.write(move |tx| async move { accounts::grant(&tx, &whose, role).await });
    let Some((account, before)) = granted.await? else {
        return Err(nobody(&database, &email).await?);
    };
    let (who, now) = (&account.username, word(role));
    match word(before) {
        before if before == now => say(format_args!("Nothing to do: {who} is {now} already.")),
        before => say(format_args!("{who} was {before} and is {now} now.")),
    }
    Ok(())
}

/// What is wrong with an address that nobody has.
async fn nobody(database: &Database, email: &str) -> anyhow::Result<anyhow::Error> {
    let known = users::list_emails_like(database.read(), email).await?;
    let hint = nearest(email, known.iter().map(String::as_str));
    let hint = hint.map(|known| format!("; did you mean `{known}`?"));
    Ok(anyhow!(
        "nobody has the address `{email}`{}",
        hint.unwrap_or_default()
    ))
}

/// What somebody is who has a role.
fn word(role: Role) -> &'static str {
    match role {
        Role::Reader => "a reader",
        Role::Staff => "staff",
        Role::Admin => "an administrator",
    }
}

impl From<Granted> for Role {
    fn from(granted: Granted) -> Self {
        match granted {
            Granted::Reader => Self::Reader,
            Granted::Staff => Self::Staff,
            Granted::Admin => Self::Admin,
        }
    }
}
