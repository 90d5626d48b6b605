//! Input of every bad kind, and what clients are told about it.

use serde_json::json;

use crate::harness::start;

#[tokio::test]
async fn good_input_comes_through() {
    let app = start().await;
    let thing = json!({
        "title": "Ada", "year": 1815.0, "priceCents": 1, "parts": [{"name": "a"}],
        "maker": {"name": "b"}, "kind": "fancy",
    });
    let answer = app.client.post("/things", thing).await.ok();
    assert_eq!(answer["year"], 1815);
    assert_eq!(answer["maker"]["name"], "b");
}

#[tokio::test]
async fn everything_that_is_wrong_is_reported_at_once() {
    let app = start().await;
    let thing = json!({
        "title": 7, "year": "old", "parts": [{"name": "a"}, {"nam": "b"}, 3], "maker": {"name": null},
        "kind": "odd", "extra": 1,
    });
    let answer = app.client.post("/things", thing).await;
    assert_eq!(answer.problem(), (422, "INVALID_INPUT"));
    let mut errors = answer.errors();
    errors.sort();
    insta::assert_json_snapshot!(errors, @r#"
    [
      "extra is unknown",
      "kind has to be one of plain, fancy",
      "maker.name can't be null",
      "parts[1].nam is unknown",
      "parts[1].name is missing",
      "parts[2] has to be an object",
      "priceCents is missing",
      "title has to be a string",
      "year has to be a whole number"
    ]
    "#);
}

#[tokio::test]
async fn rules_of_the_schema_are_enforced() {
    let app = start().await;
    let thing = |title: &str, year: i64| json!({"title": title, "year": year, "priceCents": 1, "parts": []});
    let errors = app.client.post("/things", thing("", i64::MAX)).await.errors();
    assert_eq!(
        errors,
        ["title can't be blank", "year has to be at most 2147483647"]
    );
    let errors = app.client.post("/things", thing("too long", 1)).await.errors();
    assert_eq!(errors, ["title is too long (at most 5 characters)"]);
}

#[tokio::test]
async fn a_body_that_is_no_json_is_told_where() {
    let app = start().await;
    for (bytes, detail) in [
        (&b""[..], "The body is empty."),
        (b"{\"title\": \n }", "Line 2, column 2: expected value."),
        (b"{\"a\":\"\xff\"}", "The body is not UTF-8 from byte 7 on."),
        (b"{} {}", "Line 1, column 4: trailing characters."),
    ] {
        let answer = app.client.post_bytes("/things", "application/json", bytes).await;
        assert_eq!(answer.problem(), (400, "MALFORMED_BODY"));
        assert_eq!(answer.body["detail"], detail);
    }
    let deep = "[".repeat(1000);
    assert_eq!(
        app.client
            .post_bytes("/things", "application/json", deep)
            .await
            .status,
        400
    );
    assert_eq!(
        app.client.post("/things", json!([1])).await.errors(),
        [" has to be an object"]
    );
}

#[tokio::test]
async fn a_body_has_to_say_that_it_is_json() {
    let app = start().await;
    for content_type in [
        "text/plain",
        "",
        "application/x-www-form-urlencoded",
        "application/jsonx",
    ] {
        let answer = app.client.post_bytes("/things", content_type, "{}").await;
        assert_eq!(
            answer.problem(),
            (415, "UNSUPPORTED_MEDIA_TYPE"),
            "{content_type}"
        );
    }
    let answer = app
        .client
        .post_bytes("/things", "Application/JSON; charset=utf-8", "{}")
        .await;
    assert_eq!(answer.status, 422);
}

#[tokio::test]
async fn a_query_is_read_by_its_schema() {
    let app = start().await;
    assert_eq!(app.client.get("/things").await.ok(), json!([20, "", null, null]));
    let answer = app
        .client
        .get("/things?first=500&after=ab_-&tag=42&sold=true")
        .await
        .ok();
    assert_eq!(answer, json!([100, "ab_-", "42", true]));
}

#[tokio::test]
async fn a_bad_query_names_its_parameters() {
    let app = start().await;
    for (query, error) in [
        ("first=many", "first has to be a whole number"),
        ("first=0", "first has to be at least 1"),
        ("first=-3", "first has to be at least 1"),
        ("first=99999999999999999999", "first has to be a whole number"),
        ("sold=perhaps", "sold has to be true or false"),
        ("after=a%20b", "after has characters that cannot be in it"),
        ("page=2", "page is unknown"),
        ("tag=a&tag=b", "tag is given more than once"),
        ("tag=%ff%fe", "tag is not UTF-8"),
        ("tag=%00", "tag has a NUL character"),
    ] {
        let answer = app.client.get(&format!("/things?{query}")).await;
        assert_eq!(answer.problem(), (422, "INVALID_INPUT"), "{query}");
        assert_eq!(answer.errors()[0], error, "{query}");
    }
}

#[tokio::test]
async fn a_path_of_a_wrong_type_does_not_exist() {
    let app = start().await;
    assert_eq!(
        app.client.get("/things/7").await.ok(),
        json!([7, "1970-01-01T00:00:00.000Z"])
    );
    for id in ["x", "1.5", "99999999999999999999", "%ff", "%00"] {
        assert_eq!(
            app.client.get(&format!("/things/{id}")).await.problem(),
            (404, "NOT_FOUND"),
            "{id}"
        );
    }
}
