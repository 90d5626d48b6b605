//! Live events, as server-sent events and over a WebSocket.

use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use proto::{
    changes::v1::{Change, Kind, Operation},
    users::v1::Role,
};
use serde_json::{Value, json};
use test_kit::fake_core::{GetAccount, Subscribe, moment};
use tokio::{io::AsyncReadExt as _, net::TcpStream};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{self, Message, client::IntoClientRequest as _, protocol::frame::coding::CloseCode},
};

use crate::harness::{App, account, start, start_with};

const PATH: &str = "/v1/events";
/// At once, on a machine that does much else: before the next heartbeat.
const SOON: Duration = Duration::from_secs(8);

fn order(id: i64) -> Change {
    Change {
        kind: Kind::Order.into(),
        id,
        operation: Operation::Updated.into(),
        at: Some(moment(1_700_000_000)),
        ..Change::default()
    }
}

async fn start_with_a_log() -> App {
    let app = start().await;
    app.core.begins_history(7);
    app
}

/// Opens a socket with these header fields; the status of the refusal where there is one.
async fn open(
    app: &App,
    path: &str,
    fields: &[(&'static str, &str)],
) -> Result<(WebSocketStream<TcpStream>, String), u16> {
    let address = app.address();
    let mut request = format!("ws://{address}{path}")
        .into_client_request()
        .expect("a request");
    for (name, value) in fields {
        request.headers_mut().insert(*name, value.parse().expect("ASCII"));
    }
    let stream = TcpStream::connect(address).await.expect("a connection");
    match client_async(request, stream).await {
        Ok((socket, response)) => {
            let protocol = response.headers().get("sec-websocket-protocol");
            let protocol = protocol.and_then(|value| value.to_str().ok()).unwrap_or_default();
            Ok((socket, protocol.to_owned()))
        }
        Err(tungstenite::Error::Http(refusal)) => Err(refusal.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

/// In whose names the log is followed. The gateway itself follows it in nobody's.
fn bearers(app: &App) -> Vec<String> {
    let calls = app.core.calls(Subscribe);
    let bearers = calls.iter().map(|call| call.header("authorization").to_owned());
    bearers.filter(|bearer| !bearer.is_empty()).collect()
}

const ADA: (&str, &str) = ("authorization", "Bearer ada-s-token");

/// The next frame with an event; nothing once the socket is closed, and how.
async fn told(socket: &mut WebSocketStream<TcpStream>) -> Result<Value, Option<CloseCode>> {
    loop {
        let next = tokio::time::timeout(Duration::from_secs(20), socket.next()).await;
        match next.expect("something comes in time") {
            Some(Ok(Message::Text(text))) => {
                let frame: Value = serde_json::from_str(&text).expect("JSON");
                if frame.get("event").is_some() {
                    return Ok(frame);
                }
            }
            Some(Ok(Message::Close(frame))) => return Err(frame.map(|frame| frame.code)),
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return Err(None),
        }
    }
}

#[tokio::test]
async fn the_staff_hear_of_orders() {
    let app = start_with_a_log().await;
    let mut events = app.ada.hear(PATH, None).await;
    assert_eq!(events.header("content-type"), "text/event-stream");
    events.next().await;
    app.core.writes(order(5));
    let told = events.told().await;
    assert_eq!(
        told.data,
        json!({"kind": "order", "id": 5, "operation": "updated", "at": "2023-11-14T22:13:20.000Z"})
    );
    assert_eq!(bearers(&app), ["Bearer ada-s-token"]);
}

#[tokio::test]
async fn nobody_else_hears_anything() {
    let app = start_with_a_log().await;
    assert_eq!(app.guest.get(PATH).await.problem(), (401, "TOKEN_MISSING"));
    assert_eq!(open(&app, PATH, &[]).await.err(), Some(401));
    app.core.gives(GetAccount, account(Role::Reader));
    assert_eq!(app.ada.get(PATH).await.problem(), (403, "FORBIDDEN"));
    assert_eq!(open(&app, PATH, &[ADA]).await.err(), Some(403));
    assert_eq!(bearers(&app), [""; 0]);
}

#[tokio::test]
async fn a_socket_tells_the_same_and_goes_on_where_it_was_cut_off() {
    let app = start_with_a_log().await;
    let (mut socket, _) = open(&app, PATH, &[ADA]).await.expect("a socket");
    let here = socket.next().await.expect("a frame").expect("a frame");
    let here: Value = serde_json::from_str(here.to_text().expect("text")).expect("JSON");
    assert_eq!(
        here.as_object().map(serde_json::Map::len),
        Some(1),
        "no more than an id: {here}"
    );
    app.core.writes(order(1));
    app.core.writes(order(2));
    let first = told(&mut socket).await.expect("an event");
    assert_eq!(
        (&first["event"], &first["data"]["id"]),
        (&json!("change"), &json!(1))
    );
    drop(socket);

    let after = format!("{PATH}?after={}", first["id"].as_str().expect("an id"));
    let (mut socket, _) = open(&app, &after, &[ADA]).await.expect("a socket");
    assert_eq!(told(&mut socket).await.expect("an event")["data"]["id"], 2);
    app.core.begins_history(8);
    assert_eq!(told(&mut socket).await.expect("an event")["event"], "resync");
    socket
        .send(Message::Ping("here?".into()))
        .await
        .expect("it is open");
    let pong = async { while !matches!(socket.next().await, Some(Ok(Message::Pong(_)))) {} };
    tokio::time::timeout(Duration::from_secs(10), pong)
        .await
        .expect("a pong");
}

#[tokio::test]
async fn a_client_that_cannot_set_headers_sends_its_token_among_the_protocols() {
    let app = start_with_a_log().await;
    let protocols = ("sec-websocket-protocol", "triptych.events, bearer.ada-s-token");
    let (_socket, protocol) = open(&app, PATH, &[protocols]).await.expect("a socket");
    assert_eq!(protocol, "triptych.events", "the token is not sent back");
    assert_eq!(bearers(&app), ["Bearer ada-s-token"]);
}

#[tokio::test]
async fn a_page_of_another_origin_gets_no_socket() {
    let app = start_with_a_log().await;
    for origin in [
        "https://evil.example",
        "null",
        &format!("http://{}.evil.example", app.address()),
    ] {
        assert_eq!(
            open(&app, PATH, &[ADA, ("origin", origin)]).await.err(),
            Some(403),
            "{origin}"
        );
    }
    let own = format!("http://{}", app.address());
    open(&app, PATH, &[ADA, ("origin", &own)])
        .await
        .expect("a socket");
    assert_eq!(
        open(&app, PATH, &[ADA, ("sec-websocket-version", "8")])
            .await
            .err(),
        Some(422)
    );
}

#[tokio::test]
async fn a_socket_ends_with_the_session_and_with_the_gateway() {
    let app = start_with([("TRIPTYCH_SERVER__LINGER", "0ms")]).await;
    app.core.begins_history(7);
    let eve = ("authorization", "Bearer eve-s-token");
    let (mut ada, _) = open(&app, PATH, &[ADA]).await.expect("a socket");
    let (mut eve, _) = open(&app, PATH, &[eve]).await.expect("a socket");

    let ended = Instant::now();
    app.core.ends_session("ada-s-token");
    told(&mut ada).await.expect_err("it ends");
    assert!(ended.elapsed() < SOON, "{:?}", ended.elapsed());
    app.core.writes(order(1));
    assert_eq!(told(&mut eve).await.expect("an event")["data"]["id"], 1);

    app.stop();
    assert_eq!(told(&mut eve).await, Err(Some(CloseCode::Away)));
}

#[tokio::test]
async fn a_socket_of_which_nothing_is_heard_is_closed_however_much_there_is_to_tell() {
    let app = start_with([("TRIPTYCH_LIVE__HEARTBEAT", "300ms")]).await;
    app.core.begins_history(7);
    let eve = ("authorization", "Bearer eve-s-token");
    let opened = Instant::now();
    let (silent, _) = open(&app, PATH, &[ADA]).await.expect("a socket");
    // The twin: one that answers pings, which the library does where it is read.
    let (mut alive, _) = open(&app, PATH, &[eve]).await.expect("a socket");

    let mut silent = silent.into_inner();
    let ended = tokio::spawn(async move {
        let mut taken = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(20), silent.read_to_end(&mut taken)).await;
        let _ = ended.expect("it is closed");
        opened.elapsed()
    });
    let mut id = 0;
    while !ended.is_finished() {
        id += 1;
        app.core.writes(order(id));
        assert_eq!(told(&mut alive).await.expect("an event")["data"]["id"], id);
    }
    let took = ended.await.expect("it ended");
    assert!(took > Duration::from_millis(750), "{took:?}");
    app.core.writes(order(id + 1));
    assert_eq!(told(&mut alive).await.expect("an event")["data"]["id"], id + 1);
}
