//! Comments.

use serde_json::json;

use crate::harness::{App, refusal, text};

#[tokio::test]
async fn a_comment_is_seen_by_anyone_with_its_author() {
    let app = App::start().await;
    let (ada, bob) = (app.reader("ada").await, app.reader("bob").await);
    ada.writes("One", &[]).await;

    let comment = bob.comments("one", "Well said.").await;

    assert!(comment["id"].is_i64(), "{comment}");
    assert_eq!(text(&comment["createdAt"]).len(), 24);
    assert_eq!(comment["updatedAt"], comment["createdAt"]);
    assert_eq!(comment["body"], "Well said.");
    assert_eq!(
        comment["author"],
        json!({"username": "bob", "bio": null, "image": null, "following": false})
    );
    let path = "/api/articles/one/comments";
    assert_eq!(app.guest().get(path).await.ok(), json!({"comments": [comment]}));

    ada.follows(&bob).await;
    assert_eq!(
        ada.get(path).await.ok()["comments"][0]["author"]["following"],
        true
    );
}

#[tokio::test]
async fn more_comments_than_the_core_gives_at_once_all_come() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    ada.writes("One", &[]).await;
    for number in 0..101 {
        ada.comments("one", &format!("Number {number}")).await;
    }
    let comments = ada.get("/api/articles/one/comments").await.ok();
    let comments = comments["comments"].as_array().expect("a list");
    assert_eq!(comments.len(), 101);
    assert_eq!(comments[0]["body"], "Number 100");
    assert_eq!(comments[100]["body"], "Number 0");
}

#[tokio::test]
async fn a_blank_comment_is_refused() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    ada.writes("One", &[]).await;
    for comment in [
        json!({}),
        json!({"body": ""}),
        json!({"body": "\n "}),
        json!({"body": null}),
    ] {
        let answer = ada
            .post("/api/articles/one/comments", json!({"comment": comment}))
            .await;
        assert_eq!(refusal(answer), (422, json!({"body": ["can't be blank"]})));
    }
    let answer = ada
        .post("/api/articles/one/comments", json!({"comment": {"body": 1}}))
        .await;
    assert_eq!(refusal(answer), (422, json!({"body": ["has to be a string"]})));
}

#[tokio::test]
async fn only_its_author_takes_a_comment_away() {
    let app = App::start().await;
    let (ada, bob) = (app.reader("ada").await, app.reader("bob").await);
    ada.writes("One", &[]).await;
    ada.writes("Two", &[]).await;
    let comment = bob.comments("one", "Mine.").await;
    let path = format!("/api/articles/one/comments/{}", comment["id"]);

    assert_eq!(
        refusal(ada.delete(&path).await),
        (403, json!({"comment": ["forbidden"]}))
    );
    let elsewhere = format!("/api/articles/two/comments/{}", comment["id"]);
    assert_eq!(
        refusal(bob.delete(&elsewhere).await),
        (404, json!({"comment": ["not found"]}))
    );
    let gone = bob.delete(&path).await;
    assert_eq!((gone.status, gone.bytes), (204, 0));
    assert_eq!(
        refusal(bob.delete(&path).await),
        (404, json!({"comment": ["not found"]}))
    );
    let rest = app.guest().get("/api/articles/one/comments").await.ok();
    assert_eq!(rest, json!({"comments": []}));
}
