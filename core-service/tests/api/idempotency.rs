//! Calls that arrive more than once and have their effect once.

use proto::posts::v1::{Comment, CreateCommentRequest, ListCommentsRequest, Post};
use proto::users::v1::RegisterRequest;
use time::Duration;
use tonic::{Code, Request, Response, Status};

use crate::app::{Actor, App, PASSWORD, a_post, refusal};

const KEY: &str = "0192f0c1-7c1e-7e6b-9d8e-3a4b5c6d7e8f";

pub fn keyed<T>(key: &str, mut request: Request<T>) -> Request<T> {
    request
        .metadata_mut()
        .insert("idempotency-key", key.parse().unwrap());
    request
}

pub fn was_replayed<T>(answer: &Response<T>) -> bool {
    answer.metadata().contains_key("idempotency-replayed")
}

async fn comment(app: &App, by: &Actor, key: &str, body: &str) -> Result<Response<Comment>, Status> {
    let request = CreateCommentRequest {
        slug: "hot".to_owned(),
        body: body.to_owned(),
    };
    app.posts().create_comment(keyed(key, by.asks(request))).await
}

async fn comments(app: &App) -> usize {
    let request = ListCommentsRequest {
        slug: "hot".to_owned(),
        ..Default::default()
    };
    let list = app.posts().list_comments(request).await.unwrap();
    list.into_inner().comments.len()
}

#[tokio::test]
async fn the_same_call_again_has_the_same_answer_and_no_effect() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    app.post(&ada, "Hot", &[]).await;

    let first = comment(&app, &ada, KEY, "Once.").await.unwrap();
    let again = comment(&app, &ada, KEY, "Once.").await.unwrap();

    assert!(!was_replayed(&first) && was_replayed(&again));
    assert_eq!(first.into_inner(), again.into_inner());
    assert_eq!(comments(&app).await, 1);
}

#[tokio::test]
async fn an_answer_stays_what_it_was_when_the_world_goes_on() {
    let app = App::start().await;
    let (ada, eve) = (app.reader("ada").await, app.reader("eve").await);
    app.post(&ada, "Hot", &[]).await;
    let like = || proto::posts::v1::LikePostRequest {
        slug: "hot".to_owned(),
        ..Default::default()
    };
    let like = async |by: &Actor| -> Post {
        let request = keyed(KEY, by.asks(like()));
        app.posts().like_post(request).await.unwrap().into_inner()
    };
    let before = like(&ada).await;
    assert_eq!(like(&eve).await.like_count, 2);
    assert_eq!(like(&ada).await, before);
    assert_eq!(before.like_count, 1);
}

#[tokio::test]
async fn a_key_stands_for_one_call_only() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    app.post(&ada, "Hot", &[]).await;
    comment(&app, &ada, KEY, "Once.").await.unwrap();

    let other_body = refusal(comment(&app, &ada, KEY, "Twice.").await);
    let other_method = refusal(
        app.posts()
            .create_post(keyed(KEY, ada.asks(a_post("Cold"))))
            .await,
    );

    for (code, reason, _) in [other_body, other_method] {
        assert_eq!((code, reason.as_str()), (Code::InvalidArgument, "KEY_REUSED"));
    }
    assert_eq!(comments(&app).await, 1);
}

#[tokio::test]
async fn two_people_may_choose_the_same_key() {
    let app = App::start().await;
    let (ada, eve) = (app.reader("ada").await, app.reader("eve").await);
    app.post(&ada, "Hot", &[]).await;
    comment(&app, &ada, KEY, "Mine.").await.unwrap();
    assert!(!was_replayed(&comment(&app, &eve, KEY, "Mine.").await.unwrap()));
    assert_eq!(comments(&app).await, 2);
}

#[tokio::test]
async fn a_call_that_failed_leaves_its_key_free() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let missing = refusal(comment(&app, &ada, KEY, "Too early.").await);
    assert_eq!(missing.0, Code::NotFound);
    app.post(&ada, "Hot", &[]).await;
    assert!(!was_replayed(
        &comment(&app, &ada, KEY, "Too early.").await.unwrap()
    ));
}

#[tokio::test]
async fn the_same_call_many_times_at_once_has_one_effect() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    app.post(&ada, "Hot", &[]).await;
    let calls = (0..16).map(|_| comment(&app, &ada, KEY, "At once."));
    let answers = futures_util::future::join_all(calls).await;
    let mut first = None;
    for answer in answers {
        let answer = answer.unwrap().into_inner();
        assert_eq!(*first.get_or_insert(answer.clone()), answer);
    }
    assert_eq!(comments(&app).await, 1);
}

#[tokio::test]
async fn somebody_who_registers_twice_has_one_account() {
    let app = App::start().await;
    let register = || {
        let request = RegisterRequest {
            username: "ada".to_owned(),
            email: "ada@example.com".to_owned(),
            password: PASSWORD.to_owned(),
            name: String::new(),
        };
        keyed(KEY, Request::new(request))
    };
    let first = app.users().register(register()).await.unwrap();
    let again = app.users().register(register()).await.unwrap();
    assert_eq!(first.into_inner(), again.into_inner());
}

#[tokio::test]
async fn what_is_no_key_is_refused() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    app.post(&ada, "Hot", &[]).await;
    let long = "k".repeat(256);
    for key in ["short", "with spaces in between", &long] {
        let (code, _, about) = refusal(comment(&app, &ada, key, "No.").await);
        assert_eq!(
            (code, about[0].0.as_str()),
            (Code::InvalidArgument, "idempotency_key")
        );
    }
    assert_eq!(comments(&app).await, 0);
}

#[tokio::test]
async fn old_answers_are_forgotten() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    app.post(&ada, "Hot", &[]).await;
    comment(&app, &ada, KEY, "Old.").await.unwrap();

    let now = core_service::models::now();
    let forget = core_service::services::idempotency::forget;
    assert_eq!(forget(&app.db, now - Duration::hours(1)).await.unwrap(), 0);
    assert!(was_replayed(&comment(&app, &ada, KEY, "Old.").await.unwrap()));
    assert_eq!(forget(&app.db, now + Duration::hours(1)).await.unwrap(), 1);
    assert!(!was_replayed(&comment(&app, &ada, KEY, "Old.").await.unwrap()));
}
