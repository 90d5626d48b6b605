//! What happens around every handler.

use reqwest::Method;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::harness::{millis, start, start_with};

#[tokio::test]
async fn names_the_request_in_the_header_and_in_the_problem() {
    let app = start().await;

    let answer = app.client.get("/nowhere").await;
    let id = answer.header("x-request-id").to_owned();
    assert_eq!(id.len(), 36);
    assert_eq!(answer.body["requestId"], id.as_str());

    let named = app
        .client
        .request(Method::GET, "/nowhere")
        .header("x-request-id", "mine-7");
    let answer = app.client.send(named).await;
    assert_eq!(answer.header("x-request-id"), "mine-7");
    assert_eq!(answer.body["requestId"], "mine-7");
}

#[tokio::test]
async fn an_unknown_path_is_a_problem() {
    let app = start().await;
    let answer = app
        .client
        .send(
            app.client
                .request(Method::GET, "/nowhere")
                .header("x-request-id", "r"),
        )
        .await;
    assert_eq!(answer.problem(), (404, "UNKNOWN_ROUTE"));
    insta::assert_json_snapshot!(answer.body, @r#"
    {
      "code": "UNKNOWN_ROUTE",
      "detail": "There is no such path; see /docs.",
      "instance": "/nowhere",
      "requestId": "r",
      "status": 404,
      "title": "Not found",
      "type": "/problems/unknown-route"
    }
    "#);
}

#[tokio::test]
async fn a_wrong_method_is_a_problem_that_names_the_right_ones() {
    let app = start().await;
    let answer = app.client.delete("/things").await;
    assert_eq!(answer.problem(), (405, "METHOD_NOT_ALLOWED"));
    assert_eq!(answer.header("allow"), "POST,GET,HEAD");
}

#[tokio::test]
async fn a_panic_is_a_problem_that_tells_nothing() {
    let app = start().await;
    let answer = app.client.get("/panics").await;
    assert_eq!(answer.problem(), (500, "INTERNAL"));
    assert!(!answer.body.to_string().contains("secret"), "{}", answer.body);
}

#[tokio::test]
async fn what_takes_too_long_is_a_problem() {
    let app = start_with(|settings| settings.server.read_deadline = millis(200)).await;
    let answer = app.client.get("/slow").await;
    assert_eq!(answer.problem(), (504, "DEADLINE_EXCEEDED"));
    assert_eq!(answer.header("retry-after"), "1");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_announced_or_not() {
    let app = start().await;
    let large = "x".repeat(2000);
    let announced = app
        .client
        .post_bytes("/things", "application/json", large.clone())
        .await;
    assert_eq!(announced.problem(), (413, "BODY_TOO_LARGE"));

    let pieces = tokio_stream::iter(["x".repeat(1000), large].map(Ok::<_, std::io::Error>));
    let streamed = app
        .client
        .request(Method::POST, "/things")
        .header("content-type", "application/json");
    let answer = app
        .client
        .send(streamed.body(reqwest::Body::wrap_stream(pieces)))
        .await;
    assert_eq!(answer.problem(), (413, "BODY_TOO_LARGE"));
}

#[tokio::test]
async fn whoever_sends_far_too_much_still_reads_why_it_is_refused() {
    let app = start().await;
    let mut client = TcpStream::connect(app.running.address())
        .await
        .expect("a connection");
    // More than any socket buffers; and the connection is good for another one.
    let body = vec![b'x'; 8 * 1024 * 1024];
    let head = format!(
        "POST /things HTTP/1.1\r\nhost: t\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    for _ in 0..2 {
        client
            .write_all(head.as_bytes())
            .await
            .expect("the head is taken");
        client.write_all(&body).await.expect("the body is taken");
        let mut answer = Vec::new();
        while !answer.ends_with(b"}") {
            assert_ne!(
                client.read_buf(&mut answer).await.expect("an answer"),
                0,
                "a whole answer"
            );
        }
        assert!(String::from_utf8_lossy(&answer).contains("BODY_TOO_LARGE"));
    }
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let app = start().await;
    let large = app
        .client
        .request(Method::GET, "/things")
        .header("x-large", "x".repeat(17_000));
    assert_eq!(app.client.send(large).await.problem(), (431, "HEADERS_TOO_LARGE"));

    let mut many = app.client.request(Method::GET, "/things");
    for number in 0..80 {
        many = many.header(format!("x-{number}"), "x");
    }
    assert_eq!(app.client.send(many).await.status, 431);
}

#[tokio::test]
async fn answers_tell_browsers_to_take_no_liberties() {
    let app = start().await;
    for path in ["/things", "/nowhere", "/panics", "/mine"] {
        let answer = app.client.get(path).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            (
                "content-security-policy",
                "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            ),
            ("strict-transport-security", ""),
        ] {
            assert_eq!(answer.header(name), value, "{path}");
        }
    }
}

#[tokio::test]
async fn over_https_browsers_are_told_never_to_use_anything_else() {
    let app = start_with(|settings| settings.server.https = true).await;
    let answer = app.client.get("/nowhere").await;
    assert_eq!(
        answer.header("strict-transport-security"),
        "max-age=31536000; includeSubDomains"
    );
}

#[tokio::test]
async fn a_token_has_to_be_there_and_look_like_one() {
    let app = start().await;
    let missing = app.client.get("/mine").await;
    assert_eq!(missing.problem(), (401, "TOKEN_MISSING"));
    assert_eq!(missing.header("www-authenticate"), "Bearer");

    assert_eq!(
        app.client.bearing("a b").get("/mine").await.problem(),
        (401, "TOKEN_INVALID")
    );
    assert_eq!(app.client.bearing("abc").get("/mine").await.ok(), "abc");
}

#[tokio::test]
async fn the_documentation_is_served_with_its_own_files_only() {
    let app = start().await;
    let document = app.client.get("/openapi.json").await.ok();
    assert_eq!(document["info"]["title"], "test-gateway");
    let answers = document["paths"]["/things"]["get"]["responses"]
        .as_object()
        .expect("answers");
    let statuses: Vec<_> = answers.keys().collect();
    assert_eq!(
        statuses,
        ["200", "304", "403", "422", "429", "431", "500", "503", "504"]
    );
    let problem = &document["components"]["responses"]["InvalidInput"]["content"]["application/problem+json"];
    assert_eq!(problem["schema"]["$ref"], "#/components/schemas/Problem");
    assert_eq!(problem["examples"]["INVALID_INPUT"]["value"]["status"], 422);

    let page = app.client.get("/docs/").await;
    let html = page.body.as_str().expect("a page");
    assert!(
        page.header("content-security-policy")
            .starts_with("default-src 'self'")
    );
    assert!(!html.contains("//cdn") && !html.contains("https://"), "{html}");
    app.client.get("/docs/swagger-ui-bundle.js").await.ok();
}

#[tokio::test]
async fn is_ready_only_while_the_core_is() {
    let app = start_with(|settings| settings.core.url = "http://127.0.0.1:1".to_owned()).await;
    let admin = test_kit::client::Client::of(app.running.admin_address());
    assert_eq!(admin.get("/livez").await.status, 200);
    let readiness = admin.get("/readyz").await;
    assert_eq!(
        (readiness.status, &readiness.body["checks"]["core"]["ready"]),
        (503, &false.into())
    );
    app.client.get("/nowhere").await;
    let metrics = admin.get("/metrics").await.body;
    assert!(
        metrics.as_str().expect("text").contains("http_requests_total"),
        "{metrics}"
    );
}
