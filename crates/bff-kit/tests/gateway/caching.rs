//! Who may keep an answer, what is not sent twice, and what is sent smaller.

use std::io::Read as _;

use reqwest::Method;
use test_kit::client::Answer;

use crate::harness::{App, start};

async fn ask(app: &App, path: &str, fields: &[(&str, &str)]) -> Answer {
    let mut request = app.client.request(Method::GET, path);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    app.client.send(request).await
}

/// The bytes of an answer as they came.
async fn bytes(app: &App, path: &str, accept: &str) -> (String, String, Vec<u8>) {
    let request = app
        .client
        .request(Method::GET, path)
        .header("accept-encoding", accept);
    let response = request.send().await.expect("it is answered");
    let header = |name: &str| {
        let value = response.headers().get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let (encoding, tag) = (header("content-encoding"), header("etag"));
    (encoding, tag, response.bytes().await.expect("it is whole").into())
}

#[tokio::test]
async fn what_is_the_same_for_everybody_may_be_kept_and_has_to_be_asked_for_again() {
    let app = start().await;
    let answer = ask(&app, "/things", &[("cookie", "theme=dark")]).await;
    assert_eq!(answer.header("cache-control"), "public, no-cache");
    assert_eq!(answer.header("vary"), "authorization, cookie");
}

#[tokio::test]
async fn what_is_private_wrong_or_a_change_is_kept_nowhere() {
    let app = start().await;
    for (path, fields) in [
        ("/things", &[("authorization", "Bearer abc")][..]),
        ("/things", &[("cookie", "theme=dark; sid=abc")]),
        ("/nowhere", &[]),
        ("/panics", &[]),
        ("/mine", &[]),
    ] {
        let answer = ask(&app, path, fields).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{path} {fields:?}");
    }
    let thing = serde_json::json!({"title": "A", "priceCents": 1, "parts": []});
    let changed = app.client.post("/things", thing).await;
    assert_eq!(
        (changed.status, changed.header("cache-control")),
        (200, "no-store")
    );
}

#[tokio::test]
async fn a_cookie_is_kept_nowhere_whatever_its_route_says() {
    let app = start().await;
    let kept = ask(&app, "/tagged", &[]).await;
    assert_eq!(kept.header("cache-control"), "public, max-age=60");
    let cookie = ask(&app, "/cookie", &[]).await;
    assert_eq!(cookie.header("cache-control"), "no-store");
}

#[tokio::test]
async fn an_answer_that_the_client_has_is_not_sent_again() {
    let app = start().await;
    let first = ask(&app, "/long", &[]).await;
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");

    for has in [
        tag.clone(),
        format!("W/{tag}"),
        format!("\"other\", {tag}"),
        "*".to_owned(),
    ] {
        let again = ask(&app, "/long", &[("if-none-match", &has)]).await;
        assert_eq!((again.status, again.bytes), (304, 0), "{has}");
        for name in ["etag", "cache-control", "vary"] {
            assert_eq!(again.header(name), first.header(name), "{has}: {name}");
        }
        assert_eq!(again.header("content-type"), "");
        assert_ne!(again.header("x-request-id"), "");
    }
    let other = ask(&app, "/long", &[("if-none-match", "\"other\"")]).await;
    assert_eq!(other.status, 200);
    let problem = ask(&app, "/nowhere", &[("if-none-match", "*")]).await;
    assert_eq!((problem.status, problem.header("etag")), (404, ""));
}

#[tokio::test]
async fn asking_only_for_the_head_tells_the_same_tag() {
    let app = start().await;
    let whole = ask(&app, "/long", &[]).await;
    let head = app.client.request(Method::HEAD, "/long");
    let head = app.client.send(head).await;
    assert_eq!(head.header("etag"), whole.header("etag"));
    let again = app.client.request(Method::HEAD, "/long");
    let again = app
        .client
        .send(again.header("if-none-match", whole.header("etag")))
        .await;
    assert_eq!(again.status, 304);
}

#[tokio::test]
async fn a_change_and_a_stream_have_no_tag() {
    let app = start().await;
    let thing = serde_json::json!({"title": "A", "priceCents": 1, "parts": []});
    assert_eq!(app.client.post("/things", thing).await.header("etag"), "");
    let stream = ask(&app, "/streamed", &[]).await;
    assert_eq!(
        (stream.body.as_str(), stream.header("etag")),
        (Some("onetwo"), "")
    );
}

#[tokio::test]
async fn a_tag_that_the_handler_gave_is_kept() {
    let app = start().await;
    assert_eq!(ask(&app, "/tagged", &[]).await.header("etag"), "\"mine\"");
    let has = ask(&app, "/tagged", &[("if-none-match", "\"mine\"")]).await;
    assert_eq!(has.status, 304);
}

#[tokio::test]
async fn long_texts_come_smaller_in_the_way_that_the_client_likes() {
    let app = start().await;
    let (_, plain_tag, plain) = bytes(&app, "/long", "").await;
    let mut tags = vec![plain_tag];
    for (accept, expected) in [
        ("gzip", "gzip"),
        ("gzip, deflate, br", "br"),
        ("gzip, deflate, br, zstd", "zstd"),
    ] {
        let (encoding, tag, packed) = bytes(&app, "/long", accept).await;
        assert_eq!(encoding, expected);
        assert!(packed.len() * 10 < plain.len(), "{encoding}: {}", packed.len());
        assert_eq!(unpacked(&encoding, &packed), plain, "{encoding}");
        assert!(!tags.contains(&tag), "other bytes, another tag: {tag}");
        tags.push(tag);
    }
}

#[tokio::test]
async fn a_tag_counts_for_the_encoding_that_it_was_given_for() {
    let app = start().await;
    let fields = |tag: &str, accept: &str| {
        [
            ("if-none-match", tag.to_owned()),
            ("accept-encoding", accept.to_owned()),
        ]
    };
    let (_, tag, _) = bytes(&app, "/long", "br").await;
    for (accept, status) in [("br", 304), ("gzip", 200), ("identity", 200)] {
        let fields = fields(&tag, accept);
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let answer = ask(&app, "/long", &fields).await;
        assert_eq!(answer.status, status, "{accept}");
        assert!(answer.header("vary").contains("accept-encoding"), "{accept}");
    }
}

#[tokio::test]
async fn short_answers_and_problems_of_a_few_bytes_come_as_they_are() {
    let app = start().await;
    for path in ["/things", "/nowhere"] {
        let (encoding, _, _) = bytes(&app, path, "zstd, br, gzip").await;
        assert_eq!(encoding, "", "{path}");
    }
}

#[tokio::test]
async fn whoever_refuses_everything_gets_the_answer_as_it_is() {
    let app = start().await;
    for accept in ["identity;q=0", "*;q=0", "br;q=0, *;q=0", "identity;q=0, *;q=0.0"] {
        let answer = ask(&app, "/long", &[("accept-encoding", accept)]).await;
        assert_eq!(
            (answer.status, answer.header("content-encoding")),
            (200, ""),
            "{accept}"
        );
    }
    let (encoding, _, _) = bytes(&app, "/long", "identity;q=0, gzip").await;
    assert_eq!(encoding, "gzip");
}

fn unpacked(encoding: &str, packed: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let read = match encoding {
        "gzip" => flate2::read::GzDecoder::new(packed).read_to_end(&mut plain),
        "br" => brotli::Decompressor::new(packed, 4096).read_to_end(&mut plain),
        _ => zstd::Decoder::new(packed).and_then(|mut decoder| decoder.read_to_end(&mut plain)),
    };
    read.expect("it is packed well");
    plain
}
