//! Following the feed.

use std::time::{Duration, Instant};

use core_service::models::change::Kind as Key;
use proto::changes::v1::subscribe_response::Event;
use proto::changes::v1::{Kind, Operation, Position};
use proto::posts::v1::{CreateCommentRequest, LikePostRequest};
use proto::users::v1::DeleteSessionRequest;
use tonic::Code;

use super::{Follower, end, page, settled, short, told};
use crate::app::{Actor, App, a_post, an_order};

#[tokio::test]
async fn hears_of_a_post_as_it_is_written() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let mut guest = Follower::now(&app, &Actor::guest()).await;
    let before = end(&app).await;

    let post = app.post(&ada, "On Kites", &[]).await;

    let change = guest.change().await;
    assert_eq!(short(&change), (Kind::Post, post.id, Operation::Created));
    assert_eq!(change.name, "on-kites");
    assert_eq!(change.touches, [Key::Post.one(post.id), Key::Post.all()]);
    assert_eq!(change.previous_seq, before.seq);
    assert_eq!(change.position.unwrap().seq, before.seq + 1);
}

#[tokio::test]
async fn hears_something_every_second_when_nothing_happens() {
    let app = App::start().await;
    let mut guest = Follower::now(&app, &Actor::guest()).await;
    let place = end(&app).await;
    for _ in 0..2 {
        assert_eq!(guest.next().await.unwrap(), Event::Heartbeat(place));
    }
}

#[tokio::test]
async fn is_told_what_is_public_and_what_is_their_own_and_the_staff_what_is_theirs() {
    let app = App::start().await;
    let (ada, eve, tim) = (
        app.reader("ada").await,
        app.reader("eve").await,
        app.staff("tim").await,
    );
    let book = app.book(&tim, "Emma", "Jane Austen").await;
    settled(&app).await;
    let before = end(&app).await;

    let order = app.order(&ada, &[(book.id, 1)]).await;

    let ordered = (Kind::Order, order.id, Operation::Created);
    let counted = (Kind::Book, book.id, Operation::Counted);
    for (who, expected) in [
        (&ada, vec![ordered, counted]),
        (&tim, vec![ordered, counted]),
        (&eve, vec![counted]),
        (&Actor::guest(), vec![counted]),
    ] {
        let pages: Vec<_> = told(&app, who, before).await.iter().map(short).collect();
        assert_eq!(pages, expected, "{} by pages", who.username);
        let mut follower = Follower::after(&app, who, Some(before)).await;
        for expected in expected {
            assert_eq!(short(&follower.change().await), expected, "{}", who.username);
        }
    }
}

#[tokio::test]
async fn goes_on_where_it_was_left_through_another_core() {
    let app = App::start().await;
    let other = app.beside(|_| {}).await;
    let ada = app.reader("ada").await;
    let mut follower = Follower::now(&app, &Actor::guest()).await;
    app.post(&ada, "One", &[]).await;
    let one = follower.change().await;
    drop(follower);

    app.post(&ada, "Two", &[]).await;
    let mut follower = Follower::after(&other, &Actor::guest(), one.position).await;
    assert_eq!(
        follower.next().await.unwrap(),
        Event::Heartbeat(one.position.unwrap())
    );
    let two = follower.change().await;
    assert_eq!(
        (two.name.as_str(), two.previous_seq),
        ("two", one.position.unwrap().seq)
    );
    // What one core writes, those who follow another one hear of.
    app.post(&ada, "Three", &[]).await;
    assert_eq!(follower.change().await.name, "three");
}

#[tokio::test]
async fn starts_over_where_the_log_does_not_go_on() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    for title in ["One", "Two", "Three"] {
        app.post(&ada, title, &[]).await;
    }
    let end = end(&app).await;
    let stranger = |seq, tag| Position { seq, tag, ..end };
    for place in [
        stranger(end.seq, end.tag ^ 1),
        stranger(end.seq - 1, end.tag),
        stranger(end.seq + 1, end.tag),
        stranger(-1, 0),
        Position {
            epoch: end.epoch ^ 1,
            ..end
        },
    ] {
        let mut follower = Follower::after(&app, &Actor::guest(), Some(place)).await;
        assert_eq!(follower.next().await.unwrap(), Event::Resync(end), "{place:?}");
        let page = page(&app, &Actor::guest(), Some(place), 0).await;
        assert!(page.resync && page.changes.is_empty(), "{place:?}");
        assert_eq!(page.next, Some(end), "{place:?}");
    }
}

