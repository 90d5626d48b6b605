//! The counters of posts: exact at any time, and nobody waits for anybody.

use core_service::services::counts::fold;
use proto::posts::v1::{CreateCommentRequest, LikePostRequest, UnlikePostRequest};

use crate::app::{Actor, App};

fn like(slug: &str) -> LikePostRequest {
    LikePostRequest {
        slug: slug.to_owned(),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_like_counts_once_however_often_it_is_repeated() {
    let app = App::start().await;
    let (ada, eve) = (app.reader("ada").await, app.reader("eve").await);
    app.post(&ada, "Hot", &[]).await;
    for who in [&ada, &eve, &eve] {
        app.posts().like_post(who.asks(like("hot"))).await.unwrap();
    }
    assert_eq!(app.read("hot").await.like_count, 2);
    for _ in 0..2 {
        app.posts()
            .unlike_post(eve.asks(UnlikePostRequest {
                slug: "hot".to_owned(),
                ..Default::default()
            }))
            .await
            .unwrap();
    }
    assert_eq!(app.read("hot").await.like_count, 1);
}

#[tokio::test]
async fn counts_are_the_same_before_and_after_folding() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    app.post(&ada, "Hot", &[]).await;
    app.posts().like_post(ada.asks(like("hot"))).await.unwrap();
    let comment = CreateCommentRequest {
        slug: "hot".to_owned(),
        body: "Well".to_owned(),
    };
    app.posts().create_comment(ada.asks(comment)).await.unwrap();
    let before = app.read("hot").await;
    assert_eq!(fold(&app.db).await.unwrap(), 2);
    assert_eq!(app.read("hot").await, before);
    assert_eq!(fold(&app.db).await.unwrap(), 0);
}

#[tokio::test]
async fn many_writers_and_two_folders_at_once_lose_nothing() {
    let app = App::start().await;
    let author = app.reader("author").await;
    app.post(&author, "Hot", &[]).await;
    let mut fans = Vec::new();
    for number in 0..32 {
        fans.push(app.reader(&format!("fan{number}")).await);
    }
    let folding = async || {
        for _ in 0..20 {
            // Two folds can meet in a deadlock, which undoes one of them; it is simply tried again.
            let _ = fold(&app.db).await;
        }
    };
    let liking = futures_util::future::join_all(fans.iter().map(|fan| likes(&app, fan)));
    let ((), (), _) = tokio::join!(folding(), folding(), liking);
    assert_eq!(app.read("hot").await.like_count, 32);
    fold(&app.db).await.unwrap();
    assert_eq!(app.read("hot").await.like_count, 32);
}

async fn likes(app: &App, fan: &Actor) {
    app.posts().like_post(fan.asks(like("hot"))).await.unwrap();
}

#[tokio::test]
async fn a_writer_who_has_not_finished_keeps_nobody_waiting() {
    use core_service::repositories::{counts, likes};
    let app = App::start().await;
    if !app.is_postgres() {
        return; // SQLite has one writer at a time, by design.
    }
    let (ada, eve) = (app.reader("ada").await, app.reader("eve").await);
    let post = app.post(&ada, "Hot", &[]).await;
    let (liked, is_liked) = tokio::sync::oneshot::channel();
    let (finish, may_finish) = tokio::sync::oneshot::channel();
    let slow = app.db.write(move |tx| async move {
        likes::insert(&*tx, post.id, ada.id).await?;
        counts::insert(&*tx, post.id, 1, 0).await?;
        liked.send(()).unwrap();
        may_finish.await.unwrap();
        Ok(())
    });
    let quick = async {
        is_liked.await.unwrap();
        app.posts().like_post(eve.asks(like("hot"))).await.unwrap();
        fold(&app.db).await.unwrap();
        assert_eq!(app.read("hot").await.like_count, 1);
        finish.send(()).unwrap();
    };
    let (slow, ()) = tokio::join!(slow, quick);
    slow.unwrap();
    assert_eq!(app.read("hot").await.like_count, 2);
}
