//! OpenID providers that lie, are slow, or are not there. What a certified one never does, one of the test's own does
//! here; that it is believed as long as it tells the truth is what makes each lie count.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use core_service::models::session::Client;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use proto::users::v1::{CompleteFederatedSessionRequest, CreateSessionResponse};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tonic::{Code, Status};

use crate::app::App;
use crate::oidc::{Begun, begin, code_and_reason, complete, refused, trusting};

const DISCOVERY: &str = "/.well-known/openid-configuration";

/// A provider that says what the test tells it to, and nothing at all to everything else.
struct Liar {
    issuer: String,
    answers: Arc<Mutex<HashMap<String, String>>>,
    asked: Arc<Mutex<Vec<String>>>,
    key: EncodingKey,
}

impl Liar {
    /// One that tells the truth so far.
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let liar = Self {
            issuer: format!("http://{}", listener.local_addr().unwrap()),
            answers: Arc::default(),
            asked: Arc::default(),
            key: new_key(),
        };
        let (answers, asked) = (liar.answers.clone(), liar.asked.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, answers.clone(), asked.clone()));
            }
        });
        liar.says(DISCOVERY, &liar.document());
        liar.publishes("one", &liar.key);
        liar
    }

    fn document(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.issuer);
        json!({
            "issuer": self.issuer,
            "authorization_endpoint": at("/auth"),
            "token_endpoint": at("/token"),
            "jwks_uri": at("/jwks"),
        })
    }

    fn says(&self, path: &str, body: &Value) {
        self.answers_with(path, "200 OK", &body.to_string());
    }

    fn answers_with(&self, path: &str, status: &str, body: &str) {
        let length = body.len();
        let answer =
            format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}");
        self.answers.lock().unwrap().insert(path.to_owned(), answer);
    }

    fn publishes(&self, kid: &str, key: &EncodingKey) {
        let mut jwk = serde_json::to_value(Jwk::from_encoding_key(key, Algorithm::EdDSA).unwrap()).unwrap();
        jwk["kid"] = kid.into();
        self.says("/jwks", &json!({"keys": [jwk]}));
    }

    /// What an honest token says for this sign-in.
    fn claims(&self, begun: &Begun) -> Value {
        let now = time::OffsetDateTime::now_utc().unix_timestamp();
        json!({
            "iss": self.issuer, "sub": "ada", "aud": "web", "iat": now, "exp": now + 300,
            "nonce": begun.parameter("nonce"), "email": "ada@example.com",
        })
    }

    fn gives(&self, id_token: &str) {
        let tokens = json!({"access_token": "any", "token_type": "Bearer", "id_token": id_token});
        self.says("/token", &tokens);
    }

    fn asked_for(&self, path: &str) -> usize {
        self.asked
            .lock()
            .unwrap()
            .iter()
            .filter(|asked| *asked == path)
            .count()
    }
}