#[tokio::test]
async fn reads_the_log_page_by_page_from_its_very_beginning() {
    let app = App::start().await;
    let beginning = end(&app).await;
    assert_eq!((beginning.seq, beginning.tag), (0, 0));
    let ada = app.reader("ada").await;
    for number in 0..7 {
        app.post(&ada, &format!("Post {number}"), &[]).await;
    }
    settled(&app).await;
    let mut place = Some(beginning);
    let mut sizes = Vec::new();
    let mut names = Vec::new();
    loop {
        let page = page(&app, &Actor::guest(), place, 3).await;
        sizes.push(page.changes.len());
        names.extend(page.changes.into_iter().map(|change| change.name));
        place = page.next;
        if !page.more {
            break;
        }
    }
    assert_eq!(sizes, [3, 3, 2]);
    assert_eq!(names[..3], ["ada", "post-0", "post-1"]);
    assert_eq!(place, Some(end(&app).await));
}

#[tokio::test]
async fn what_one_is_not_told_moves_one_on_all_the_same() {
    let app = App::start().await;
    let (ada, eve) = (app.reader("ada").await, app.reader("eve").await);
    settled(&app).await;
    let before = end(&app).await;
    let follow = proto::users::v1::FollowRequest {
        username: "eve".to_owned(),
        ..Default::default()
    };
    app.users().follow(ada.asks(follow)).await.unwrap();
    assert_eq!(told(&app, &ada, before).await.len(), 1);
    let page = page(&app, &eve, Some(before), 0).await;
    assert_eq!((page.changes.len(), page.next.unwrap().seq), (0, before.seq + 1));
    let mut follower = Follower::after(&app, &eve, Some(before)).await;
    follower.next().await.unwrap();
    assert_eq!(follower.next().await.unwrap(), Event::Heartbeat(end(&app).await));
}

#[tokio::test]
async fn ends_within_a_second_of_the_session() {
    let app = App::start().await;
    let mut guest = Follower::now(&app, &Actor::guest()).await;
    // A machine that does much else may take longer now and then.
    let mut fastest = Duration::MAX;
    for name in ["ada", "eve", "joe", "tim", "zoe"] {
        let reader = app.reader(name).await;
        let mut follower = Follower::now(&app, &reader).await;
        let began = Instant::now();
        let request = reader.asks(DeleteSessionRequest {});
        app.sessions().delete_session(request).await.unwrap();
        assert_eq!(follower.end().await.code(), Code::Unauthenticated);
        fastest = fastest.min(began.elapsed());
        if fastest < Duration::from_secs(1) {
            break;
        }
    }
    assert!(fastest < Duration::from_secs(1), "{fastest:?}");
    assert!(guest.next().await.is_ok());
}

#[tokio::test]
async fn one_who_was_away_for_too_long_starts_over() {
    let app = App::start_with(|settings| settings.changes.kept = 3).await;
    let ada = app.reader("ada").await;
    let before = end(&app).await;
    for number in 0..5 {
        app.post(&ada, &format!("Post {number}"), &[]).await;
    }
    settled(&app).await;
    let kept = Position {
        seq: end(&app).await.seq - 2,
        ..told(&app, &ada, before).await[2].position.unwrap()
    };
    app.services.feed.prune().await.unwrap();

    let fresh = app.beside(|_| {}).await;
    let mut late = Follower::after(&fresh, &ada, Some(before)).await;
    assert_eq!(late.next().await.unwrap(), Event::Resync(end(&app).await));
    assert!(page(&app, &ada, Some(before), 0).await.resync);
    let in_time = told(&fresh, &ada, kept).await;
    assert_eq!(in_time.len(), 2);
}

