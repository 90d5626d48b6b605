//! Profiles, and following.

use serde_json::json;

use crate::harness::App;

#[tokio::test]
async fn a_profile_can_be_seen_by_anyone_in_any_case() {
    let app = App::start().await;
    app.reader("Ada").await;
    let profile = json!({"profile": {"username": "Ada", "bio": null, "image": null, "following": false}});
    assert_eq!(app.guest().get("/api/profiles/ADA").await.ok(), profile);
    let bob = app.reader("bob").await;
    assert_eq!(bob.get("/api/profiles/ada").await.ok(), profile);
}

#[tokio::test]
async fn following_and_its_end_can_be_repeated() {
    let app = App::start().await;
    let (_ada, bob) = (app.reader("ada").await, app.reader("bob").await);
    for _ in 0..2 {
        let answer = bob.post_nothing("/api/profiles/ada/follow").await.ok();
        assert_eq!(answer["profile"]["following"], true);
    }
    assert_eq!(
        bob.get("/api/profiles/ada").await.ok()["profile"]["following"],
        true
    );
    let as_guest = app.guest().get("/api/profiles/ada").await.ok();
    assert_eq!(as_guest["profile"]["following"], false);
    for _ in 0..2 {
        let answer = bob.delete("/api/profiles/ada/follow").await.ok();
        assert_eq!(answer["profile"]["following"], false);
    }
}

#[tokio::test]
async fn a_follow_shows_at_once_in_the_feed_and_beside_every_article() {
    let app = App::start().await;
    let (ada, bob) = (app.reader("ada").await, app.reader("bob").await);
    ada.writes("First", &[]).await;
    app.reader("eve").await.writes("Not followed", &[]).await;
    assert_eq!(bob.titles("/api/articles/feed").await, (vec![], 0));

    bob.follows(&ada).await;
    ada.writes("Second", &[]).await;

    let feed = bob.titles("/api/articles/feed").await;
    assert_eq!(feed, (vec!["Second".to_owned(), "First".to_owned()], 2));
    assert_eq!(bob.article("first").await["author"]["following"], true);
    let list = bob.get("/api/articles").await.ok();
    assert_eq!(list["articles"][0]["author"]["following"], true);
    assert_eq!(list["articles"][1]["author"]["following"], false);

    bob.delete("/api/profiles/ada/follow").await.ok();
    assert_eq!(bob.titles("/api/articles/feed").await, (vec![], 0));
}

#[tokio::test]
async fn a_feed_comes_in_parts() {
    let app = App::start().await;
    let (ada, bob) = (app.reader("ada").await, app.reader("bob").await);
    bob.follows(&ada).await;
    for title in ["A", "B", "C"] {
        ada.writes(title, &[]).await;
    }
    let part = bob.titles("/api/articles/feed?limit=1&offset=1").await;
    assert_eq!(part, (vec!["B".to_owned()], 3));
}
