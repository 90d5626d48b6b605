//! The same events over a WebSocket (RFC 6455), for clients that have one anyway.
//!
//! Each is a text frame of JSON: `{"id": …, "event": "change", "data": …}`; one with nothing but an id says that nothing
//! was missed up to there. Clients have nothing to say but the answers to our pings.
//!
//! Browsers open sockets for pages of any origin. Cookies are not looked at on these routes, and a page of another origin
//! is refused all the same.

use std::{pin::pin, sync::Arc, time::Duration};

use axum::{body::Body, extract::Request, middleware::Next, response::Response};
use futures_util::{SinkExt as _, Stream, StreamExt as _};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        handshake::derive_accept_key,
        protocol::{CloseFrame, Role, WebSocketConfig, frame::coding::CloseCode},
    },
};

use super::{Bookmark, LiveEvent};
use crate::{
    error::{ApiError, ApiResult, Violation, ViolationKind},
    server::Seat,
};

/// What a client may say in one message. It has nothing to say.
const LARGEST_BYTES: usize = 4096;
/// How often in a row a client is asked in vain whether it is there before it is taken for gone.
const PINGS: u32 = 2;
/// What the events are called among the protocols that a client offers.
const PROTOCOL: &str = "triptych.events";
/// What comes before a token among them.
const BEARER: &str = "bearer.";

/// A client that wants the events over a WebSocket.
#[derive(Debug)]
pub(super) struct Handshake {
    upgrade: OnUpgrade,
    accept: HeaderValue,
    offers_protocol: bool,
    /// The connection counts as one for as long as the socket is open.
    seat: Option<Arc<Seat>>,
}

impl Handshake {
    /// The handshake of a request that is one; nothing for any other.
    pub(super) fn of(parts: &mut Parts) -> ApiResult<Option<Self>> {
        let headers = &parts.headers;
        if !offers(headers, header::UPGRADE, "websocket") || !offers(headers, header::CONNECTION, "upgrade") {
            return Ok(None);
        }
        if headers
            .get(header::SEC_WEBSOCKET_VERSION)
            .is_none_or(|version| version != "13")
        {
            return Err(wrong("sec-websocket-version", "has to be 13"));
        }
        let key = headers.get(header::SEC_WEBSOCKET_KEY);
        let key = key.ok_or_else(|| wrong("sec-websocket-key", "is missing"))?;
        if !is_of_our_origin(headers) {
            return Err(ApiError::CrossOrigin);
        }
        let accept = HeaderValue::try_from(derive_accept_key(key.as_bytes()));
        let (accept, offers_protocol) = (
            accept.map_err(|_| wrong("sec-websocket-key", "is none"))?,
            offers(headers, header::SEC_WEBSOCKET_PROTOCOL, PROTOCOL),
        );
        let upgrade = parts.extensions.remove::<OnUpgrade>();
        let upgrade = upgrade.ok_or_else(|| wrong("upgrade", "cannot be had on this connection"))?;
        Ok(Some(Self {
            upgrade,
            accept,
            offers_protocol,
            seat: parts.extensions.get::<Arc<Seat>>().cloned(),
        }))
    }

    /// Says yes; what follows on the connection is done by `work`.
    pub(super) fn accept<W: Future<Output = ()> + Send + 'static>(
        self,
        work: impl FnOnce(Upgraded) -> W + Send + 'static,
    ) -> (Response, impl Future<Output = ()> + Send + 'static) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, self.accept);
        if self.offers_protocol {
            headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(PROTOCOL));
        }
        let (upgrade, seat) = (self.upgrade, self.seat);
        let running = async move {
            if let Ok(upgraded) = upgrade.await {
                work(upgraded).await;
            }
            drop(seat);
        };
        (response, running)
    }
}

/// Tells everything that is to be told, until it is over or the client has gone, which is asked every `heartbeat`, however
/// much there is to tell.
pub(super) async fn tell<E: Serialize>(
    upgraded: Upgraded,
    told: impl Stream<Item = (Bookmark, Option<LiveEvent<E>>)>,
    heartbeat: Duration,
) {
    let config = WebSocketConfig::default()
        .max_message_size(Some(LARGEST_BYTES))
        .max_frame_size(Some(LARGEST_BYTES));
    let socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config));
    let (mut socket, mut told) = (socket.await, pin!(told));
    let mut pings = interval_at(Instant::now() + heartbeat, heartbeat);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut in_vain = 0;
    loop {
        let sent = tokio::select! {
            heard = socket.next() => match heard {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => {
                    in_vain = 0;
                    Ok(())
                }
            },
            _ = pings.tick() => {
                if in_vain == PINGS {
                    return;
                }
                in_vain += 1;
                socket.send(Message::Ping(Default::default())).await
            }
            told = told.next() => match told {
                Some((here, told)) => socket.send(frame(here, told)).await,
                None => {
                    let over = CloseFrame { code: CloseCode::Away, reason: "come again".into() };
                    let _ = socket.close(Some(over)).await;
                    return;
                }
            },
        };
        if sent.is_err() {
            return;
        }
    }
}

/// One event, or only where the client is.
#[derive(Serialize)]
struct Frame<E> {
    id: Bookmark,
    #[serde(flatten)]
    told: Option<LiveEvent<E>>,
}

fn frame<E: Serialize>(id: Bookmark, told: Option<LiveEvent<E>>) -> Message {
    let frame = serde_json::to_string(&Frame { id, told });
    Message::text(frame.expect("what is told is plain JSON"))
}

/// A layer for routes whose clients cannot set headers: takes the token from among the protocols that they offer,
/// `Sec-WebSocket-Protocol: triptych.events, bearer.TOKEN`, where there is no `Authorization`.
pub async fn token_among_protocols(mut request: Request, next: Next) -> Response {
    let headers = request.headers_mut();
    if !headers.contains_key(header::AUTHORIZATION) {
        let token = items(headers, header::SEC_WEBSOCKET_PROTOCOL).find_map(|item| item.strip_prefix(BEARER));
        if let Some(Ok(mut bearer)) = token.map(|token| HeaderValue::try_from(format!("Bearer {token}"))) {
            bearer.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, bearer);
        }
    }
    next.run(request).await
}

/// Whether a page of our own origin asks, or no page at all.
fn is_of_our_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    origin
        .zip(host)
        .is_some_and(|((_, origin), host)| origin.eq_ignore_ascii_case(host))
}

/// Whether one of the items of a field is this word.
fn offers(headers: &HeaderMap, name: HeaderName, word: &str) -> bool {
    items(headers, name).any(|item| item.eq_ignore_ascii_case(word))
}

fn items(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let values = headers.get_all(name).into_iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| text.split(',')).map(str::trim)
}

fn wrong(field: &str, detail: &str) -> ApiError {
    ApiError::Invalid(vec![Violation::new(field, ViolationKind::Rule, detail)])
}
