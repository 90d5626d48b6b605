//! What the server says of itself, and what it refuses before any controller sees it.

use proto::posts::v1::{CreateCommentRequest, ListPostsRequest};
use tokio_stream::StreamExt;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

use crate::app::{Actor, App};

#[tokio::test]
async fn says_that_it_serves() {
    let app = App::start().await;
    for service in [
        "",
        "triptych.posts.v1.PostService",
        "triptych.users.v1.SessionService",
    ] {
        let request = HealthCheckRequest {
            service: service.to_owned(),
        };
        let answer = HealthClient::new(app.channel.clone())
            .check(Actor::guest().asks(request))
            .await
            .unwrap()
            .into_inner();
        assert_eq!(answer.status(), ServingStatus::Serving, "{service}");
    }
}

#[tokio::test]
async fn lists_its_services_to_tools() {
    let app = App::start().await;
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut client = ServerReflectionClient::new(app.channel.clone());
    let answers = client
        .server_reflection_info(tokio_stream::once(request))
        .await
        .unwrap();
    let answer = answers
        .into_inner()
        .next()
        .await
        .unwrap()
        .unwrap()
        .message_response;
    let Some(MessageResponse::ListServicesResponse(list)) = answer else {
        panic!("{answer:?}")
    };
    let names: Vec<_> = list.service.into_iter().map(|service| service.name).collect();
    for service in [
        "books.v1.BookService",
        "posts.v1.PostService",
        "users.v1.UserService",
    ] {
        assert!(names.contains(&format!("triptych.{service}")), "{names:?}");
    }
}

#[tokio::test]
async fn refuses_a_request_of_more_than_a_megabyte() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let request = CreateCommentRequest {
        slug: "any".to_owned(),
        body: "x".repeat(1_100_000),
    };
    let refused = app.posts().create_comment(ada.asks(request)).await.unwrap_err();
    assert_eq!(refused.code(), Code::OutOfRange);
}

#[tokio::test]
async fn a_token_that_is_none_is_refused_even_where_none_is_needed() {
    let app = App::start().await;
    let stranger = Actor {
        token: Some("made-up".to_owned()),
        ..Actor::guest()
    };
    let viewer = crate::app::mask(&["title", "viewer"]);
    let request = ListPostsRequest {
        read_mask: viewer,
        ..Default::default()
    };
    let refused = app.posts().list_posts(stranger.asks(request)).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
}

/// Callers who ask and vanish reset their calls on a connection that all others share; the library's own
/// limit of 20 such resets would drop the connection and everybody's calls with it.
#[tokio::test]
async fn callers_who_vanish_take_nobody_with_them() {
    let app = App::start().await;
    let patient = async {
        for _ in 0..100 {
            app.posts().list_posts(ListPostsRequest::default()).await.unwrap();
        }
    };
    let vanishing = async {
        for _ in 0..100 {
            let calls = (0..64).map(|_| {
                let mut posts = app.posts();
                async move { posts.list_posts(ListPostsRequest::default()).await.map(drop) }
            });
            let mut calls = Box::pin(futures_util::future::join_all(calls));
            for _ in 0..3 {
                let _ = futures_util::poll!(&mut calls);
                tokio::task::yield_now().await;
            }
        }
    };
    tokio::join!(patient, vanishing);
}