async fn answer(
    mut stream: TcpStream,
    answers: Arc<Mutex<HashMap<String, String>>>,
    asked: Arc<Mutex<Vec<String>>>,
) {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if stream.read_buf(&mut head).await.unwrap_or_default() == 0 {
            return;
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap().to_owned();
    let answer = answers.lock().unwrap().get(&path).cloned();
    asked.lock().unwrap().push(path);
    match answer {
        Some(answer) => {
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
        // Says nothing for as long as it is waited for.
        None => while stream.read(&mut [0; 1024]).await.is_ok_and(|read| read > 0) {},
    }
}

/// A key for Ed25519: PKCS#8 of the first version, a head and 32 random bytes.
fn new_key() -> EncodingKey {
    let head = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];
    let seed: [u8; 32] = rand::random();
    EncodingKey::from_ed_der(&[head.as_slice(), &seed].concat())
}

fn head(kid: &str) -> Header {
    Header {
        kid: Some(kid.to_owned()),
        ..Header::new(Algorithm::EdDSA)
    }
}

async fn come_back(app: &App, begun: &Begun) -> Result<CreateSessionResponse, Status> {
    let request = CompleteFederatedSessionRequest {
        flow: begun.flow.clone(),
        code: "any".to_owned(),
        state: begun.parameter("state"),
        code_verifier: "what-only-whoever-began-to-sign-in-can-know".to_owned(),
        ..Default::default()
    };
    complete(app, Client::Web, request).await
}

#[tokio::test]
async fn a_token_that_does_not_hold_in_every_way_is_not_believed() {
    let liar = Liar::start().await;
    let app = App::start_with(trusting(&liar.issuer)).await;
    let foreign = new_key();
    type Lie = fn(&mut Value);
    let lies: [(&str, Lie); 11] = [
        ("another nonce", |c| c["nonce"] = "another".into()),
        ("no nonce", |c| c["nonce"] = Value::Null),
        ("another issuer", |c| c["iss"] = "https://evil.example".into()),
        ("another client", |c| c["aud"] = "desk".into()),
        ("others too, and nobody in particular", |c| {
            c["aud"] = json!(["web", "desk"])
        }),
        ("made for another client", |c| c["azp"] = "desk".into()),
        ("has ended", |c| {
            c["exp"] = (c["iat"].as_i64().unwrap() - 60).into()
        }),
        ("never ends", |c| {
            c.as_object_mut().unwrap().remove("exp");
        }),
        ("of yesterday", |c| {
            c["iat"] = (c["iat"].as_i64().unwrap() - 86_400).into()
        }),
        ("of tomorrow", |c| {
            c["iat"] = (c["iat"].as_i64().unwrap() + 86_400).into()
        }),
        ("nobody", |c| c["sub"] = "".into()),
    ];
    for (what, lie) in lies {
        let begun = begin(&app, Client::Web).await.unwrap();
        let mut claims = liar.claims(&begun);
        lie(&mut claims);
        liar.gives(&jsonwebtoken::encode(&head("one"), &claims, &liar.key).unwrap());
        assert_eq!(
            code_and_reason(come_back(&app, &begun).await),
            refused(),
            "{what}"
        );
    }

    let begun = begin(&app, Client::Web).await.unwrap();
    let claims = liar.claims(&begun);
    let truth = jsonwebtoken::encode(&head("one"), &claims, &liar.key).unwrap();
    let encoded = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let unsigned = format!(
        "{}.{}.",
        encoded(json!({"alg": "none", "kid": "one"})),
        encoded(claims.clone())
    );
    let public = serde_json::to_value(Jwk::from_encoding_key(&liar.key, Algorithm::EdDSA).unwrap()).unwrap();
    let public = URL_SAFE_NO_PAD.decode(public["x"].as_str().unwrap()).unwrap();
    let by_a_secret = Header {
        kid: Some("one".to_owned()),
        ..Header::new(Algorithm::HS256)
    };
    let by_a_secret =
        jsonwebtoken::encode(&by_a_secret, &claims, &EncodingKey::from_secret(&public)).unwrap();
    let by_a_stranger = jsonwebtoken::encode(&head("one"), &claims, &foreign).unwrap();
    let mut changed = truth.clone();
    changed.replace_range(
        truth.len() - 10..truth.len() - 9,
        if &truth[truth.len() - 10..truth.len() - 9] == "A" {
            "B"
        } else {
            "A"
        },
    );
    for (what, token) in [
        ("signed by nobody", unsigned),
        ("signed with what everybody knows", by_a_secret),
        ("signed by a stranger", by_a_stranger),
        ("changed on the way", changed),
        ("no token", "a.b.c".to_owned()),
    ] {
        liar.gives(&token);
        assert_eq!(
            code_and_reason(come_back(&app, &begun).await),
            refused(),
            "{what}"
        );
    }
    liar.gives(&truth);
    assert!(come_back(&app, &begun).await.is_ok());
}

#[tokio::test]
async fn a_new_key_is_asked_for_once_in_a_while() {
    let liar = Liar::start().await;
    let app = App::start_with(trusting(&liar.issuer)).await;
    let sign_in = async |kid: &str, key: &EncodingKey| {
        let begun = begin(&app, Client::Web).await.unwrap();
        liar.gives(&jsonwebtoken::encode(&head(kid), &liar.claims(&begun), key).unwrap());
        come_back(&app, &begun).await
    };
    assert!(sign_in("one", &liar.key).await.is_ok());
    assert_eq!(liar.asked_for("/jwks"), 1);
    let second = new_key();
    liar.publishes("two", &second);
    assert!(sign_in("two", &second).await.is_ok());
    assert_eq!(liar.asked_for("/jwks"), 2);
    for made_up in ["three", "four", "five"] {
        assert_eq!(code_and_reason(sign_in(made_up, &second).await), refused());
    }
    assert_eq!(liar.asked_for("/jwks"), 2);
}

#[tokio::test]
async fn a_provider_that_cannot_be_asked_keeps_nobody_waiting() {
    let liar = Liar::start().await;
    let gone = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let hasty = async |issuer: &str| {
        let trusting = trusting(issuer);
        App::start_with(|settings| {
            trusting(settings);
            settings.oidc.timeout = "200ms".parse().unwrap();
        })
        .await
    };
    let away = (Code::Unavailable, "UNAVAILABLE".to_owned());
    let is_away = async |what: &str, app: &App| {
        let asked = Instant::now();
        assert_eq!(
            code_and_reason(begin(app, Client::Web).await.map(drop)),
            away,
            "{what}"
        );
        assert!(asked.elapsed() < Duration::from_secs(3));
    };
    is_away("is gone", &hasty(&gone).await).await;

    let other = |field: &str, value: &str| {
        let mut document = liar.document();
        document[field] = value.into();
        document.to_string()
    };
    let elsewhere = format!("302 Found\r\nlocation: {}/truth", liar.issuer);
    liar.says("/truth", &liar.document());
    for (what, status, body) in [
        ("breaks", "500 Internal Server Error", "{}".to_owned()),
        ("sends us elsewhere", elsewhere.as_str(), String::new()),
        ("is no provider", "200 OK", "<html>".to_owned()),
        ("never ends", "200 OK", " ".repeat(300_000)),
        (
            "is another one",
            "200 OK",
            other("issuer", "https://evil.example"),
        ),
        (
            "wants the code in the open",
            "200 OK",
            other("token_endpoint", "http://evil.example/token"),
        ),
        (
            "has its keys in the open",
            "200 OK",
            other("jwks_uri", "http://evil.example/jwks"),
        ),
        (
            "has scripts for pages",
            "200 OK",
            other("authorization_endpoint", "javascript:alert(1)"),
        ),
    ] {
        liar.answers_with(DISCOVERY, status, &body);
        is_away(what, &hasty(&liar.issuer).await).await;
    }
    liar.answers.lock().unwrap().remove(DISCOVERY);
    let app = hasty(&liar.issuer).await;
    is_away("says nothing", &app).await;

    // Once it is back, so are we; and when it falls silent over a code, that is an outage, too.
    liar.says(DISCOVERY, &liar.document());
    let begun = begin(&app, Client::Web).await.unwrap();
    assert_eq!(code_and_reason(come_back(&app, &begun).await), away);
}

#[tokio::test]
async fn a_provider_that_refuses_us_is_a_fault_of_ours() {
    let liar = Liar::start().await;
    let app = App::start_with(trusting(&liar.issuer)).await;
    let begun = begin(&app, Client::Web).await.unwrap();
    let answer = async |error: &str| {
        let body = json!({"error": error}).to_string();
        liar.answers_with("/token", "400 Bad Request", &body);
        code_and_reason(come_back(&app, &begun).await)
    };
    assert_eq!(answer("invalid_grant").await, refused());
    let fault = (Code::Internal, "INTERNAL".to_owned());
    assert_eq!(answer("invalid_client").await, fault);
}
