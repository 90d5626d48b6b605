//! A certified OpenID provider, `oidc-provider` from npm, on a port of its own; and a browser that signs somebody in
//! there as a person would: page by page, form by form, with its cookies.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, Response, Url, redirect::Policy};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// How many pages a sign-in has at most.
const PAGES_AT_MOST: usize = 12;

/// A running provider. It goes when this is dropped.
pub struct OpenIdProvider {
    /// Its address, as its own documents have it.
    pub issuer: String,
    _child: Child,
    // The provider ends when nobody holds the one any more, and dies of the other if it cannot write.
    _pipes: (ChildStdin, Lines<BufReader<ChildStdout>>),
}

/// An app, as the provider knows it.
pub struct App<'a> {
    /// Its name.
    pub client_id: &'a str,
    /// Its secret; none for a public client.
    pub secret: Option<&'a str>,
    /// Where the provider sends browsers back to; any port where that is the machine itself.
    pub redirect_uri: &'a str,
}

impl OpenIdProvider {
    /// Starts one that knows these apps, and these people by the name that they sign in with, with their claims.
    pub async fn start(apps: &[App<'_>], people: Value) -> Self {
        let folder = folder();
        assert!(
            folder.join("node_modules/oidc-provider").is_dir(),
            "the OpenID provider of the tests is not installed: run `npm ci --prefix {}` with Node.js 20 or newer \
             (https://nodejs.org)",
            folder.display()
        );
        let clients: Vec<Value> = apps.iter().map(App::registered).collect();
        let settings = json!({"clients": clients, "people": people});
        let mut child = Command::new("node")
            .arg(folder.join("provider.mjs"))
            .arg(settings.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("the tests of signing in need Node.js 20 or newer (https://nodejs.org): `node` has to be found");
        let said = child.stdout.take().expect("a pipe");
        let mut said = BufReader::new(said).lines();
        let issuer = said.next_line().await.expect("text");
        Self {
            issuer: issuer.expect("the provider says where it is"),
            _pipes: (child.stdin.take().expect("a pipe"), said),
            _child: child,
        }
    }
}

impl App<'_> {
    fn registered(&self) -> Value {
        let native = self.redirect_uri.starts_with("http://127.0.0.1");
        let mut client = json!({
            "client_id": self.client_id,
            "redirect_uris": [self.redirect_uri],
            "application_type": if native { "native" } else { "web" },
            "response_types": ["code"],
            "grant_types": ["authorization_code"],
            "token_endpoint_auth_method": "none",
        });
        if let Some(secret) = self.secret {
            client["client_secret"] = secret.into();
            client["token_endpoint_auth_method"] = "client_secret_basic".into();
        }
        client
    }
}

/// Opens the provider's page, signs `name` in, consents, and gives the address that the provider sends the browser
/// back to, without opening it.
pub async fn sign_in(authorization_url: &str, name: &str) -> Url {
    let http = Client::builder().no_proxy().redirect(Policy::none());
    let http = http.build().expect("a client can be built");
    let mut cookies = BTreeMap::new();
    let page = Url::parse(authorization_url).expect("an address");
    let provider = page.origin();
    let mut request = http.get(page.clone());
    for _ in 0..PAGES_AT_MOST {
        let jar: Vec<String> = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let response = request.header(COOKIE, jar.join("; ")).send().await;
        let response = response.expect("the provider answers");
        keep(&mut cookies, &response);
        let here = response.url().clone();
        request = match response.headers().get(LOCATION) {
            Some(location) => {
                let next = here.join(location.to_str().expect("text")).expect("an address");
                if next.origin() != provider {
                    return next;
                }
                http.get(next)
            }
            None => {
                let status = response.status();
                let text = response.text().await.expect("text");
                assert!(status.is_success(), "{here}: {status}: {text}");
                let prompt = ["login", "consent"]
                    .into_iter()
                    .find(|prompt| text.contains(&format!("name=\"prompt\" value=\"{prompt}\"")));
                let prompt =
                    prompt.unwrap_or_else(|| panic!("{here} asks for neither name nor consent: {text}"));
                let form = [("prompt", prompt), ("login", name), ("password", "any")];
                http.post(here).form(&form)
            }
        };
    }
    panic!("the provider sends the browser round in circles");
}

fn keep(cookies: &mut BTreeMap<String, String>, response: &Response) {
    for cookie in response.headers().get_all(SET_COOKIE) {
        let pair = cookie
            .to_str()
            .expect("text")
            .split(';')
            .next()
            .unwrap_or_default();
        if let Some((name, value)) = pair.split_once('=') {
            cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("openid-provider")
}
