//! Signing in, being known, staying signed in, signing out.
//!
//! Every device has one session, and each gateway its own kind of token for it. A browser's is an opaque secret that is
//! looked up with each call; phones and desktops have a signed one that is good for minutes, and another to get the next
//! pair with. Whatever the token says, the session is looked up as well, so an ended one is of no use at once.

use std::net::IpAddr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sea_orm::Set;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::attempts::Attempts;
use super::caller::{Caller, Role};
use super::devices::Devices;
use super::passwords::{Passwords, Verdict};
use super::tokens::{Access, Tokens};
use crate::database::{Database, Transaction};
use crate::error::{Error, Resource, Result, Unauthenticated};
use crate::models::change::{Kind, NewChange, Operation};
use crate::models::session::{Client, Holder, Model};
use crate::models::{now, session, user};
use crate::repositories::{changes, sessions, users};
use crate::settings::SessionSettings;
use crate::validators::users::SignIn;

/// How long the tokens of one generation are given again although those that follow have been used: requests that were
/// sent at the same time, or twice by the network, are no theft.
const GRACE: Duration = Duration::from_secs(10);
/// How precisely the last use of a session is known.
const USE_PRECISION: Duration = Duration::from_secs(60);

/// Sessions: one per device that somebody is signed in on.
#[derive(Clone, Debug)]
pub struct Sessions {
    db: Database,
    passwords: Passwords,
    tokens: Tokens,
    attempts: Attempts,
    devices: Devices,
    settings: SessionSettings,
}

/// A session that has just begun.
#[derive(Debug)]
pub struct Begun {
    /// Who signed in.
    pub account: user::Model,
    /// What proves it.
    pub pass: Pass,
    /// What the device shows when somebody signs in on it again, if that was by password.
    pub known_device: Option<String>,
}

/// What a device proves its session with.
#[derive(Debug, Clone)]
pub struct Pass {
    /// The token that goes with each call.
    pub token: String,
    /// When that token ends.
    pub token_ends_at: OffsetDateTime,
    /// What the next pass is had for; browsers have none.
    pub refresh_token: Option<String>,
    /// When the session ends, however often it is refreshed.
    pub session_ends_at: OffsetDateTime,
}

impl Sessions {
    pub(super) fn new(
        db: Database,
        passwords: Passwords,
        settings: &SessionSettings,
    ) -> anyhow::Result<Self> {
        let secrets: Vec<&str> = std::iter::once(&settings.secret)
            .chain(&settings.previous_secrets)
            .map(String::as_str)
            .collect();
        Ok(Self {
            db,
            passwords,
            tokens: Tokens::new(&secrets, settings.access_lifetime.get())?,
            attempts: Attempts::new(settings),
            devices: Devices::new(&settings.secret)?,
            settings: settings.clone(),
        })
    }

    /// Signs somebody in. Whether there is such a user shows neither in the answer nor in its cost.
    pub async fn sign_in(&self, sign_in: SignIn) -> Result<Begun> {
        let device = self.devices.known(&sign_in.known_device, &sign_in.email);
        self.attempts.count(&sign_in.email, device, sign_in.address)?;
        let account = users::find_by_email(self.db.read(), &sign_in.email).await?;
        // Who only ever came from an OpenID provider has no password, and is looked at like nobody.
        let hash = account.as_ref().map(|account| account.password_hash.clone());
        let hash = hash.filter(|hash| !hash.is_empty());
        let verdict = self.passwords.verify(sign_in.password, hash).await?;
        let (Some(account), Verdict::Right | Verdict::RightWithNewHash(_)) = (account, &verdict) else {
            return Err(Error::Unauthenticated(Unauthenticated::CredentialsInvalid));
        };
        if sign_in.client == Client::Desktop && account.role < Role::Staff {
            return Err(Error::Forbidden(Resource::Session));
        }
        let (this, client, device) = (self.clone(), sign_in.client, sign_in.device);
        self.db
            .write(move |tx| async move {
                if let Verdict::RightWithNewHash(new) = verdict {
                    users::replace_hash(&*tx, account.id, &account.password_hash, &new).await?;
                }
                let pass = this.begin(&tx, account.id, client, device).await?;
                Ok(Begun {
                    pass,
                    known_device: Some(this.devices.token(&account.email)),
                    account,
                })
            })
            .await
    }

    /// Counts a try of somebody who does not say for which account.
    pub(super) fn count_try(&self, address: Option<IpAddr>) -> Result<()> {
        self.attempts.count_address(address)
    }

