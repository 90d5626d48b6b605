//! Input about users and sessions.

use std::net::IpAddr;

use super::Check;
use super::fields::Changed;
use crate::error::Result;
use crate::models::session::Client;

/// A new account, as it came in.
#[derive(Debug, Default, Clone)]
pub struct RawAccount {
    /// Unique name.
    pub username: String,
    /// E-mail address.
    pub email: String,
    /// Password.
    pub password: Password,
    /// Name to show.
    pub name: String,
    /// A few words about oneself.
    pub bio: String,
    /// Address of a picture.
    pub image: String,
}

/// A password in clear; never shown.
#[derive(Default, Clone, PartialEq, Eq)]
pub struct Password(pub String);

impl std::fmt::Debug for Password {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Password(…)")
    }
}

/// A new account that keeps the rules.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Unique name.
    pub username: String,
    /// E-mail address.
    pub email: String,
    /// Password.
    pub password: Password,
    /// Name to show.
    pub name: String,
}

/// Changes to an account that keep the rules; what is absent stays as it is.
#[derive(Debug, Clone, Default)]
pub struct AccountChanges {
    /// Unique name.
    pub username: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Password.
    pub password: Option<Password>,
    /// Name to show.
    pub name: Option<String>,
    /// A few words about oneself.
    pub bio: Option<Option<String>>,
    /// Address of a picture.
    pub image: Option<Option<String>>,
}

/// A new account of somebody whom an OpenID provider vouches for; it has no password.
#[derive(Debug, Clone)]
pub struct VouchedAccount {
    /// A name that keeps the rules; whether it is free is another matter.
    pub username: String,
    /// E-mail address.
    pub email: String,
    /// Name to show.
    pub name: String,
}

/// Who wants to sign in, and where.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// E-mail address.
    pub email: String,
    /// Password.
    pub password: Password,
    /// The client.
    pub client: Client,
    /// What the owner would call the device.
    pub device: String,
    /// What the device was given when somebody signed in on it before, or nothing that is of use.
    pub known_device: String,
    /// Where the request comes from, as far as the gateway knows.
    pub address: Option<IpAddr>,
}

impl NewAccount {
    /// Checks a new account.
    pub fn parse(raw: RawAccount) -> Result<Self> {
        let mut check = Check::default();
        let account = Self {
            username: username(&mut check, raw.username),
            email: email(&mut check, raw.email),
            password: password(&mut check, raw.password),
            name: check.text("name", raw.name, 100),
        };
        check.finish(account)
    }
}

impl VouchedAccount {
    /// Makes an account of what a provider says. Names are made to fit, because nobody was asked for them; an address
    /// has to be one.
    pub fn parse(preferred_username: &str, address: String, name: &str) -> Result<Self> {
        let mut check = Check::default();
        let address = email(&mut check, address);
        let local_part = address.split('@').next().unwrap_or_default();
        let fit = |text: &str| -> String {
            let fits = |c: &char| !is_unfit_for_username(*c);
            text.chars().filter(fits).take(USERNAME_AT_MOST).collect()
        };
        let username = [preferred_username, local_part, "reader"]
            .map(fit)
            .into_iter()
            .find(|name| !name.is_empty());
        let account = Self {
            username: username.unwrap_or_default(),
            email: address,
            name: name.chars().filter(|c| !c.is_control()).take(100).collect(),
        };
        check.finish(account)
    }

    /// The name with a number behind it, still short enough.
    pub fn with_number(&self, number: u32) -> String {
        let kept = USERNAME_AT_MOST - 1 - number.to_string().len();
        let name: String = self.username.chars().take(kept).collect();
        format!("{name}-{number}")
    }
}

impl AccountChanges {
    /// Checks changes to the account's fields that `paths` names.
    pub fn parse(raw: RawAccount, paths: &[String]) -> Result<Self> {
        let mut check = Check::default();
        let known = ["username", "email", "password", "name", "bio", "image"];
        let changed = Changed::new(&mut check, paths, &known);
        let changes = Self {
            username: changed
                .take("username", raw.username)
                .map(|text| username(&mut check, text)),
            email: changed
                .take("email", raw.email)
                .map(|text| email(&mut check, text)),
            password: changed
                .take("password", raw.password)
                .map(|text| password(&mut check, text)),
            name: changed
                .take("name", raw.name)
                .map(|text| check.text("name", text, 100)),
            bio: changed
                .take("bio", raw.bio)
                .map(|text| check.optional_text("bio", text, 2_000)),
            image: changed
                .take("image", raw.image)
                .map(|text| check.optional_url("image", text)),
        };
        check.finish(changes)
    }
}

impl SignIn {
    /// Checks that e-mail and password are there at all; whether they fit is not for here.
    pub fn parse(
        email: String,
        password: Password,
        client: Client,
        device: String,
        known_device: String,
        address: Option<IpAddr>,
    ) -> Result<Self> {
        let mut check = Check::default();
        if password.0.is_empty() {
            check.refuse("password", "can't be blank");
        }
        if password.0.len() > PASSWORD_BYTES_AT_MOST {
            check.refuse("password", too_long(PASSWORD_BYTES_AT_MOST));
        }
        let sign_in = Self {
            email: check.required_text("email", email, 1_000),
            password,
            client,
            device: check.text("device", device, 200),
            known_device,
            address,
        };
        check.finish(sign_in)
    }
}

const USERNAME_AT_MOST: usize = 64;
const PASSWORD_BYTES_AT_MOST: usize = 1_024;
const EMAIL_BYTES_AT_MOST: usize = 254; // RFC 5321, errata 1690

fn username(check: &mut Check, text: String) -> String {
    let text = check.required_text("username", text, USERNAME_AT_MOST);
    if text.contains(is_unfit_for_username) {
        check.refuse("username", "can't have spaces or any of / ? # %");
    }
    text
}

fn is_unfit_for_username(c: char) -> bool {
    c.is_whitespace() || c.is_control() || "/?#%".contains(c)
}

fn email(check: &mut Check, text: String) -> String {
    let text = check.required_text("email", text, EMAIL_BYTES_AT_MOST);
    let shaped = text
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    let clean = !text.contains(|c: char| c.is_whitespace() || c.is_control());
    if !(text.is_empty() || shaped && clean) {
        check.refuse("email", "is not an e-mail address");
    }
    text
}

fn password(check: &mut Check, password: Password) -> Password {
    if password.0.is_empty() {
        check.refuse("password", "can't be blank");
    } else if password.0.chars().count() < 8 {
        check.refuse("password", "is too short (at least 8 characters)");
    } else if password.0.len() > PASSWORD_BYTES_AT_MOST {
        check.refuse("password", too_long(PASSWORD_BYTES_AT_MOST));
    }
    password
}

fn too_long(bytes: usize) -> String {
    format!("is too long (at most {bytes} bytes)")
}
