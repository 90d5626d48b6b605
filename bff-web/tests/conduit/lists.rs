//! Lists of articles, and tags.

use serde_json::json;

use crate::harness::App;

fn owned(titles: &[&str]) -> Vec<String> {
    titles.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_list_is_newest_first_without_texts_and_says_how_many_there_are() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    for number in 1..=21 {
        ada.writes(&format!("Number {number}"), &[]).await;
    }
    let guest = app.guest();
    let list = guest.get("/api/articles").await.ok();
    assert_eq!(list["articlesCount"], 21);
    let articles = list["articles"].as_array().expect("a list");
    assert_eq!(articles.len(), 20);
    assert_eq!(articles[0]["title"], "Number 21");
    assert!(articles.iter().all(|article| article.get("body").is_none()));

    let part = guest.titles("/api/articles?limit=2&offset=1").await;
    assert_eq!(part, (owned(&["Number 20", "Number 19"]), 21));
    assert_eq!(guest.titles("/api/articles?offset=21").await, (vec![], 21));
    assert_eq!(guest.titles("/api/articles?limit=1000").await.0.len(), 21);
}

#[tokio::test]
async fn lists_can_be_of_a_tag_an_author_or_what_somebody_favors() {
    let app = App::start().await;
    let (ada, bob) = (app.reader("ada").await, app.reader("bob").await);
    ada.writes("A", &["x", "y"]).await;
    ada.writes("B", &["y"]).await;
    bob.writes("C", &["x"]).await;
    bob.post_nothing("/api/articles/a/favorite").await.ok();
    let guest = app.guest();
    for (query, titles) in [
        ("tag=x", &["C", "A"][..]),
        ("author=ADA", &["B", "A"]),
        ("favorited=bob", &["A"]),
        ("tag=x&author=ada", &["A"]),
        ("tag=none", &[]),
        ("author=nobody", &[]),
        ("favorited=nobody", &[]),
        ("favorited=ada", &[]),
    ] {
        let (found, count) = guest.titles(&format!("/api/articles?{query}")).await;
        assert_eq!((found, count), (owned(titles), titles.len() as i64), "{query}");
    }
}

#[tokio::test]
async fn tags_are_all_there_as_soon_as_they_are_used() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    assert_eq!(app.guest().get("/api/tags").await.ok(), json!({"tags": []}));
    let many: Vec<_> = (10..30).map(|number| format!("tag-{number}")).collect();
    ada.writes("Many", &many.iter().map(String::as_str).collect::<Vec<_>>())
        .await;
    ada.writes("One", &["rare", "tag-10"]).await;

    let tags = app.guest().get("/api/tags").await.ok();

    assert_eq!(tags["tags"].as_array().map(Vec::len), Some(21));
    assert!(
        tags["tags"]
            .as_array()
            .is_some_and(|tags| tags.contains(&json!("rare")))
    );
}
