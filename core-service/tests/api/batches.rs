//! Reads that travel together: each is answered as if it had come by itself.

use std::collections::BTreeMap;

use core_service::models::session::Client;
use prost::Message;
use proto::Rpc;
use proto::batch::v1::{Answer, Call, RunRequest, answer::Outcome, batch_service_client::BatchServiceClient};
use proto::books::v1::GetBookRequest;
use proto::orders::v1::SalesByDayRequest;
use proto::posts::v1::{CreatePostRequest, ListPostsRequest};
use proto::users::v1::GetAccountRequest;
use tonic::Code;

use crate::app::{Actor, App, a_post, by_slug};

/// A call of this method, for whoever has the token.
pub fn call<R: Rpc>(request: &R, by: &Actor) -> Call {
    Call {
        method: R::METHOD.to_owned(),
        request: request.encode_to_vec().into(),
        token: by.token.clone().unwrap_or_default(),
        ..Call::default()
    }
}

/// The answers to these calls, in their order.
pub async fn run(app: &App, through: Client, calls: Vec<Call>) -> Vec<Answer> {
    let mut client = BatchServiceClient::new(app.channel.clone());
    let request = Actor::guest_of(through).asks(RunRequest { calls });
    let mut stream = client.run(request).await.unwrap().into_inner();
    let mut answers = BTreeMap::new();
    while let Some(ready) = stream.message().await.unwrap() {
        for answer in ready.answers {
            assert!(answers.insert(answer.index, answer).is_none(), "answered twice");
        }
    }
    answers.into_values().collect()
}

/// What a method answered, or the code that it failed with.
pub fn outcome<R: Rpc>(answer: &Answer) -> Result<R::Answer, Code> {
    match answer.outcome.clone().unwrap() {
        Outcome::Response(encoded) => Ok(R::Answer::decode(encoded.as_ref()).unwrap()),
        Outcome::Failure(failure) => Err(Code::from(failure.code)),
    }
}

#[tokio::test]
async fn each_call_is_answered_by_itself() {
    let app = App::start().await;
    let tim = app.staff("tim").await;
    let emma = app.book(&tim, "Emma", "Jane Austen").await;
    let guest = Actor::guest();
    let book = |id| GetBookRequest { id, read_mask: None };
    let unreadable = Call {
        request: vec![0xff].into(),
        ..call(&book(1), &guest)
    };
    let calls = vec![
        call(&book(999), &guest),
        call(&book(emma.id), &guest),
        unreadable,
        call(&by_slug("nothing"), &guest),
    ];

    let answers = run(&app, Client::Web, calls).await;
    assert_eq!(outcome::<GetBookRequest>(&answers[0]), Err(Code::NotFound));
    assert_eq!(outcome::<GetBookRequest>(&answers[1]).unwrap().title, "Emma");
    assert_eq!(outcome::<GetBookRequest>(&answers[2]), Err(Code::InvalidArgument));
    assert_eq!(outcome::<GetBookRequest>(&answers[3]), Err(Code::NotFound));
}

#[tokio::test]
async fn each_call_has_its_own_caller() {
    let app = App::start().await;
    let (ada, eve) = (app.reader("ada").await, app.reader("eve").await);
    let forger = Actor {
        token: Some("forged".to_owned()),
        ..Actor::guest()
    };
    let calls = [&ada, &forger, &eve, &Actor::guest()].map(|by| call(&GetAccountRequest {}, by));

    let answers = run(&app, Client::Web, calls.into()).await;
    let emails: Vec<_> = answers
        .iter()
        .map(|answer| Ok(outcome::<GetAccountRequest>(answer)?.email))
        .collect();
    assert_eq!(
        emails,
        [
            Ok("ada@example.com".to_owned()),
            Err(Code::Unauthenticated),
            Ok("eve@example.com".to_owned()),
            Err(Code::Unauthenticated),
        ]
    );
}

#[tokio::test]
async fn each_call_is_held_against_the_table_of_who_may_call_what() {
    let app = App::start().await;
    let (tim, ada) = (app.staff("tim").await, app.reader("ada").await);
    let sales = SalesByDayRequest::default();

    let through_desktop = run(&app, Client::Desktop, vec![call(&sales, &tim)]).await;
    assert!(outcome::<SalesByDayRequest>(&through_desktop[0]).is_ok());
    let through_web = run(&app, Client::Web, vec![call(&sales, &ada)]).await;
    assert_eq!(
        outcome::<SalesByDayRequest>(&through_web[0]),
        Err(Code::PermissionDenied)
    );
}

#[tokio::test]
async fn what_writes_does_not_travel() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let unknown = Call {
        method: "triptych.books.v1.BookService/Burn".to_owned(),
        ..Call::default()
    };
    let answers = run(&app, Client::Web, vec![call(&a_post("A post"), &ada), unknown]).await;
    assert_eq!(
        outcome::<CreatePostRequest>(&answers[0]),
        Err(Code::Unimplemented)
    );
    assert_eq!(
        outcome::<GetBookRequest>(&answers[1]),
        Err(Code::PermissionDenied)
    );
    let listed = run(&app, Client::Web, vec![call(&ListPostsRequest::default(), &ada)]).await;
    assert!(outcome::<ListPostsRequest>(&listed[0]).unwrap().posts.is_empty());
}

#[tokio::test]
async fn a_caller_is_looked_up_once_for_all_their_calls() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let mut client = BatchServiceClient::new(app.channel.clone());
    let calls = vec![call(&GetAccountRequest {}, &ada); 5];
    let request = Actor::guest().asks(RunRequest { calls });
    let statements = app
        .statements(async {
            let answer = client.run(request).await?;
            let mut stream = answer.into_inner();
            while stream.message().await?.is_some() {}
            Ok(tonic::Response::new(()))
        })
        .await;
    let of_sessions = statements.iter().filter(|one| one.sql.contains("\"sessions\""));
    assert_eq!(of_sessions.count(), 1, "{statements:#?}");
    assert_eq!(statements.len(), 1 + 5);
}

#[tokio::test]
async fn too_many_calls_are_no_batch() {
    let app = App::start().await;
    let calls = vec![call(&ListPostsRequest::default(), &Actor::guest()); 129];
    let mut client = BatchServiceClient::new(app.channel.clone());
    let refused = client.run(Actor::guest().asks(RunRequest { calls })).await;
    assert_eq!(refused.err().unwrap().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn only_what_is_the_same_for_everybody_says_what_it_depends_on() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    app.post(&ada, "A post", &[]).await;
    let list = ListPostsRequest::default();
    let calls = vec![
        call(&list, &Actor::guest()),
        call(&list, &ada),
        call(&GetAccountRequest {}, &ada),
    ];

    let answers = run(&app, Client::Web, calls).await;
    assert!(!answers[0].depends_on.is_empty());
    assert!(answers[1].depends_on.is_empty() && answers[2].depends_on.is_empty());
}
