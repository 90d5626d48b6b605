//! Input about signing in with an OpenID provider.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::Url;

use super::Check;
use crate::error::Result;
use crate::models::session::Client;

/// How long a challenge is: SHA-256 in base64url.
const CHALLENGE_LENGTH: usize = 43;
/// How long a verifier is (RFC 7636, section 4.1).
const VERIFIER_LENGTH: std::ops::RangeInclusive<usize> = 43..=128;
/// No flow, code or address is longer.
const CHARACTERS_AT_MOST: usize = 2_048;

/// Somebody begins to sign in.
#[derive(Debug, Clone)]
pub struct Beginning {
    /// The gateway.
    pub gateway: Client,
    /// Where the provider sends a desktop's browser back to; none for the web.
    pub redirect_uri: Option<String>,
    /// What only whoever knows the verifier can complete.
    pub code_challenge: String,
}

/// What came back from the provider, as it came in.
#[derive(Debug, Default, Clone)]
pub struct RawCompletion {
    /// The flow, as it was given at the beginning.
    pub flow: String,
    /// The provider's code.
    pub code: String,
    /// The state that the provider sent back.
    pub state: String,
    /// Who says that they are the provider; may be empty.
    pub iss: String,
    /// What the challenge was made of.
    pub code_verifier: String,
    /// What the owner would call the device.
    pub device: String,
}

/// Somebody comes back from the provider.
#[derive(Debug, Clone)]
pub struct Completion {
    /// The flow, as it was given at the beginning.
    pub flow: String,
    /// The provider's code.
    pub code: String,
    /// The state that the provider sent back.
    pub state: String,
    /// Who says that they are the provider.
    pub iss: Option<String>,
    /// What the challenge was made of.
    pub code_verifier: String,
    /// The gateway.
    pub gateway: Client,
    /// What the owner would call the device.
    pub device: String,
    /// Where the request comes from, as far as the gateway knows.
    pub address: Option<IpAddr>,
}

impl Beginning {
    /// Checks the challenge, and that a browser is sent nowhere but to the app that asks.
    pub fn parse(gateway: Client, redirect_uri: String, code_challenge: String) -> Result<Self> {
        let mut check = Check::default();
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        if code_challenge.len() != CHALLENGE_LENGTH || !code_challenge.chars().all(plain) {
            check.refuse(
                "code_challenge",
                "has to be a SHA-256 in base64url without padding",
            );
        }
        let redirect_uri = match gateway {
            Client::Desktop => {
                let loopback = loopback(&redirect_uri);
                if loopback.is_none() {
                    let right =
                        "has to be http://127.0.0.1:<port>/… or http://[::1]:<port>/…, where the app listens";
                    check.refuse("redirect_uri", right);
                }
                loopback
            }
            Client::Web | Client::Mobile => {
                if !redirect_uri.is_empty() {
                    check.refuse("redirect_uri", "is a setting of the core and can't be chosen");
                }
                None
            }
        };
        let beginning = Self {
            gateway,
            redirect_uri,
            code_challenge,
        };
        check.finish(beginning)
    }
}

impl Completion {
    /// Checks that everything is there; whether it belongs together is not for here.
    pub fn parse(raw: RawCompletion, gateway: Client, address: Option<IpAddr>) -> Result<Self> {
        let mut check = Check::default();
        let unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
        if !VERIFIER_LENGTH.contains(&raw.code_verifier.len()) || !raw.code_verifier.chars().all(unreserved) {
            check.refuse(
                "code_verifier",
                "has to have 43 to 128 letters, digits or any of - . _ ~",
            );
        }
        let completion = Self {
            flow: check.required_text("flow", raw.flow, CHARACTERS_AT_MOST),
            code: check.required_text("code", raw.code, CHARACTERS_AT_MOST),
            state: check.required_text("state", raw.state, CHARACTERS_AT_MOST),
            iss: check.optional_text("iss", raw.iss, CHARACTERS_AT_MOST),
            code_verifier: raw.code_verifier,
            gateway,
            device: check.text("device", raw.device, 200),
            address,
        };
        check.finish(completion)
    }
}

/// An address of this very machine, by number: a name could be somebody else's (RFC 8252, sections 7.3 and 8.3).
fn loopback(text: &str) -> Option<String> {
    let url = Url::parse(text)
        .ok()
        .filter(|_| text.len() <= CHARACTERS_AT_MOST / 4)?;
    let host = url.host_str()?.trim_matches(['[', ']']).parse::<IpAddr>().ok()?;
    let here = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)].contains(&host);
    let plain = url.scheme() == "http" && url.username().is_empty() && url.password().is_none();
    let whole = url.port().is_some() && url.fragment().is_none();
    (here && plain && whole).then(|| url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_desktop_listens_on_any_port_of_its_own_machine() {
        for (text, address) in [
            (
                "http://127.0.0.1:49152/callback",
                "http://127.0.0.1:49152/callback",
            ),
            ("http://[::1]:8000/", "http://[::1]:8000/"),
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000/"),
        ] {
            assert_eq!(loopback(text).as_deref(), Some(address));
        }
    }

    #[test]
    fn nothing_else_is_sent_back_to() {
        for text in [
            "",
            "https://127.0.0.1:8000/",
            "http://127.0.0.1/no-port",
            "http://localhost:8000/",
            "http://127.0.0.2:8000/",
            "http://127.0.0.1.example.org:8000/",
            "http://127.0.0.1:8000@example.org/",
            "http://user@127.0.0.1:8000/",
            "http://127.0.0.1:8000/#fragment",
            "app.example:/callback",
            "javascript:alert(1)",
        ] {
            assert_eq!(loopback(text), None, "{text}");
        }
    }
}
