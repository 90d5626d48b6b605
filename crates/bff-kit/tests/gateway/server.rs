//! Connections that cost too much.

use std::time::{Duration, Instant};

use bff_kit::server::limits::{HEADER_READ_TIMEOUT, MAX_HEADERS, MAX_READ_BUFFER_BYTES};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::harness::{App, millis, start, start_with};

async fn connect(app: &App) -> TcpStream {
    TcpStream::connect(app.running.address())
        .await
        .expect("the port is open")
}

async fn asks(stream: &mut TcpStream, text: &str) {
    stream
        .write_all(text.as_bytes())
        .await
        .expect("the connection is open");
}

/// The head of the next answer, once its body is read as well.
async fn head(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        bytes.push(stream.read_u8().await.expect("there is an answer"));
    }
    let head = String::from_utf8(bytes).expect("ASCII");
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length = length.and_then(|length| length.parse().ok()).expect("a length");
    stream
        .read_exact(&mut vec![0; length])
        .await
        .expect("the whole body");
    head
}

/// Waits until the other side closes.
async fn closed(mut stream: TcpStream) -> Vec<u8> {
    let mut rest = Vec::new();
    let read = stream.read_to_end(&mut rest);
    // A connection that is reset is closed too.
    let _ = tokio::time::timeout(Duration::from_secs(20), read)
        .await
        .expect("the connection is closed");
    rest
}