    /// Begins a session for somebody who has proved who they are.
    pub(super) async fn begin(
        &self,
        tx: &Transaction,
        user_id: i64,
        client: Client,
        device: String,
    ) -> Result<Pass> {
        let began_at = now();
        let lifetime = match client {
            Client::Web => self.settings.web_lifetime.get(),
            Client::Mobile | Client::Desktop => self.settings.lifetime.get(),
        };
        let secret = (client == Client::Web).then(|| URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()));
        let row = session::ActiveModel {
            user_id: Set(user_id),
            client: Set(client),
            device: Set(device),
            token_hash: Set(secret.as_deref().map(hash_of)),
            generation: Set(1),
            confirmed_generation: Set(0),
            created_at: Set(began_at),
            refreshed_at: Set(began_at),
            used_at: Set(began_at),
            expires_at: Set(began_at + lifetime),
            ..Default::default()
        };
        let session = sessions::insert(&**tx, row).await?;
        match secret {
            Some(token) => Ok(Pass {
                token,
                token_ends_at: session.expires_at,
                refresh_token: None,
                session_ends_at: session.expires_at,
            }),
            None => self.pass(&session, session.generation),
        }
    }

    fn pass(&self, session: &Model, generation: i64) -> Result<Pass> {
        let access = Access {
            user_id: session.user_id,
            session_id: session.id,
            generation,
        };
        let (token, token_ends_at) = self.tokens.access(access, session.client)?;
        Ok(Pass {
            token,
            token_ends_at,
            refresh_token: Some(self.tokens.refresh(session.id, generation)?),
            session_ends_at: session.expires_at,
        })
    }

    /// Gives the next pass for a refresh token.
    ///
    /// The newest token leads to the next generation. The one before it leads there again, as long as nobody is known
    /// to have the newest: its answer was lost. Any other use of a token that has been replaced shows that two have it,
    /// and ends the session for both.
    pub async fn refresh(&self, refresh_token: &str, gateway: Client) -> Result<Pass> {
        let invalid = || Error::Unauthenticated(Unauthenticated::TokenInvalid);
        let (session_id, generation) = self.tokens.read_refresh(refresh_token).ok_or_else(invalid)?;
        let holder = sessions::find_by_id(self.db.read(), session_id).await?;
        let holder = holder.filter(|holder| self.goes_on(holder, gateway) && gateway != Client::Web);
        holder.ok_or_else(invalid)?;
        let this = self.clone();
        let pass = self
            .db
            .write(move |tx| async move {
                let advanced = sessions::advance(&*tx, session_id, generation).await?;
                let Some(session) = sessions::find(&*tx, session_id).await? else {
                    return Ok(None);
                };
                let lost = session.generation == generation + 1 && session.revoked_at.is_none();
                let unused = session.confirmed_generation < session.generation;
                let recent = now() - session.refreshed_at < GRACE;
                if advanced || (lost && (unused || recent)) {
                    return this.pass(&session, session.generation).map(Some);
                }
                if sessions::revoke_own(&*tx, session.user_id, session_id).await? {
                    changes::insert(&*tx, vec![ended(session_id, session.user_id)]).await?;
                }
                tracing::warn!(
                    session_id,
                    generation,
                    "a refresh token was used again: the session is ended"
                );
                Ok(None)
            })
            .await?;
        pass.ok_or_else(invalid)
    }

    /// Who is calling with this token through a gateway; each gateway has its own sessions.
    pub async fn caller(&self, token: &str, gateway: Client) -> Result<Caller> {
        let (holder, generation) = match gateway {
            Client::Web => (sessions::find_by_token(self.db.read(), hash_of(token)).await?, 0),
            Client::Mobile | Client::Desktop => {
                let access = self.tokens.read_access(token, gateway)?;
                let holder = sessions::find_by_id(self.db.read(), access.session_id).await?;
                (holder, access.generation)
            }
        };
        let holder = holder
            .filter(|holder| self.goes_on(holder, gateway))
            .ok_or(Error::Unauthenticated(Unauthenticated::TokenInvalid))?;
        let stale = now() - holder.used_at > USE_PRECISION.min(self.settings.web_idle.get() / 10);
        if generation > holder.confirmed_generation || stale {
            let generation = generation.max(holder.confirmed_generation);
            self.db
                .write(move |tx| async move { sessions::touch(&*tx, holder.session_id, generation).await })
                .await?;
        }
        Ok(Caller {
            user_id: holder.user_id,
            role: holder.role,
            session_id: holder.session_id,
        })
    }

    /// Whether a session that somebody came with once is still of use through a gateway.
    pub async fn is_alive(&self, session_id: i64, gateway: Client) -> Result<bool> {
        let holder = sessions::find_by_id(self.db.read(), session_id).await?;
        Ok(holder.is_some_and(|holder| self.goes_on(&holder, gateway)))
    }

    /// Whether a session is of use through a gateway now.
    fn goes_on(&self, holder: &Holder, gateway: Client) -> bool {
        let awake = gateway != Client::Web || holder.used_at > now() - self.settings.web_idle.get();
        holder.client == gateway && holder.expires_at > now() && awake
    }

    /// The caller's sessions that go on, the one that was used last first.
    pub async fn list(&self, caller: Caller) -> Result<Vec<Model>> {
        let awake = now() - self.settings.web_idle.get();
        sessions::list_own(self.db.read(), caller.user_id, now(), awake).await
    }
}

/// Ends one of the caller's sessions.
pub async fn revoke(tx: &Transaction, caller: Caller, session_id: i64) -> Result<()> {
    if sessions::revoke_own(&**tx, caller.user_id, session_id).await? {
        changes::insert(&**tx, vec![ended(session_id, caller.user_id)]).await
    } else {
        Err(Error::NotFound(Resource::Session))
    }
}

/// Ends all of the caller's sessions but the one that the call came with.
pub async fn revoke_others(tx: &Transaction, caller: Caller) -> Result<()> {
    let others = sessions::revoke_others(&**tx, caller.user_id, caller.session_id).await?;
    let ended = others.into_iter().map(|id| ended(id, caller.user_id));
    changes::insert(&**tx, ended.collect()).await
}

/// What is told of a session that has ended.
pub(super) fn ended(session_id: i64, user_id: i64) -> NewChange {
    NewChange::own(Kind::Session, session_id, Operation::Deleted, user_id)
}

fn hash_of(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}
