//! Live events.

use std::time::{Duration, Instant};

use proto::changes::v1::{Change, Kind, Operation};
use reqwest::Method;
use serde_json::json;
use test_kit::{
    client::Client,
    fake_core::{Subscribe, moment},
};
use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpSocket, TcpStream},
};
use tonic::Status;

use crate::harness::{App, start, start_with};

const PATH: &str = "/api/events";
/// At once, on a machine that does much else: before the next heartbeat, and before the gateway cuts anything off.
const SOON: Duration = Duration::from_secs(8);

async fn start_with_a_log() -> App {
    let app = start().await;
    app.core.begins_history(7);
    app
}

fn post(id: i64) -> Change {
    Change {
        kind: Kind::Post.into(),
        id,
        operation: Operation::Updated.into(),
        name: format!("post-{id}"),
        at: Some(moment(1_700_000_000)),
        ..Change::default()
    }
}

fn order(id: i64) -> Change {
    Change {
        kind: Kind::Order.into(),
        id,
        operation: Operation::Created.into(),
        ..Change::default()
    }
}

#[tokio::test]
async fn an_event_says_what_has_changed_and_where_to_go_on() {
    let app = start_with_a_log().await;
    let mut events = app.guest.hear(PATH, None).await;
    assert_eq!(events.header("content-type"), "text/event-stream");
    assert_eq!(events.header("cache-control"), "no-store");
    assert_eq!(
        (events.header("etag"), events.header("content-encoding")),
        ("", "")
    );

    let here = events.next().await.expect("a word");
    assert_eq!((here.event.as_str(), here.id.len()), ("", 32));
    app.core.writes(Change {
        kind: Kind::Comment.into(),
        id: 8,
        operation: Operation::Deleted.into(),
        parent_id: Some(3),
        at: Some(moment(1_700_000_000)),
        ..Change::default()
    });
    app.core.writes(post(3));

    let first = events.told().await;
    assert_eq!((first.event.as_str(), first.id.len()), ("change", 32));
    insta::assert_json_snapshot!([first.data, events.told().await.data], @r#"
    [
      {
        "at": "2023-11-14T22:13:20.000Z",
        "id": 8,
        "kind": "comment",
        "operation": "deleted",
        "parentId": 3
      },
      {
        "at": "2023-11-14T22:13:20.000Z",
        "id": 3,
        "kind": "post",
        "name": "post-3",
        "operation": "updated"
      }
    ]
    "#);
}

#[tokio::test]
async fn what_is_somebody_s_own_is_asked_for_in_their_name() {
    let app = start_with_a_log().await;
    let mut guest = app.guest.hear(PATH, None).await;
    let mut ada = app.ada.hear(PATH, None).await;
    let by_cookie = app
        .guest
        .request(Method::GET, PATH)
        .header("cookie", "sid=ada-s-token");
    let by_cookie = by_cookie.send().await.expect("an answer");
    assert_eq!(by_cookie.status(), 200);

    guest.next().await;
    ada.next().await;
    app.core.writes_for("ada-s-token", order(5));
    app.core.writes(post(6));

    assert_eq!(ada.told().await.data["kind"], "order");
    assert_eq!(ada.told().await.data["id"], 6);
    assert_eq!(guest.told().await.data["id"], 6);
    let bearers: Vec<_> = app
        .core
        .calls(Subscribe)
        .iter()
        .map(|call| call.header("authorization").to_owned())
        .filter(|bearer| !bearer.is_empty())
        .collect();
    assert_eq!(bearers, ["Bearer ada-s-token"; 2]);
}

#[tokio::test]
async fn a_client_goes_on_where_it_was_cut_off() {
    let app = start_with_a_log().await;
    let mut events = app.ada.hear(PATH, None).await;
    let here = events.next().await.expect("a word").id;
    app.core.writes(post(1));
    let first = events.told().await;
    drop(events);
    app.core.writes_for("somebody-else", order(1));
    app.core.writes(post(2));
    app.core.writes(post(3));

    let mut by_header = app.ada.hear(PATH, Some(&first.id)).await;
    let mut by_query = app.ada.hear(&format!("{PATH}?after={}", first.id), None).await;
    let mut by_both = app
        .ada
        .hear(&format!("{PATH}?after={here}"), Some(&first.id))
        .await;
    for events in [&mut by_header, &mut by_query, &mut by_both] {
        assert_eq!(events.told().await.data["id"], 2);
        assert_eq!(events.told().await.data["id"], 3);
    }
    let mut from_the_start = app.ada.hear(PATH, Some(&here)).await;
    assert_eq!(from_the_start.told().await, first);
}

#[tokio::test]
async fn a_client_from_a_history_that_is_no_more_is_told_to_load_anew() {
    let app = start_with_a_log().await;
    let mut events = app.guest.hear(PATH, None).await;
    let before = events.next().await.expect("a word").id;
    app.core.begins_history(8);

    let told = events.told().await;
    assert_eq!((told.event.as_str(), told.data), ("resync", json!(null)));
    for lost in [before.as_str(), "no id of ours"] {
        let mut events = app.guest.hear(PATH, Some(lost)).await;
        let told = events.told().await;
        assert_eq!(told.event, "resync", "{lost}");
        app.core.writes(post(1));
        assert_eq!(events.told().await.event, "change");
        let mut again = app.guest.hear(PATH, Some(&told.id)).await;
        assert_eq!(again.told().await.data["id"], 1);
    }
    let bad = app.guest.get(&format!("{PATH}?after=7")).await;
    assert_eq!(bad.problem(), (422, "INVALID_INPUT"));
}

#[tokio::test]
async fn a_core_that_goes_away_and_comes_back_is_not_noticed() {
    let mut app = start_with_a_log().await;
    let mut events = app.guest.hear(PATH, None).await;
    events.next().await;
    app.core.writes(post(1));
    assert_eq!(events.told().await.data["id"], 1);

    app.core.stop();
    app.core.writes(post(2));
    app.core.start_again();
    app.core.writes(post(3));

    assert_eq!(events.told().await.data["id"], 2);
    assert_eq!(events.told().await.data["id"], 3);
}

#[tokio::test]
async fn a_stream_ends_with_the_session() {
    let app = start_with_a_log().await;
    let mut ada = app.ada.hear(PATH, None).await;
    let mut guest = app.guest.hear(PATH, None).await;
    ada.next().await;
    guest.next().await;

    let ended = Instant::now();
    app.core.ends_session("ada-s-token");
    while ada.next().await.is_some() {}
    assert!(ended.elapsed() < SOON, "{:?}", ended.elapsed());

    assert_eq!(app.ada.get(PATH).await.problem(), (401, "TOKEN_INVALID"));
    app.core.writes(post(1));
    assert_eq!(guest.told().await.data["id"], 1);
}

#[tokio::test]
async fn nobody_has_more_streams_than_anybody_may_have() {
    let app = start_with(&[
        ("TRIPTYCH_LIVE__PER_SESSION", "2"),
        ("TRIPTYCH_LIVE__PER_ADDRESS", "1"),
    ])
    .await;
    app.core.begins_history(7);
    let (_one, two) = (app.ada.hear(PATH, None).await, app.ada.hear(PATH, None).await);
    let _guest = app.guest.hear(PATH, None).await;

    assert_eq!(app.ada.get(PATH).await.problem(), (429, "TOO_MANY_STREAMS"));
    assert_eq!(app.guest.get(PATH).await.problem(), (429, "TOO_MANY_STREAMS"));
    let _another = app.guest.bearing("eve-s-token").hear(PATH, None).await;

    drop(two);
    a_place_is_free(&app.ada).await;
}

/// Waits until a client may have another stream.
async fn a_place_is_free(client: &Client) {
    let tries = async {
        while client.get(PATH).await.status == 429 {
            tokio::task::yield_now().await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(20), tries).await;
    in_time.expect("the place is given back");
}

#[tokio::test]
async fn no_deadline_of_a_request_ends_a_stream_but_the_end_of_the_gateway_does() {
    let app = start_with(&[
        ("TRIPTYCH_SERVER__READ_DEADLINE", "300ms"),
        ("TRIPTYCH_LIVE__HEARTBEAT", "100ms"),
        ("TRIPTYCH_SERVER__LINGER", "0ms"),
    ])
    .await;
    app.core.begins_history(7);
    let mut events = app.guest.hear(PATH, None).await;
    // It goes on for longer than any other request could.
    for _ in 0..6 {
        events.next().await.expect("a word every 100 ms");
    }
    app.core.writes(post(1));
    assert_eq!(events.told().await.data["id"], 1);

    let stopped = Instant::now();
    app.stop();
    while events.next().await.is_some() {}
    assert!(stopped.elapsed() < SOON, "{:?}", stopped.elapsed());
}

#[tokio::test]
async fn without_a_core_there_is_nothing_to_follow() {
    let app = start().await;
    assert_eq!(app.guest.get(PATH).await.problem(), (503, "UNAVAILABLE"));
    app.core.refuses(Subscribe, Status::unavailable("busy"));
    let answer = app.ada.get(PATH).await;
    assert_eq!(answer.problem(), (503, "UNAVAILABLE"));
    assert!(!answer.header("retry-after").is_empty());
}

#[tokio::test]
async fn whoever_does_not_read_keeps_nobody_else_waiting_and_fills_no_memory() {
    const MANY: i64 = 1_500;
    let app = start_with_a_log().await;
    let _slow = does_not_read(&app, "slow-token").await;
    let mut quick = app.ada.hear(PATH, None).await;
    quick.next().await;

    // About 24 MB, which is more than the sockets take.
    let long = "x".repeat(16_000);
    for id in 1..=MANY {
        app.core.writes(Change {
            name: long.clone(),
            ..post(id)
        });
    }
    for id in 1..=MANY {
        assert_eq!(quick.told().await.data["id"], id);
    }

    let taken = app.core.told_to("slow-token");
    assert!(
        taken < MANY,
        "the gateway has taken all {taken} for somebody who reads nothing"
    );
}

#[tokio::test]
async fn whoever_does_not_read_is_cut_off() {
    let settings = |stall| {
        [
            ("TRIPTYCH_SERVER__STALL", stall),
            ("TRIPTYCH_LIVE__PER_SESSION", "1"),
        ]
    };
    let app = start_with(&settings("300ms")).await;
    // The mutant: a gateway that waits for longer than anybody reads here.
    let patient = start_with(&settings("1h")).await;
    let mut slow = Vec::new();
    for app in [&app, &patient] {
        app.core.begins_history(7);
        slow.push(does_not_read(app, "ada-s-token").await);
        for id in 1..=1_500 {
            app.core.writes(Change {
                name: "x".repeat(16_000),
                ..post(id)
            });
        }
    }

    a_place_is_free(&app.ada).await;
    assert_eq!(patient.ada.get(PATH).await.problem(), (429, "TOO_MANY_STREAMS"));
}

/// A client that asks for events and reads nothing.
async fn does_not_read(app: &App, token: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a small buffer");
    let mut stream = socket.connect(app.address()).await.expect("a connection");
    let request = format!("GET {PATH} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\n\r\n");
    stream
        .write_all(request.as_bytes())
        .await
        .expect("the request goes out");
    let follows = || {
        let calls = app.core.calls(Subscribe);
        calls
            .iter()
            .any(|call| call.header("authorization").ends_with(token))
    };
    while !follows() {
        tokio::task::yield_now().await;
    }
    stream
}