#[tokio::test]
async fn a_client_that_never_ends_its_head_is_cut_off() {
    let app = start().await;
    let began = Instant::now();
    let (mut slow, silent) = (connect(&app).await, connect(&app).await);
    slow.write_all(b"GET / HTTP/1.1\r\nx-a: ")
        .await
        .expect("it takes the beginning");

    tokio::join!(closed(slow), closed(silent));

    assert!(began.elapsed() >= HEADER_READ_TIMEOUT);
    assert!(began.elapsed() < HEADER_READ_TIMEOUT * 2, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_connection_that_has_become_old_ends_with_an_answer_that_says_so() {
    let app = start_with(|settings| settings.server.connection_age = millis(100)).await;
    let mut stream = connect(&app).await;
    let mut answers = 0;
    loop {
        asks(&mut stream, "GET /things HTTP/1.1\r\nhost: a\r\n\r\n").await;
        let answer = head(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        answers += 1;
        if answer.contains("connection: close") {
            break;
        }
    }
    assert!(answers > 1);
    closed(stream).await;
}

#[tokio::test]
async fn a_connection_that_was_used_is_not_waited_for_either() {
    let app = start().await;
    let (mut idle, mut slow) = (connect(&app).await, connect(&app).await);
    for stream in [&mut idle, &mut slow] {
        asks(stream, "GET /things HTTP/1.1\r\nhost: a\r\n\r\n").await;
        stream.read_u8().await.expect("it is answered");
    }
    asks(&mut slow, "GET /things HTTP/1.1\r\nx-a: ").await;
    let began = Instant::now();

    tokio::join!(closed(slow), closed(idle));

    assert!(began.elapsed() < HEADER_READ_TIMEOUT * 2, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_head_has_so_many_fields_and_no_more() {
    let app = start().await;
    let head = |fields: usize| {
        let fields: String = (0..fields).map(|number| format!("x-{number}: y\r\n")).collect();
        format!("GET /things HTTP/1.1\r\n{fields}\r\n")
    };
    for (fields, status) in [(MAX_HEADERS, "HTTP/1.1 200"), (MAX_HEADERS + 1, "HTTP/1.1 431")] {
        let mut stream = connect(&app).await;
        asks(&mut stream, &head(fields)).await;
        stream.shutdown().await.expect("nothing more comes");
        let answer = closed(stream).await;
        assert!(
            answer.starts_with(status.as_bytes()),
            "{fields}: {}",
            String::from_utf8_lossy(&answer)
        );
    }
}

#[tokio::test]
async fn a_head_without_an_end_is_not_read_for_ever() {
    let app = start().await;
    let mut stream = connect(&app).await;
    asks(&mut stream, "GET /things HTTP/1.1\r\nx-long: ").await;
    let (piece, began) = ([b'x'; 1024], Instant::now());
    let mut taken = 0;
    // What is taken beyond the limit lies in the buffers of the two sockets.
    while stream.write_all(&piece).await.is_ok() {
        taken += piece.len();
        assert!(taken < 256 * MAX_READ_BUFFER_BYTES, "{taken} bytes of one head");
    }
    // It was the size that ended it, not the time.
    assert!(began.elapsed() < HEADER_READ_TIMEOUT, "{:?}", began.elapsed());
}

#[tokio::test]
async fn one_address_gets_no_more_connections_than_its_share() {
    let app = start().await;
    let mut open = Vec::new();
    for _ in 0..5 {
        let mut stream = connect(&app).await;
        stream
            .write_all(b"GET /things HTTP/1.1\r\nhost: a\r\n\r\n")
            .await
            .expect("it is open");
        stream.read_u8().await.expect("it is answered");
        open.push(stream);
    }
    assert!(closed(connect(&app).await).await.is_empty());
}

#[tokio::test]
async fn open_requests_end_after_the_stop_and_idle_connections_at_once() {
    let app = start_with(|settings| {
        settings.server.drain = millis(60_000);
        settings.server.read_deadline = millis(400);
    })
    .await;
    let began = Instant::now();
    let mut idle = connect(&app).await;
    idle.write_all(b"GET /things HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .expect("it is open");
    idle.read_u8().await.expect("it is answered");
    let mut busy = connect(&app).await;
    busy.write_all(b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .expect("it is open");
    // The stop has to come after the request was read.
    app.client.get("/things").await;

    app.stop.cancel();
    let (busy, _, ()) = tokio::join!(closed(busy), closed(idle), app.running.ended());

    assert!(String::from_utf8_lossy(&busy).starts_with("HTTP/1.1 504"));
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

#[tokio::test]
async fn what_does_not_end_in_time_is_cut_off() {
    let app = start_with(|settings| {
        settings.server.drain = millis(300);
        settings.server.read_deadline = millis(60_000);
    })
    .await;
    let mut busy = connect(&app).await;
    busy.write_all(b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .expect("it is open");
    app.client.get("/things").await;

    let began = Instant::now();
    app.stop.cancel();
    let (rest, ()) = tokio::join!(closed(busy), app.running.ended());

    assert!(rest.is_empty());
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

#[tokio::test]
async fn many_requests_share_a_connection_of_http2() {
    let app = start().await;
    let url = format!("http://{}/things", app.running.address());
    let http = reqwest::Client::builder()
        .no_proxy()
        .http2_prior_knowledge()
        .build()
        .expect("a client can be built");
    let mut answers = tokio::task::JoinSet::new();
    for _ in 0..50 {
        answers.spawn(http.get(&url).send());
    }
    for answer in answers.join_all().await {
        let answer = answer.expect("it is answered");
        assert_eq!(
            (answer.status().as_u16(), answer.version()),
            (200, reqwest::Version::HTTP_2)
        );
    }
}

#[tokio::test]
async fn goes_on_answering_for_a_while_after_the_stop_but_is_not_ready() {
    let app = start_with(|settings| settings.server.linger = millis(60_000)).await;
    let admin = test_kit::client::Client::of(app.running.admin_address());
    app.stop.cancel();
    let stopping = async || {
        let readiness = admin.get("/readyz").await;
        readiness.body["checks"]["serving"]["detail"] == "stopping"
    };
    while !stopping().await {
        tokio::task::yield_now().await;
    }
    // On a connection that was not there before.
    connect(&app).await;
    assert_eq!(app.client.get("/things").await.status, 200);
}

#[tokio::test]
async fn closes_at_once_where_it_is_not_to_linger() {
    let app = start().await;
    app.stop.cancel();
    let address = app.running.address();
    app.running.ended().await;
    assert!(TcpStream::connect(address).await.is_err());
}
