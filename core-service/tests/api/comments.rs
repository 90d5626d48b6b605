//! Comments on posts.

use proto::posts::v1::{
    BatchGetCommentsRequest, Comment, CreateCommentRequest, DeleteCommentRequest, ListCommentsRequest,
};
use tonic::Code;

use crate::app::{Actor, App, refusal};

async fn comment(app: &App, by: &Actor, slug: &str, body: &str) -> Comment {
    let request = CreateCommentRequest {
        slug: slug.to_owned(),
        body: body.to_owned(),
    };
    app.posts()
        .create_comment(by.asks(request))
        .await
        .unwrap()
        .into_inner()
}

async fn comments(app: &App, slug: &str) -> Vec<String> {
    let request = ListCommentsRequest {
        slug: slug.to_owned(),
        ..Default::default()
    };
    let answer = app.posts().list_comments(request).await.unwrap().into_inner();
    answer.comments.into_iter().map(|comment| comment.body).collect()
}

#[tokio::test]
async fn comments_come_newest_first_and_are_counted() {
    let app = App::start().await;
    let (ada, eve) = (app.reader("ada").await, app.reader("eve").await);
    app.post(&ada, "Talk", &[]).await;
    comment(&app, &eve, "talk", "First").await;
    let second = comment(&app, &ada, "talk", "Second").await;
    assert_eq!(second.author.unwrap().username, "ada");
    assert_eq!(comments(&app, "talk").await, ["Second", "First"]);
    assert_eq!(app.read("talk").await.comment_count, 2);
}

#[tokio::test]
async fn only_its_author_takes_a_comment_away() {
    let app = App::start().await;
    let (ada, eve) = (app.reader("ada").await, app.reader("eve").await);
    app.post(&ada, "Talk", &[]).await;
    let hers = comment(&app, &eve, "talk", "Mine").await;
    let delete = || DeleteCommentRequest {
        slug: "talk".to_owned(),
        id: hers.id,
    };
    assert_eq!(
        refusal(app.posts().delete_comment(ada.asks(delete())).await).0,
        Code::PermissionDenied
    );
    app.posts().delete_comment(eve.asks(delete())).await.unwrap();
    assert_eq!(
        refusal(app.posts().delete_comment(eve.asks(delete())).await).0,
        Code::NotFound
    );
    assert!(comments(&app, "talk").await.is_empty());
    assert_eq!(app.read("talk").await.comment_count, 0);
}

#[tokio::test]
async fn a_comment_belongs_to_its_post() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    app.post(&ada, "Talk", &[]).await;
    app.post(&ada, "Other", &[]).await;
    let here = comment(&app, &ada, "talk", "Here").await;
    let there = DeleteCommentRequest {
        slug: "other".to_owned(),
        id: here.id,
    };
    assert_eq!(
        refusal(app.posts().delete_comment(ada.asks(there)).await).0,
        Code::NotFound
    );
    let nowhere = ListCommentsRequest {
        slug: "nowhere".to_owned(),
        ..Default::default()
    };
    assert_eq!(
        refusal(app.posts().list_comments(nowhere).await).0,
        Code::NotFound
    );
}

#[tokio::test]
async fn comments_come_in_pages_and_by_number() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    app.post(&ada, "Talk", &[]).await;
    let first = comment(&app, &ada, "talk", "First").await;
    comment(&app, &ada, "talk", "Second").await;
    let page = |page_token| ListCommentsRequest {
        slug: "talk".to_owned(),
        page_size: 1,
        page_token,
        read_mask: None,
    };
    let newest = app
        .posts()
        .list_comments(page(String::new()))
        .await
        .unwrap()
        .into_inner();
    let oldest = app
        .posts()
        .list_comments(page(newest.next_page_token))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (newest.comments[0].body.as_str(), oldest.comments[0].body.as_str()),
        ("Second", "First")
    );
    assert_eq!(oldest.next_page_token, "");
    let batch = BatchGetCommentsRequest {
        ids: vec![first.id, 9_999],
        read_mask: None,
    };
    assert_eq!(
        app.posts()
            .batch_get_comments(batch)
            .await
            .unwrap()
            .into_inner()
            .comments,
        [first]
    );
}