#[tokio::test]
async fn one_who_does_not_keep_up_is_cut_off_and_goes_on_from_where_they_were() {
    let app = App::start_with(|settings| settings.changes.in_memory = 20).await;
    let ada = app.reader("ada").await;
    let post = app.post(&ada, "Hot", &[]).await;
    let mut slow = Follower::now(&app, &Actor::guest()).await;
    let mut quick = Follower::now(&app, &Actor::guest()).await;
    let begun_at = end(&app).await;

    // As much as no connection holds for somebody who does not read.
    let told = app.services.feed.clone();
    let count = 30_000;
    app.db
        .write(move |tx| async move {
            use core_service::models::change::{Kind, NewChange, Operation};
            use core_service::repositories::changes;
            for _ in 0..count / 1_000 {
                let change = NewChange::public(Kind::Post, post.id, Operation::Counted);
                changes::insert(&*tx, vec![change; 1_000]).await?;
            }
            Ok(())
        })
        .await
        .unwrap();
    while told.head().seq < begun_at.seq + count {
        told.settle().await;
    }

    for follower in [&mut slow, &mut quick] {
        let mut last = begun_at;
        let cut_off = loop {
            match follower.next().await {
                Ok(Event::Change(change)) => {
                    assert_eq!(change.previous_seq, last.seq);
                    last = change.position.unwrap();
                }
                Ok(_) => {}
                Err(status) => break status,
            }
        };
        assert_eq!(cut_off.code(), Code::ResourceExhausted);
        let mut again = Follower::after(&app, &Actor::guest(), Some(last)).await;
        let mut seen = last.seq;
        while seen < begun_at.seq + count {
            match again.next().await {
                Ok(Event::Change(change)) => {
                    assert_eq!(change.previous_seq, seen);
                    seen += 1;
                }
                Ok(_) => {}
                Err(status) => {
                    assert_eq!(status.code(), Code::ResourceExhausted);
                    let place = super::page(&app, &Actor::guest(), Some(last), 1).await.next;
                    again = Follower::after(&app, &Actor::guest(), place).await;
                    seen = place.unwrap().seq;
                }
            }
        }
    }
}

#[tokio::test]
async fn a_write_says_how_far_the_log_has_come_with_it() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    // On a machine that is very busy a write may take too long to find out.
    let position = loop {
        let written = app.posts().create_post(ada.asks(a_post("Kites"))).await.unwrap();
        let position = written.metadata().get("change-position").unwrap();
        if position != "unknown" {
            break position.to_str().unwrap().to_owned();
        }
    };
    let (epoch, seq) = position.split_once('.').unwrap();
    let here = end(&app).await;
    assert_eq!(
        (u64::from_str_radix(epoch, 16).unwrap(), epoch.len()),
        (here.epoch, 16)
    );
    assert_eq!(seq.parse::<i64>().unwrap(), here.seq);
    assert_eq!(app.services.feed.head().seq, here.seq);
}

#[tokio::test]
async fn hears_of_comments_and_likes_by_their_post() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let post = app.post(&ada, "Hot", &[]).await;
    let mut follower = Follower::now(&app, &ada).await;
    let comment = CreateCommentRequest {
        slug: "hot".to_owned(),
        body: "Well".to_owned(),
    };
    let comment = app
        .posts()
        .create_comment(ada.asks(comment))
        .await
        .unwrap()
        .into_inner();
    let like = LikePostRequest {
        slug: "hot".to_owned(),
        ..Default::default()
    };
    app.posts().like_post(ada.asks(like)).await.unwrap();

    let change = follower.change().await;
    assert_eq!(short(&change), (Kind::Comment, comment.id, Operation::Created));
    assert_eq!(change.parent_id, Some(post.id));
    assert!(change.touches.contains(&Key::Post.one(post.id)));
    let counted = follower.change().await;
    assert_eq!(short(&counted), (Kind::Post, post.id, Operation::Counted));
    let liked = follower.change().await;
    assert_eq!(short(&liked), (Kind::Like, post.id, Operation::Created));
}

#[tokio::test]
async fn an_order_that_fails_tells_nothing() {
    let app = App::start().await;
    let (ada, tim) = (app.reader("ada").await, app.staff("tim").await);
    let book = app.book(&tim, "Emma", "Jane Austen").await;
    settled(&app).await;
    let before = end(&app).await;
    let too_many = an_order(&[(book.id, 99)]);
    app.orders().place_order(ada.asks(too_many)).await.unwrap_err();
    assert_eq!(told(&app, &tim, before).await, []);
}
