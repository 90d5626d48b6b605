//! The provider, asked over HTTP: what it is like and its keys (kept for a while), codes, profiles.
//!
//! Every answer has a limit of size and all answers of a call together one of time; no redirect is followed, and
//! nothing but the machine itself is asked without https.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::jwk::JwkSet;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{RequestBuilder, StatusCode, Url, redirect};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::flow::Flow;
use super::id_token::{self, Expected, Refusal};
use super::people::Profile;
use super::refused;
use crate::error::{Error, Result, Source};
use crate::settings::{OidcClientSettings, OidcSettings};
use crate::validators::oidc::Completion;

/// No answer of a provider is longer.
const BYTES_AT_MOST: usize = 256 * 1024;
/// How long what the provider is like is believed.
const KEPT_FOR: Duration = Duration::from_secs(3600);
/// How soon it is asked again because of a key that nobody knows.
const KEYS_AT_MOST_EVERY: Duration = Duration::from_secs(60);

/// The provider of the settings.
#[derive(Debug)]
pub(super) struct Provider {
    http: reqwest::Client,
    issuer: String,
    scope: String,
    timeout: Duration,
    known: Mutex<Option<Arc<Known>>>,
}

/// What the provider is like.
#[derive(Debug)]
struct Known {
    document: Document,
    keys: JwkSet,
    since: Instant,
    /// Whether it was asked for because of a key that nobody knew.
    for_a_key: bool,
}

/// The provider's discovery document, as far as it is of use here.
#[derive(Debug, Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: Endpoint,
    token_endpoint: Endpoint,
    jwks_uri: Endpoint,
    userinfo_endpoint: Option<Endpoint>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// An address that nobody between can listen in on.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
struct Endpoint(Url);

impl TryFrom<String> for Endpoint {
    type Error = String;

    fn try_from(text: String) -> std::result::Result<Self, String> {
        let url = Url::parse(&text).map_err(|error| format!("{text}: {error}"))?;
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let here = host == "localhost" || host.parse().is_ok_and(|host: IpAddr| host.is_loopback());
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if here => Ok(Self(url)),
            _ => Err(format!(
                "{text} has to begin with https:// (http:// is for 127.0.0.1 and localhost only)"
            )),
        }
    }
}

/// What a code is worth.
pub(super) struct Redeemed {
    pub(super) subject: String,
    pub(super) profile: Profile,
    pub(super) access_token: String,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
    access_token: String,
}

#[derive(Deserialize)]
struct UserInfo {
    sub: String,
    #[serde(flatten)]
    profile: Profile,
}

/// Why the token endpoint gives nothing (RFC 6749, section 5.2).
#[derive(Deserialize)]
struct TokenError {
    error: String,
}

