//! What the staff take away, and why.

use proto::posts::v1::{
    Comment, CreateCommentRequest, ListModerationsRequest, ListNewestCommentsRequest, ModerateCommentRequest,
    ModeratePostRequest, Moderation,
};
use tonic::{Code, Request};

use crate::app::{Actor, App, by_slug, refusal};

async fn comment(app: &App, by: &Actor, slug: &str, body: &str) -> Comment {
    let request = CreateCommentRequest {
        slug: slug.to_owned(),
        body: body.to_owned(),
    };
    let written = app.posts().create_comment(by.asks(request)).await;
    written.unwrap().into_inner()
}

fn post_away(slug: &str, reason: &str) -> ModeratePostRequest {
    ModeratePostRequest {
        slug: slug.to_owned(),
        reason: reason.to_owned(),
    }
}

fn comment_away(slug: &str, id: i64) -> ModerateCommentRequest {
    ModerateCommentRequest {
        slug: slug.to_owned(),
        id,
        reason: "Rude".to_owned(),
    }
}

async fn kept(app: &App, staff: &Actor) -> Vec<Moderation> {
    let all = ListModerationsRequest::default();
    let answer = app.moderation().list_moderations(staff.asks(all)).await;
    answer.unwrap().into_inner().moderations
}

#[tokio::test]
async fn a_post_that_is_taken_away_is_gone_and_its_reason_stays() {
    let app = App::start().await;
    let (ada, tim) = (app.reader("ada").await, app.staff("tim").await);
    app.post(&ada, "Buy Now", &[]).await;

    let request = tim.asks(post_away("buy-now", " An advertisement "));
    let answer = app
        .moderation()
        .moderate_post(request)
        .await
        .unwrap()
        .into_inner();

    assert_eq!(
        (&*answer.post_slug, &*answer.reason),
        ("buy-now", "An advertisement")
    );
    assert_eq!((answer.comment_id, &answer.comment_body), (None, &None));
    assert_eq!(answer.author.as_ref().unwrap().username, "ada");
    assert_eq!(answer.moderator.as_ref().unwrap().username, "tim");
    assert_eq!(kept(&app, &tim).await, [answer]);
    let gone = app.posts().get_post(ada.asks(by_slug("buy-now"))).await;
    assert_eq!(refusal(gone).0, Code::NotFound);
    let again = tim.asks(post_away("buy-now", "Twice"));
    assert_eq!(
        refusal(app.moderation().moderate_post(again).await).0,
        Code::NotFound
    );
}

#[tokio::test]
async fn a_comment_that_is_taken_away_is_no_longer_counted() {
    let app = App::start().await;
    let (ada, eve, tim) = (
        app.reader("ada").await,
        app.reader("eve").await,
        app.staff("tim").await,
    );
    app.post(&ada, "Talk", &[]).await;
    let rude = comment(&app, &eve, "talk", "Nonsense!").await;

    let request = tim.asks(comment_away("talk", rude.id));
    let answer = app
        .moderation()
        .moderate_comment(request)
        .await
        .unwrap()
        .into_inner();

    assert_eq!(
        (answer.comment_id, answer.comment_body.as_deref()),
        (Some(rude.id), Some("Nonsense!"))
    );
    assert_eq!(answer.author.as_ref().unwrap().username, "eve");
    assert_eq!(kept(&app, &tim).await, [answer]);
    assert_eq!(app.read("talk").await.comment_count, 0);
    let again = tim.asks(comment_away("talk", rude.id));
    assert_eq!(
        refusal(app.moderation().moderate_comment(again).await).0,
        Code::NotFound
    );
}

#[tokio::test]
async fn nothing_is_taken_away_without_a_reason() {
    let app = App::start().await;
    let (ada, tim) = (app.reader("ada").await, app.staff("tim").await);
    app.post(&ada, "Talk", &[]).await;
    let request = tim.asks(post_away("talk", " "));
    let (code, _, about) = refusal(app.moderation().moderate_post(request).await);
    assert_eq!(code, Code::InvalidArgument);
    assert_eq!(about, [("reason".to_owned(), "can't be blank".to_owned())]);
    assert_eq!(app.read("talk").await.slug, "talk");
    assert!(kept(&app, &tim).await.is_empty());
}

#[tokio::test]
async fn two_of_the_staff_at_once_take_it_away_once() {
    let app = App::start().await;
    let (ada, tim) = (app.reader("ada").await, app.staff("tim").await);
    app.post(&ada, "Talk", &[]).await;
    let rude = comment(&app, &ada, "talk", "Nonsense!").await;
    let (mut one, mut two) = (app.moderation(), app.moderation());
    let request = || tim.asks(comment_away("talk", rude.id));
    let (first, second) = tokio::join!(one.moderate_comment(request()), two.moderate_comment(request()));
    assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
    assert_eq!(kept(&app, &tim).await.len(), 1);
    assert_eq!(app.read("talk").await.comment_count, 0);
}

#[tokio::test]
async fn a_removal_that_is_sent_again_is_answered_as_before() {
    let app = App::start().await;
    let (ada, tim) = (app.reader("ada").await, app.staff("tim").await);
    app.post(&ada, "Talk", &[]).await;
    let request = || -> Request<ModeratePostRequest> {
        let mut request = tim.asks(post_away("talk", "Spam"));
        let key = "0192f0c1-7c1e-7e6b-9d8e-3a4b5c6d7e8f".parse().unwrap();
        request.metadata_mut().insert("idempotency-key", key);
        request
    };
    let first = app.moderation().moderate_post(request()).await.unwrap();
    let again = app.moderation().moderate_post(request()).await.unwrap();
    assert_eq!(first.into_inner(), again.into_inner());
    assert_eq!(kept(&app, &tim).await.len(), 1);
}

#[tokio::test]
async fn the_newest_comments_come_from_all_posts_that_are_there() {
    let app = App::start().await;
    let (ada, tim) = (app.reader("ada").await, app.staff("tim").await);
    for title in ["One", "Two", "Three"] {
        app.post(&ada, title, &[]).await;
        comment(&app, &ada, &title.to_lowercase(), title).await;
    }
    let away = tim.asks(post_away("two", "Spam"));
    app.moderation().moderate_post(away).await.unwrap();

    let page = |page_token| {
        tim.asks(ListNewestCommentsRequest {
            page_size: 1,
            page_token,
        })
    };
    let first = app
        .moderation()
        .list_newest_comments(page(String::new()))
        .await
        .unwrap()
        .into_inner();
    let second = page(first.next_page_token.clone());
    let second = app
        .moderation()
        .list_newest_comments(second)
        .await
        .unwrap()
        .into_inner();

    let seen = |posted: &proto::posts::v1::PostedComment| {
        let body = posted.comment.clone().unwrap_or_default().body;
        (posted.post_slug.clone(), posted.post_title.clone(), body)
    };
    let of = |slug: &str, title: &str| (slug.to_owned(), title.to_owned(), title.to_owned());
    assert_eq!(seen(&first.comments[0]), of("three", "Three"));
    assert_eq!(seen(&second.comments[0]), of("one", "One"));
    assert_eq!(second.next_page_token, "");
}
