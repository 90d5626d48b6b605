//! What a viewer has to do with what they look at.

use proto::books::v1::BatchGetBookViewerStatesRequest;
use proto::posts::v1::{
    BatchGetPostViewerStatesRequest, CreatePostRequest, LikePostRequest, ListPostsRequest, PostViewerState,
};
use proto::users::v1::{BatchGetUserViewerStatesRequest, FollowRequest};
use tonic::Code;

use crate::app::{Actor, App, a_post, mask, refusal};

#[tokio::test]
async fn one_call_tells_likes_and_follows_of_many_posts() {
    let app = App::start().await;
    let (ada, eve) = (app.reader("ada").await, app.reader("eve").await);
    let (one, two) = (app.post(&ada, "One", &[]).await, app.post(&eve, "Two", &[]).await);
    app.posts()
        .like_post(eve.asks(LikePostRequest {
            slug: "two".to_owned(),
            ..Default::default()
        }))
        .await
        .unwrap();
    app.users()
        .follow(eve.asks(FollowRequest {
            username: "ada".to_owned(),
            ..Default::default()
        }))
        .await
        .unwrap();

    let request = || BatchGetPostViewerStatesRequest {
        post_ids: vec![two.id, one.id, two.id, 4_242],
    };
    let states = app
        .posts()
        .batch_get_post_viewer_states(eve.asks(request()))
        .await
        .unwrap()
        .into_inner()
        .states;
    let state = |post_id, liked, following_author| PostViewerState {
        post_id,
        liked,
        following_author,
    };
    assert_eq!(states, [state(two.id, true, false), state(one.id, false, true)]);

    let states = app
        .posts()
        .batch_get_post_viewer_states(ada.asks(request()))
        .await
        .unwrap()
        .into_inner()
        .states;
    assert_eq!(states, [state(two.id, false, false), state(one.id, false, false)]);
    assert_eq!(
        refusal(
            app.posts()
                .batch_get_post_viewer_states(Actor::guest().asks(request()))
                .await
        )
        .0,
        Code::Unauthenticated
    );
}

#[tokio::test]
async fn a_list_brings_the_viewers_state_only_where_it_is_asked_for() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let post = app.post(&ada, "One", &[]).await;
    app.posts()
        .like_post(ada.asks(LikePostRequest {
            slug: post.slug,
            ..Default::default()
        }))
        .await
        .unwrap();
    let viewer = async |who: &Actor, paths: &[&'static str]| {
        let request = ListPostsRequest {
            read_mask: mask(paths),
            ..Default::default()
        };
        let posts = app
            .posts()
            .list_posts(who.asks(request))
            .await
            .unwrap()
            .into_inner()
            .posts;
        posts[0].viewer
    };
    let liked = PostViewerState {
        post_id: post.id,
        liked: true,
        following_author: false,
    };
    assert_eq!(viewer(&ada, &["slug", "viewer"]).await, Some(liked));
    assert_eq!(viewer(&ada, &["slug"]).await, None);
    assert_eq!(viewer(&Actor::guest(), &["slug", "viewer"]).await, None);
}

#[tokio::test]
async fn one_call_tells_whom_one_follows() {
    let app = App::start().await;
    let (ada, eve, tim) = (
        app.reader("ada").await,
        app.reader("eve").await,
        app.reader("tim").await,
    );
    app.users()
        .follow(ada.asks(FollowRequest {
            username: "tim".to_owned(),
            ..Default::default()
        }))
        .await
        .unwrap();
    let request = BatchGetUserViewerStatesRequest {
        user_ids: vec![eve.id, tim.id],
    };
    let states = app
        .users()
        .batch_get_user_viewer_states(ada.asks(request))
        .await
        .unwrap()
        .into_inner()
        .states;
    let states: Vec<_> = states
        .into_iter()
        .map(|state| (state.user_id, state.following))
        .collect();
    assert_eq!(states, [(eve.id, false), (tim.id, true)]);
}

#[tokio::test]
async fn one_call_tells_ones_newest_review_of_many_books() {
    let app = App::start().await;
    let (ada, tim) = (app.reader("ada").await, app.staff("tim").await);
    let (emma, iliad) = (
        app.book(&tim, "Emma", "Austen").await,
        app.book(&tim, "Iliad", "Homer").await,
    );
    for title in ["Old", "New"] {
        let review = CreatePostRequest {
            book_id: Some(emma.id),
            ..a_post(title)
        };
        app.posts().create_post(ada.asks(review)).await.unwrap();
    }
    let request = BatchGetBookViewerStatesRequest {
        book_ids: vec![iliad.id, emma.id],
    };
    let states = app
        .books()
        .batch_get_book_viewer_states(ada.asks(request))
        .await
        .unwrap()
        .into_inner()
        .states;
    let states: Vec<_> = states
        .into_iter()
        .map(|state| (state.book_id, state.review_slug))
        .collect();
    assert_eq!(states, [(iliad.id, None), (emma.id, Some("new".to_owned()))]);
}