impl Provider {
    pub(super) fn new(settings: &OidcSettings) -> anyhow::Result<Self> {
        Endpoint::try_from(settings.issuer.clone())
            .map_err(|error| anyhow::anyhow!("oidc.issuer: {error}"))?;
        anyhow::ensure!(
            settings.scope.split(' ').any(|scope| scope == "openid"),
            "oidc.scope has to contain openid"
        );
        let http = reqwest::Client::builder()
            .user_agent(concat!("triptych/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .referer(false)
            .connect_timeout(settings.timeout.get());
        Ok(Self {
            http: http.build()?,
            issuer: settings.issuer.clone(),
            scope: settings.scope.clone(),
            timeout: settings.timeout.get(),
            known: Mutex::default(),
        })
    }

    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The page that signs somebody in for a flow.
    pub(super) async fn authorization_url(&self, client: &OidcClientSettings, flow: &Flow) -> Result<String> {
        let known = self.in_time(self.known()).await?;
        let mut url = known.document.authorization_endpoint.0.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &client.client_id)
            .append_pair("redirect_uri", &flow.redirect_uri)
            .append_pair("scope", &self.scope)
            .append_pair("state", &flow.state)
            .append_pair("nonce", &flow.nonce)
            .append_pair("code_challenge", &flow.code_challenge)
            .append_pair("code_challenge_method", "S256");
        Ok(url.into())
    }

    /// Gives a code back to the provider, and believes what it says in return.
    pub(super) async fn redeem(
        &self,
        client: &OidcClientSettings,
        flow: &Flow,
        completion: &Completion,
    ) -> Result<Redeemed> {
        self.in_time(async {
            let known = self.known().await?;
            // Who sent the browser back (RFC 9207): a code of another provider goes nowhere.
            let named = completion.iss.as_deref();
            let silent = named.is_none() && known.document.authorization_response_iss_parameter_supported;
            if silent || named.is_some_and(|iss| iss != self.issuer) {
                return Err(refused("another provider, or none, sent the browser back"));
            }
            let tokens = self.exchange(&known.document, client, flow, completion).await?;
            let expected = Expected {
                issuer: &self.issuer,
                client_id: &client.client_id,
                nonce: &flow.nonce,
            };
            let read = |keys| id_token::read(&tokens.id_token, keys, &expected);
            let claims = match read(&known.keys) {
                Err(Refusal::UnknownKey) => read(&self.renewed().await?.keys),
                read => read,
            };
            let claims = claims.map_err(|refusal| match refusal {
                Refusal::UnknownKey => refused("nobody knows the key that the token was signed with"),
                Refusal::Invalid(why) => refused(why),
            })?;
            Ok(Redeemed {
                subject: claims.sub,
                profile: claims.profile,
                access_token: tokens.access_token,
            })
        })
        .await
    }

    /// What the provider says of somebody beside the ID token, where it tells at all.
    pub(super) async fn profile(&self, subject: &str, access_token: &str) -> Result<Option<Profile>> {
        self.in_time(async {
            let Some(endpoint) = self.known().await?.document.userinfo_endpoint.clone() else {
                return Ok(None);
            };
            let request = self.http.get(endpoint.0).bearer_auth(access_token);
            let info: UserInfo = accepted(ask(request).await?).map_err(away)?;
            if info.sub != subject {
                return Err(refused("the profile is somebody else's"));
            }
            Ok(Some(info.profile))
        })
        .await
    }

    async fn exchange(
        &self,
        document: &Document,
        client: &OidcClientSettings,
        flow: &Flow,
        completion: &Completion,
    ) -> Result<Tokens> {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", &completion.code),
            ("redirect_uri", &flow.redirect_uri),
            ("code_verifier", &completion.code_verifier),
        ];
        let methods = document.token_endpoint_auth_methods_supported.as_deref();
        let basic =
            methods.is_none_or(|methods| methods.iter().any(|method| method == "client_secret_basic"));
        let mut request = self.http.post(document.token_endpoint.0.clone());
        if !client.client_secret.is_empty() && basic {
            // Each half is encoded first (RFC 6749, section 2.3.1).
            let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
            request = request.basic_auth(encoded(&client.client_id), Some(encoded(&client.client_secret)));
        } else {
            form.push(("client_id", &client.client_id));
            if !client.client_secret.is_empty() {
                form.push(("client_secret", &client.client_secret));
            }
        }
        let (status, body) = ask(request.form(&form)).await?;
        if status.is_client_error() {
            let said = serde_json::from_slice::<TokenError>(&body).map(|said| said.error);
            return Err(match said.as_deref() {
                Ok("invalid_grant") => refused("the provider does not take the code"),
                Ok(error) => Error::internal(format!("the OpenID provider refuses the client: {error}")),
                Err(_) => away(format!("{status} without a reason")),
            });
        }
        accepted((status, body)).map_err(away)
    }

    /// What the provider is like, asked for where nobody knows or it was long ago.
    async fn known(&self) -> Result<Arc<Known>> {
        let mut known = self.known.lock().await;
        match &*known {
            Some(recent) if recent.since.elapsed() < KEPT_FOR => Ok(recent.clone()),
            _ => Ok(known.insert(Arc::new(self.discover(false).await?)).clone()),
        }
    }

    /// The same once more, because there may be a new key, unless it was asked for that a moment ago.
    async fn renewed(&self) -> Result<Arc<Known>> {
        let mut known = self.known.lock().await;
        match &*known {
            Some(recent) if recent.for_a_key && recent.since.elapsed() < KEYS_AT_MOST_EVERY => {
                Ok(recent.clone())
            }
            _ => Ok(known.insert(Arc::new(self.discover(true).await?)).clone()),
        }
    }

    async fn discover(&self, for_a_key: bool) -> Result<Known> {
        let address = format!(
            "{}/.well-known/openid-configuration",
            self.issuer.trim_end_matches('/')
        );
        let document: Document = accepted(ask(self.http.get(address)).await?).map_err(away)?;
        if document.issuer != self.issuer {
            let other = &document.issuer;
            return Err(away(format!(
                "oidc.issuer is {}, but it calls itself {other}",
                self.issuer
            )));
        }
        let keys = accepted(ask(self.http.get(document.jwks_uri.0.clone())).await?).map_err(away)?;
        Ok(Known {
            document,
            keys,
            since: Instant::now(),
            for_a_key,
        })
    }

    async fn in_time<T>(&self, asked: impl Future<Output = Result<T>>) -> Result<T> {
        let answer = tokio::time::timeout(self.timeout, asked).await;
        answer.unwrap_or_else(|_| Err(away(format!("no answer within {:?}", self.timeout))))
    }
}

/// Sends a request; the answer, if it is not too long.
async fn ask(request: RequestBuilder) -> Result<(StatusCode, Vec<u8>)> {
    let mut response = request.send().await.map_err(away)?;
    let (status, mut body) = (response.status(), Vec::new());
    while let Some(chunk) = response.chunk().await.map_err(away)? {
        if body.len() + chunk.len() > BYTES_AT_MOST {
            return Err(away("the answer is too long"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok((status, body))
}

/// The content of an answer that is a success.
fn accepted<T: DeserializeOwned>((status, body): (StatusCode, Vec<u8>)) -> anyhow::Result<T> {
    anyhow::ensure!(status == StatusCode::OK, "it answers {status}");
    Ok(serde_json::from_slice(&body)?)
}

fn away(why: impl Into<Source>) -> Error {
    Error::ProviderAway(why.into())
}
