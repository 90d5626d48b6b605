//! Signing in with an OpenID provider: the authorization code flow with PKCE (OpenID Connect Core, RFC 9700).
//!
//! The core is the provider's client, because it owns who is who: a gateway hands over what a browser brings back and
//! gets a session as for a password. A desktop's browser comes back to the machine that it runs on (RFC 8252).

mod flow;
mod id_token;
mod people;
mod provider;

use std::sync::Arc;

use super::caller::Role;
use super::sessions::{Begun, Sessions};
use crate::database::Database;
use crate::error::{Error, Resource, Result, Unauthenticated};
use crate::models::now;
use crate::models::session::Client;
use crate::repositories::identities;
use crate::settings::{OidcClientSettings, Settings};
use crate::validators::oidc::{Beginning, Completion};
use flow::{Flow, Flows};
use provider::Provider;

/// Signing in with the provider of the settings, where there is one.
#[derive(Clone, Debug)]
pub struct Oidc {
    db: Database,
    sessions: Sessions,
    flows: Flows,
    /// None where nobody is sent to a provider.
    provider: Option<Arc<Provider>>,
    web: OidcClientSettings,
    desktop: OidcClientSettings,
    link_by_email: bool,
}

/// A sign-in that has begun.
#[derive(Debug)]
pub struct Sent {
    /// The provider's page.
    pub authorization_url: String,
    /// What the sign-in is completed with.
    pub flow: String,
}

impl Oidc {
    pub(super) fn new(db: Database, sessions: Sessions, settings: &Settings) -> anyhow::Result<Self> {
        let oidc = &settings.oidc;
        let provider = match oidc.issuer.as_str() {
            "" => None,
            _ => Some(Arc::new(Provider::new(oidc)?)),
        };
        anyhow::ensure!(
            oidc.web.client_id.is_empty() == oidc.web.redirect_uri.is_empty(),
            "oidc.web.client_id and oidc.web.redirect_uri belong together: set both or none"
        );
        Ok(Self {
            db,
            sessions,
            flows: Flows::new(&settings.session)?,
            provider,
            web: oidc.web.clone(),
            desktop: oidc.desktop.clone(),
            link_by_email: oidc.link_by_email,
        })
    }

    /// Whether one can sign in with the provider through a gateway.
    pub fn is_offered(&self, gateway: Client) -> bool {
        self.offered(gateway).is_ok()
    }

    /// The provider, and how it knows a gateway.
    fn offered(&self, gateway: Client) -> Result<(&Provider, &OidcClientSettings)> {
        let client = match gateway {
            Client::Web => Some(&self.web),
            Client::Desktop => Some(&self.desktop),
            Client::Mobile => None,
        };
        let client = client.filter(|client| !client.client_id.is_empty());
        self.provider
            .as_deref()
            .zip(client)
            .ok_or(Error::OidcNotConfigured)
    }

    /// Begins: where to send the browser, and what to come back with.
    pub async fn begin(&self, beginning: Beginning) -> Result<Sent> {
        let (provider, client) = self.offered(beginning.gateway)?;
        let redirect_uri = beginning.redirect_uri;
        let redirect_uri = redirect_uri.unwrap_or_else(|| client.redirect_uri.clone());
        let flow = Flow::new(beginning.gateway, redirect_uri, beginning.code_challenge);
        Ok(Sent {
            authorization_url: provider.authorization_url(client, &flow).await?,
            flow: self.flows.seal(&flow)?,
        })
    }

    /// Completes: signs in whoever the provider says that it was. A flow is good once, and so is its code.
    pub async fn complete(&self, completion: Completion) -> Result<Begun> {
        let (provider, client) = self.offered(completion.gateway)?;
        self.sessions.count_try(completion.address)?;
        let flow = self.flows.open(&completion.flow)?;
        flow.belongs_to(&completion)?;
        let token = provider.redeem(client, &flow, &completion).await?;
        let person = self.person(provider, token).await?;
        let (this, gateway, device) = (self.clone(), completion.gateway, completion.device);
        self.db
            .write(move |tx| async move {
                identities::forget_flows(&*tx, now()).await?;
                if !identities::use_flow(&*tx, &flow.state, flow.ends_at()?).await? {
                    return Err(refused("the flow was used before"));
                }
                let account = people::find_or_make(&tx, &person, gateway, this.link_by_email).await?;
                if gateway == Client::Desktop && account.role < Role::Staff {
                    return Err(Error::Forbidden(Resource::Session));
                }
                let pass = this.sessions.begin(&tx, account.id, gateway, device).await?;
                Ok(Begun {
                    account,
                    pass,
                    known_device: None,
                })
            })
            .await
    }

    /// The person whom a token is about. Only of somebody who comes for the first time is more asked for than a name.
    async fn person(&self, provider: &Provider, token: provider::Redeemed) -> Result<people::Person> {
        let mut person = people::Person {
            issuer: provider.issuer().to_owned(),
            subject: token.subject,
            profile: token.profile,
        };
        let known = identities::find_user_id(self.db.read(), &person.issuer, &person.subject).await?;
        if known.is_none() && person.profile.email.is_none() {
            let found = provider.profile(&person.subject, &token.access_token).await?;
            person.profile = found.unwrap_or(person.profile);
        }
        Ok(person)
    }
}

/// A sign-in that does not hold. Why, only the log says.
fn refused(why: impl std::fmt::Display) -> Error {
    tracing::info!(%why, "a sign-in with the OpenID provider is refused");
    Error::Unauthenticated(Unauthenticated::OidcRefused)
}
