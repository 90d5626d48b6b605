//! How many statements each call runs: none of them grows with what it finds.

use proto::books::v1::{BatchGetBooksRequest, GetBookRequest, ListBooksRequest};
use proto::orders::v1::{BatchGetOrdersRequest, ListOrdersRequest, QuoteOrderRequest, SalesByDayRequest};
use proto::posts::v1::{
    BatchGetPostViewerStatesRequest, BatchGetPostsRequest, ListCommentsRequest, ListModerationsRequest,
    ListNewestCommentsRequest, ListPostsRequest, ListTagsRequest,
};
use proto::users::v1::{BatchGetUsersRequest, GetAccountRequest};

use crate::app::{App, an_order, by_slug, mask};

/// An app with three posts of three authors, with tags, and two books.
async fn furnished() -> App {
    let app = App::start().await;
    let tim = app.staff("tim").await;
    for name in ["ada", "eve", "joe"] {
        let author = app.reader(name).await;
        app.post(&author, &format!("Post of {name}"), &["one", "two"])
            .await;
    }
    app.book(&tim, "Emma", "Jane Austen").await;
    app.book(&tim, "The Iliad", "Homer").await;
    app
}

#[tokio::test]
async fn a_public_read_is_one_statement() {
    let app = furnished().await;
    let (mut posts, mut books, mut users) = (app.posts(), app.books(), app.users());
    let slug = "post-of-ada";
    let by_ids = BatchGetPostsRequest {
        ids: vec![1, 2, 3],
        ..Default::default()
    };
    let three_users = BatchGetUsersRequest {
        ids: vec![1, 2, 3],
        ..Default::default()
    };
    let two_books = BatchGetBooksRequest {
        ids: vec![1, 2],
        read_mask: None,
    };
    let one_book = GetBookRequest {
        id: 1,
        read_mask: None,
    };
    assert_eq!(
        app.statements(posts.list_posts(ListPostsRequest::default()))
            .await
            .len(),
        1
    );
    assert_eq!(app.statements(posts.get_post(by_slug(slug))).await.len(), 1);
    assert_eq!(app.statements(posts.batch_get_posts(by_ids)).await.len(), 1);
    assert_eq!(
        app.statements(posts.list_tags(ListTagsRequest { most_used: 10 }))
            .await
            .len(),
        1
    );
    assert_eq!(app.statements(users.batch_get_users(three_users)).await.len(), 1);
    assert_eq!(
        app.statements(books.list_books(ListBooksRequest::default()))
            .await
            .len(),
        1
    );
    assert_eq!(app.statements(books.batch_get_books(two_books)).await.len(), 1);
    assert_eq!(app.statements(books.get_book(one_book)).await.len(), 1);
}

#[tokio::test]
async fn a_read_for_a_caller_is_one_statement_and_one_to_know_them() {
    let app = furnished().await;
    let kim = app.reader("kim").await;
    let (mut posts, mut users) = (app.posts(), app.users());
    let feed = ListPostsRequest {
        feed: true,
        read_mask: mask(&["title", "viewer"]),
        ..Default::default()
    };
    let states = BatchGetPostViewerStatesRequest {
        post_ids: vec![1, 2, 3],
    };
    let tim = app.staff("tam").await;
    let newest = tim.asks(ListNewestCommentsRequest::default());
    let removals = tim.asks(ListModerationsRequest::default());
    let mut moderation = app.moderation();
    // What makes a new session known for good is not what this is about.
    let first = tim.asks(ListNewestCommentsRequest::default());
    moderation.list_newest_comments(first).await.unwrap();
    assert_eq!(
        app.statements(moderation.list_newest_comments(newest))
            .await
            .len(),
        2
    );
    assert_eq!(
        app.statements(moderation.list_moderations(removals)).await.len(),
        2
    );
    assert_eq!(app.statements(posts.list_posts(kim.asks(feed))).await.len(), 2);
    assert_eq!(
        app.statements(posts.batch_get_post_viewer_states(kim.asks(states)))
            .await
            .len(),
        2
    );
    assert_eq!(
        app.statements(users.get_account(kim.asks(GetAccountRequest {})))
            .await
            .len(),
        2
    );
}

#[tokio::test]
async fn orders_come_with_their_items_in_one_statement() {
    let app = furnished().await;
    let (kim, pat) = (app.reader("kim").await, app.staff("pat").await);
    for _ in 0..3 {
        app.order(&kim, &[(1, 1), (2, 1)]).await;
    }
    let mut orders = app.orders();
    // What makes a new session known for good is not what this is about.
    let first = pat.asks(ListOrdersRequest::default());
    orders.list_orders(first).await.unwrap();

    let own = kim.asks(ListOrdersRequest::default());
    assert_eq!(app.statements(orders.list_orders(own)).await.len(), 2);
    let batch = BatchGetOrdersRequest {
        ids: vec![1, 2, 3],
        read_mask: None,
    };
    assert_eq!(
        app.statements(orders.batch_get_orders(kim.asks(batch)))
            .await
            .len(),
        2
    );
    let all = pat.asks(ListOrdersRequest::default());
    assert_eq!(app.statements(orders.list_orders(all)).await.len(), 2);
    let sales = pat.asks(SalesByDayRequest { days: 7 });
    assert_eq!(app.statements(orders.sales_by_day(sales)).await.len(), 2);
    let items = an_order(&[(1, 1), (2, 1)]).items;
    let quote = QuoteOrderRequest { items };
    assert_eq!(app.statements(orders.quote_order(quote)).await.len(), 1);
}

#[tokio::test]
async fn counting_and_a_posts_comments_cost_one_statement_more() {
    let app = furnished().await;
    let mut posts = app.posts();
    let counted = ListPostsRequest {
        with_total: true,
        ..Default::default()
    };
    let comments = ListCommentsRequest {
        slug: "post-of-ada".to_owned(),
        ..Default::default()
    };
    assert_eq!(app.statements(posts.list_posts(counted)).await.len(), 2);
    assert_eq!(app.statements(posts.list_comments(comments)).await.len(), 2);
}

#[tokio::test]
async fn columns_that_nobody_wants_are_not_selected() {
    let app = furnished().await;
    let mut posts = app.posts();
    let request = ListPostsRequest {
        read_mask: mask(&["title"]),
        ..Default::default()
    };
    let statements = app.statements(posts.list_posts(request)).await;
    for unwanted in ["body", "users", "post_tags", "post_count_deltas", "likes"] {
        assert!(
            !statements[0].sql.contains(unwanted),
            "{unwanted}: {}",
            statements[0].sql
        );
    }
}
