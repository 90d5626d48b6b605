//! Signing in, being known, signing out.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sea_orm::Set;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::caller::{Caller, Role};
use super::passwords::{Passwords, Verdict};
use crate::database::{Database, Transaction};
use crate::error::{Error, Resource, Result, Unauthenticated};
use crate::models::session::Client;
use crate::models::{now, session, user};
use crate::repositories::{sessions, users};
use crate::validators::users::SignIn;

/// Sessions: one per device that somebody is signed in on.
#[derive(Clone, Debug)]
pub struct Sessions {
    db: Database,
    passwords: Passwords,
    lifetime: Duration,
}

/// A session that has just begun.
#[derive(Debug)]
pub struct Begun {
    /// Who signed in.
    pub account: user::Model,
    /// The secret that names the session; kept nowhere.
    pub token: String,
    /// When it ends by itself.
    pub expires_at: OffsetDateTime,
}

impl Sessions {
    pub(super) fn new(db: Database, passwords: Passwords, lifetime: Duration) -> Self {
        Self {
            db,
            passwords,
            lifetime,
        }
    }

    /// Signs somebody in. Whether there is such a user shows neither in the answer nor in its cost.
    pub async fn sign_in(&self, sign_in: SignIn) -> Result<Begun> {
        let account = users::find_by_email(self.db.read(), &sign_in.email).await?;
        let hash = account.as_ref().map(|account| account.password_hash.clone());
        let verdict = self.passwords.verify(sign_in.password, hash).await?;
        let (Some(account), Verdict::Right | Verdict::RightWithNewHash(_)) = (account, &verdict) else {
            return Err(Error::Unauthenticated(Unauthenticated::CredentialsInvalid));
        };
        if sign_in.client == Client::Desktop && account.role < Role::Staff {
            return Err(Error::Forbidden(Resource::Session));
        }

        let token = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        let began_at = now();
        let expires_at = began_at + self.lifetime;
        let row = session::ActiveModel {
            user_id: Set(account.id),
            token_hash: Set(hash_of(&token)),
            client: Set(sign_in.client),
            device: Set(sign_in.device),
            created_at: Set(began_at),
            expires_at: Set(expires_at),
            ..Default::default()
        };
        self.db
            .write(move |tx| async move {
                if let Verdict::RightWithNewHash(new) = verdict {
                    users::replace_hash(&*tx, account.id, &account.password_hash, &new).await?;
                }
                sessions::insert(&*tx, row).await?;
                Ok(Begun {
                    account,
                    token,
                    expires_at,
                })
            })
            .await
    }

    /// Who is calling with this token through a gateway; each gateway has its own sessions.
    pub async fn caller(&self, token: &str, gateway: Client) -> Result<Caller> {
        let holder = sessions::find_holder(self.db.read(), hash_of(token)).await?;
        match holder {
            Some(holder) if holder.expires_at > now() && holder.client == gateway => Ok(Caller {
                user_id: holder.user_id,
                role: holder.role,
                session_id: holder.session_id,
            }),
            _ => Err(Error::Unauthenticated(Unauthenticated::TokenInvalid)),
        }
    }
}

/// Ends the caller's session.
pub async fn sign_out(tx: &Transaction, caller: Caller) -> Result<()> {
    sessions::revoke_own(&**tx, caller.user_id, caller.session_id).await
}

fn hash_of(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}
