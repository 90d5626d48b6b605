//! Lists of posts.

use proto::posts::v1::ListPostsResponse;
use test_kit::{fake_core::ListPosts, status};

use crate::harness::{post, start};

#[tokio::test]
async fn a_page_has_light_cards_and_a_cursor() {
    let app = start().await;
    let page = ListPostsResponse {
        posts: vec![post(1)],
        next_page_token: "abc".to_owned(),
        total_size: None,
    };
    app.core.gives(ListPosts, page);

    let answer = app
        .guest
        .get("/v1/posts?first=1&after=xyz&tag=rust&author=ada")
        .await;

    insta::assert_json_snapshot!(answer.ok(), @r#"
    {
      "items": [
        {
          "author": "ada",
          "comments": 2,
          "createdAt": "2023-11-14T22:13:20.000Z",
          "excerpt": "word word word word word word word word word word word word word word word word word word word word word word word word word word word…",
          "likes": 3,
          "slug": "post-1",
          "title": "Post 1"
        }
      ],
      "pageInfo": {
        "endCursor": "abc",
        "hasNextPage": true
      }
    }
    "#);
    let asked = app.core.call(ListPosts).message;
    assert_eq!((asked.page_size, &*asked.page_token), (1, "xyz"));
    assert_eq!((&*asked.tag, &*asked.author), ("rust", "ada"));
}

#[tokio::test]
async fn the_last_page_says_so_and_too_many_are_the_most_there_are() {
    let app = start().await;
    app.core.gives(ListPosts, ListPostsResponse::default());

    let page = app.guest.get("/v1/posts?first=5000").await.ok();

    insta::assert_json_snapshot!(page, @r#"
    {
      "items": [],
      "pageInfo": {
        "endCursor": null,
        "hasNextPage": false
      }
    }
    "#);
    assert_eq!(app.core.call(ListPosts).message.page_size, 100);
}

#[tokio::test]
async fn a_cursor_of_another_list_is_called_by_the_name_that_the_app_knows() {
    let app = start().await;
    app.core.refuses(
        ListPosts,
        status::invalid(&[("page_token", "belongs to another question")]),
    );
    let answer = app.guest.get("/v1/posts?after=abc").await;
    assert_eq!(answer.problem(), (422, "INVALID_INPUT"));
    assert_eq!(answer.errors(), ["after belongs to another question"]);
}

#[tokio::test]
async fn bad_questions_never_reach_the_core() {
    let app = start().await;
    for query in [
        "first=0",
        "first=-1",
        "first=x",
        "after=%20",
        "offset=3",
        "tag=a&tag=b",
    ] {
        let answer = app.guest.get(&format!("/v1/posts?{query}")).await;
        assert_eq!(answer.problem(), (422, "INVALID_INPUT"), "{query}");
    }
    assert_eq!(app.core.call_count(), 0);
}
