//! One article: writing, reading, changing, favouring.

use serde_json::{Value, json};

use crate::harness::{App, refusal, slug, text};

#[tokio::test]
async fn a_new_article_is_read_as_it_was_written_by_anyone() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let article = ada.writes("On Engines", &["zeta", "alpha"]).await;

    let mut shape = article.clone();
    for time in ["createdAt", "updatedAt"] {
        let moment = text(&shape[time]);
        assert!(
            moment.len() == 24 && moment.ends_with('Z'),
            "{moment} has milliseconds"
        );
        shape[time] = "…".into();
    }
    assert_eq!(
        shape,
        json!({
            "slug": "on-engines",
            "title": "On Engines",
            "description": "About it.",
            "body": "The text.",
            "tagList": ["zeta", "alpha"],
            "createdAt": "…",
            "updatedAt": "…",
            "favorited": false,
            "favoritesCount": 0,
            "author": {"username": "ada", "bio": null, "image": null, "following": false},
        })
    );
    assert_eq!(app.guest().article("on-engines").await, article);
    assert_eq!(app.reader("bob").await.article("on-engines").await, article);
}

#[tokio::test]
async fn the_time_of_writing_is_the_same_text_in_every_answer() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let article = ada.writes("One", &[]).await;
    let written = &article["createdAt"];
    let list = app.guest().get("/api/articles").await.ok();
    assert_eq!(&list["articles"][0]["createdAt"], written);
    assert_eq!(&ada.article("one").await["createdAt"], written);
    let favored = ada.post_nothing("/api/articles/one/favorite").await.ok();
    assert_eq!(&favored["article"]["createdAt"], written);
    let changed = ada
        .put("/api/articles/one", json!({"article": {"body": "New."}}))
        .await
        .ok();
    assert_eq!(&changed["article"]["createdAt"], written);

    let comment = ada.comments("one", "Well.").await;
    let comments = app.guest().get("/api/articles/one/comments").await.ok();
    assert_eq!(comments["comments"][0], comment);
}

#[tokio::test]
async fn equal_titles_get_slugs_of_their_own() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let (first, second) = (ada.writes("Same", &[]).await, ada.writes("Same", &[]).await);
    assert_ne!(slug(&first), slug(&second));
    assert_eq!(ada.article(&slug(&second)).await["title"], "Same");
}

#[tokio::test]
async fn the_slug_follows_a_changed_title() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    ada.writes("Old Name", &["kept"]).await;

    let changes = json!({"article": {"title": "New Name"}});
    let changed = ada.put("/api/articles/old-name", changes).await.ok()["article"].clone();

    assert_eq!(
        (slug(&changed).as_str(), &changed["title"]),
        ("new-name", &json!("New Name"))
    );
    assert_eq!(
        (&changed["body"], &changed["tagList"]),
        (&json!("The text."), &json!(["kept"]))
    );
    assert_eq!(app.guest().article("new-name").await, changed);
    assert_eq!(app.guest().get("/api/articles/old-name").await.status, 404);
}

#[tokio::test]
async fn every_update_is_seen_in_the_time_of_change() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let mut before = ada.writes("One", &[]).await["updatedAt"].clone();
    for body in ["Second.", "Third."] {
        let changes = json!({"article": {"body": body}});
        let changed = ada.put("/api/articles/one", changes).await.ok()["article"].clone();
        assert!(text(&changed["updatedAt"]) > text(&before), "{before}");
        before = changed["updatedAt"].clone();
    }
}

#[tokio::test]
async fn tags_are_kept_removed_or_refused() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    ada.writes("One", &["b", "a"]).await;
    let update = async |article: Value| ada.put("/api/articles/one", json!({"article": article})).await;

    assert_eq!(
        update(json!({"body": "x"})).await.ok()["article"]["tagList"],
        json!(["b", "a"])
    );
    assert_eq!(
        update(json!({"tagList": ["c", "a"]})).await.ok()["article"]["tagList"],
        json!(["c", "a"])
    );
    assert_eq!(
        refusal(update(json!({"tagList": null})).await),
        (422, json!({"tagList": ["has to be a list of strings"]}))
    );
    assert_eq!(app.guest().article("one").await["tagList"], json!(["c", "a"]));
    assert_eq!(
        update(json!({"tagList": []})).await.ok()["article"]["tagList"],
        json!([])
    );
    assert_eq!(app.guest().article("one").await["tagList"], json!([]));
}

#[tokio::test]
async fn an_article_needs_no_tags_and_may_bring_fields_that_we_do_not_know() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let article = json!({"more": 1, "article": {
        "title": "One", "description": "d", "body": "b", "slug": "mine", "favoritesCount": 9, "author": {},
    }});
    let answer = ada.post("/api/articles", article).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let article = &answer.body["article"];
    assert_eq!(
        (&article["slug"], &article["favoritesCount"], &article["tagList"]),
        (&json!("one"), &json!(0), &json!([]))
    );
    ada.put("/api/articles/one", answer.body.clone()).await.ok();
}

#[tokio::test]
async fn a_deleted_article_is_gone_for_everybody_everywhere() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    ada.writes("One", &["only-here"]).await;

    let answer = ada.delete("/api/articles/one").await;
    assert_eq!((answer.status, answer.bytes), (204, 0));

    let gone = (404, json!({"article": ["not found"]}));
    assert_eq!(refusal(app.guest().get("/api/articles/one").await), gone);
    assert_eq!(refusal(ada.delete("/api/articles/one").await), gone);
    assert_eq!(refusal(app.guest().get("/api/articles/one/comments").await), gone);
    assert_eq!(app.guest().titles("/api/articles").await, (vec![], 0));
    assert_eq!(app.guest().get("/api/tags").await.ok(), json!({"tags": []}));
}

#[tokio::test]
async fn favouring_and_its_end_can_be_repeated_and_count_once() {
    let app = App::start().await;
    let (ada, bob) = (app.reader("ada").await, app.reader("bob").await);
    ada.writes("One", &[]).await;
    let path = "/api/articles/one/favorite";
    for _ in 0..2 {
        let article = bob.post_nothing(path).await.ok()["article"].clone();
        assert_eq!(
            (&article["favorited"], &article["favoritesCount"]),
            (&json!(true), &json!(1))
        );
        assert_eq!(article["body"], "The text.");
    }
    assert_eq!(ada.post_nothing(path).await.ok()["article"]["favoritesCount"], 2);
    assert_eq!(app.guest().article("one").await["favorited"], false);
    assert_eq!(bob.article("one").await["favorited"], true);
    let changed = bob.get("/api/articles").await.ok();
    assert_eq!(changed["articles"][0]["favorited"], true);
    for _ in 0..2 {
        let article = bob.delete(path).await.ok()["article"].clone();
        assert_eq!(
            (&article["favorited"], &article["favoritesCount"]),
            (&json!(false), &json!(1))
        );
    }
    let kept = ada
        .put("/api/articles/one", json!({"article": {"body": "New."}}))
        .await
        .ok();
    assert_eq!(
        (&kept["article"]["favorited"], &kept["article"]["favoritesCount"]),
        (&json!(true), &json!(1))
    );
}
