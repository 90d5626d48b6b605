//! The log loses its end: an older backup of the database is restored. Nobody goes on with what never was.

use std::time::{Duration, Instant};

use core_service::repositories::changes::begin_anew;
use proto::changes::v1::Position;
use proto::changes::v1::subscribe_response::Event;

use super::{Follower, end, page, settled, told};
use crate::app::{Actor, App};

/// How soon everybody has to know.
const SOON: Duration = Duration::from_secs(5);

/// Takes the database back to how it was after `KEPT` changes.
async fn restore(app: &App) {
    app.database.execute("DELETE FROM change_log WHERE seq > 3").await;
    app.database.execute("DELETE FROM posts WHERE id > 2").await;
    let number = if app.is_postgres() {
        "UPDATE feed_head SET last_seq = 3"
    } else {
        "UPDATE sqlite_sequence SET seq = 3 WHERE name = 'change_log'"
    };
    app.database.execute(number).await;
}

const KEPT: i64 = 3;

/// A core whose log has the user `ada` and six posts; and where it ends.
async fn written() -> (App, Actor, Position) {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    for number in 0..6 {
        app.post(&ada, &format!("Post {number}"), &[]).await;
    }
    settled(&app).await;
    let end = end(&app).await;
    assert_eq!(end.seq, 7);
    (app, ada, end)
}

async fn resync(follower: &mut Follower) -> Position {
    loop {
        if let Event::Resync(place) = follower.next().await.unwrap() {
            return place;
        }
    }
}

#[tokio::test]
async fn everybody_who_follows_starts_over_soon() {
    let (app, ada, _) = written().await;
    let other = app.beside(|_| {}).await;
    let mut followers = [
        Follower::now(&app, &Actor::guest()).await,
        Follower::now(&app, &ada).await,
        Follower::now(&other, &Actor::guest()).await,
    ];
    restore(&app).await;
    let began = Instant::now();
    for follower in &mut followers {
        assert_eq!(resync(follower).await.seq, KEPT);
    }
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());

    app.post(&ada, "Another future", &[]).await;
    for follower in &mut followers {
        let change = follower.change().await;
        assert_eq!(
            (change.previous_seq, change.position.unwrap().seq),
            (KEPT, KEPT + 1)
        );
    }
}

/// Restores, and writes until all numbers that were lost have been given again, and some more. A core that knows of no more
/// than that.
async fn given_again(app: &App, ada: &Actor) -> App {
    restore(app).await;
    let fresh = app.beside(|_| {}).await;
    for number in 0..6 {
        fresh.post(ada, &format!("Other {number}"), &[]).await;
    }
    settled(&fresh).await;
    fresh
}

/// Whether somebody starts over who comes back to what was lost: as one who follows, and by pages.
async fn starts_over(app: &App, who: &Actor, lost: Position) -> [bool; 2] {
    assert!(end(app).await.seq > lost.seq);
    let mut follower = Follower::after(app, who, Some(lost)).await;
    let follows = follower.next().await.unwrap();
    let by_pages = page(app, who, Some(lost), 0).await;
    [follows == Event::Resync(end(app).await), by_pages.resync]
}

#[tokio::test]
async fn whoever_comes_back_starts_over() {
    let (app, ada, lost) = written().await;
    restore(&app).await;
    let fresh = app.beside(|_| {}).await;
    let mut follower = Follower::after(&fresh, &ada, Some(lost)).await;
    assert_eq!(follower.next().await.unwrap(), Event::Resync(end(&fresh).await));
}

#[tokio::test]
async fn whoever_comes_back_starts_over_even_where_the_numbers_have_been_given_again() {
    let (app, ada, lost) = written().await;
    let fresh = given_again(&app, &ada).await;
    assert_eq!(starts_over(&fresh, &ada, lost).await, [true, true]);
}

#[tokio::test]
async fn by_the_numbers_alone_somebody_goes_on_after_what_never_was() {
    // The mutant: a log that gives every change the same tag.
    const ALIKE: &str = "UPDATE change_log SET tag = 7";
    let (app, ada, lost) = written().await;
    given_again(&app, &ada).await;
    app.database.execute(ALIKE).await;
    let (blind, lost) = (app.beside(|_| {}).await, Position { tag: 7, ..lost });
    assert_eq!(starts_over(&blind, &ada, lost).await, [false, false]);
}

#[tokio::test]
async fn another_history_is_begun_where_something_is_written_that_tells_no_changes() {
    let (app, ada, before) = written().await;
    let mut follower = Follower::now(&app, &ada).await;
    app.db
        .write(|tx| async move { begin_anew(&*tx, 7).await })
        .await
        .unwrap();
    let place = resync(&mut follower).await;
    assert_eq!((place.epoch, place.seq), (7, before.seq));
    assert!(page(&app, &ada, Some(before), 0).await.resync);
    app.post(&ada, "And on", &[]).await;
    assert_eq!(told(&app, &ada, place).await.len(), 1);
}
