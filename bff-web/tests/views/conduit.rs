//! The shapes of the Conduit contract, and what is asked of the core for them.

use proto::{
    posts::v1::{ListCommentsResponse, ListTagsResponse, PostViewerState, Tag},
    users::v1::{BatchGetUserViewerStatesResponse, User, UserViewerState},
};
use serde_json::json;
use test_kit::fake_core::{
    BatchGetUserViewerStates, CreateComment, CreateSession, Follow, GetAccount, GetPost, GetUser, LikePost,
    ListComments, ListPosts, ListTags, Register, moment,
};

use crate::harness::{App, account, ada, comment, post, posts, session, start};

fn tell_whom_ada_follows(app: &App, followed: &'static [i64]) {
    app.core.on(BatchGetUserViewerStates, |request| {
        let state = |id: &i64| UserViewerState {
            user_id: *id,
            following: followed.contains(id),
        };
        Ok(BatchGetUserViewerStatesResponse {
            states: request.user_ids.iter().map(state).collect(),
        })
    });
}

#[tokio::test]
async fn whoever_registers_is_signed_in() {
    let app = start().await;
    app.core.gives(Register, account());
    app.core.gives(CreateSession, session());

    let user = json!({"user": {"username": "ada", "email": "ada@example.org", "password": "correct horse"}});
    let answer = app.guest.post("/api/users", user).await;

    assert_eq!(answer.status, 201);
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    insta::assert_json_snapshot!(answer.body, @r#"
    {
      "user": {
        "bio": "Wrote the first program.",
        "email": "ada@example.org",
        "image": "https://example.org/ada.png",
        "token": "new-token",
        "username": "ada"
      }
    }
    "#);
}

#[tokio::test]
async fn an_account_comes_with_the_token_that_asked_and_absent_texts_are_null() {
    let app = start().await;
    let mut bare = account();
    bare.user = Some(User {
        username: "ada".to_owned(),
        ..User::default()
    });
    app.core.gives(GetAccount, bare);
    insta::assert_json_snapshot!(app.ada.get("/api/user").await.ok(), @r#"
    {
      "user": {
        "bio": null,
        "email": "ada@example.org",
        "image": null,
        "token": "ada-s-token",
        "username": "ada"
      }
    }
    "#);
}

#[tokio::test]
async fn a_profile_says_whether_one_follows() {
    let app = start().await;
    app.core.gives(GetUser, ada());
    tell_whom_ada_follows(&app, &[1]);

    insta::assert_json_snapshot!(app.ada.get("/api/profiles/ada").await.ok(), @r#"
    {
      "profile": {
        "bio": "Wrote the first program.",
        "following": true,
        "image": "https://example.org/ada.png",
        "username": "ada"
      }
    }
    "#);
    let as_guest = app.guest.get("/api/profiles/ada").await.ok();
    assert_eq!(as_guest["profile"]["following"], false);
}

#[tokio::test]
async fn following_answers_with_the_profile_and_takes_a_body_that_is_none() {
    let app = start().await;
    app.core.gives(Follow, ada());
    let answer = app
        .ada
        .post_bytes("/api/profiles/ada/follow", "application/json", "")
        .await;
    assert_eq!(answer.ok()["profile"]["following"], true);
}

#[tokio::test]
async fn a_list_of_articles_is_one_call_and_has_no_texts() {
    let app = start().await;
    let mut liked = post(1);
    liked.viewer = Some(PostViewerState {
        post_id: 1,
        liked: true,
        following_author: true,
    });
    app.core.gives(ListPosts, posts(vec![liked]));

    let path = "/api/articles?tag=rust&author=ada&favorited=bob&limit=7&offset=14&more=x";
    insta::assert_json_snapshot!(app.ada.get(path).await.ok(), @r#"
    {
      "articles": [
        {
          "author": {
            "bio": "Wrote the first program.",
            "following": true,
            "image": "https://example.org/ada.png",
            "username": "ada"
          },
          "createdAt": "2023-11-14T22:13:20.000Z",
          "description": "What it is about.",
          "favorited": true,
          "favoritesCount": 3,
          "slug": "post-1",
          "tagList": [
            "rust",
            "books"
          ],
          "title": "Post 1",
          "updatedAt": "2023-11-14T22:13:21.000Z"
        }
      ],
      "articlesCount": 42
    }
    "#);

    assert_eq!(app.core.call_count(), 1);
    let call = app.core.call(ListPosts);
    assert_eq!(call.header("authorization"), "Bearer ada-s-token");
    let asked = call.message;
    assert_eq!(
        (asked.tag.as_str(), asked.author.as_str(), asked.liked_by.as_str()),
        ("rust", "ada", "bob")
    );
    assert_eq!((asked.page_size, asked.skip, asked.with_total), (7, 14, true));
    let fields = asked.read_mask.unwrap_or_default().paths;
    assert!(!fields.contains(&"body".into()), "{fields:?}");
    assert!(fields.contains(&"viewer".into()), "{fields:?}");
}

#[tokio::test]
async fn a_guests_list_is_asked_for_nobody() {
    let app = start().await;
    app.core.gives(ListPosts, posts(vec![post(1)]));

    let list = app.guest.get("/api/articles").await.ok();

    assert_eq!(list["articles"][0]["favorited"], false);
    assert_eq!(list["articles"][0]["author"]["following"], false);
    let call = app.core.call(ListPosts);
    assert_eq!(call.header("authorization"), "");
    assert_eq!(
        (call.message.page_size, call.message.skip, call.message.feed),
        (20, 0, false)
    );
    let fields = call.message.read_mask.unwrap_or_default().paths;
    assert!(!fields.contains(&"viewer".into()), "{fields:?}");
}

#[tokio::test]
async fn limits_are_kept_within_reason() {
    let app = start().await;
    app.core.gives(ListPosts, posts(vec![post(1)]));
    for (limit, size, articles) in [("1000", 100, 1), ("5000000000", 100, 1), ("0", 1, 0)] {
        let list = app.guest.get(&format!("/api/articles?limit={limit}")).await.ok();
        let last = app.core.calls(ListPosts).pop().expect("a call");
        assert_eq!(last.message.page_size, size, "{limit}");
        assert_eq!(
            list["articles"].as_array().map(Vec::len),
            Some(articles),
            "{limit}"
        );
        assert_eq!(list["articlesCount"], 42);
    }
}

#[tokio::test]
async fn the_feed_is_the_viewers() {
    let app = start().await;
    app.core.gives(ListPosts, posts(vec![post(1)]));
    let feed = app.ada.get("/api/articles/feed?limit=3").await.ok();
    assert_eq!(feed["articlesCount"], 42);
    let call = app.core.call(ListPosts);
    assert!(call.message.feed);
    assert_eq!(call.header("authorization"), "Bearer ada-s-token");
}

#[tokio::test]
async fn an_article_has_its_text() {
    let app = start().await;
    app.core.gives(GetPost, post(1));
    insta::assert_json_snapshot!(app.guest.get("/api/articles/post-1").await.ok(), @r#"
    {
      "article": {
        "author": {
          "bio": "Wrote the first program.",
          "following": false,
          "image": "https://example.org/ada.png",
          "username": "ada"
        },
        "body": "The whole text.",
        "createdAt": "2023-11-14T22:13:20.000Z",
        "description": "What it is about.",
        "favorited": false,
        "favoritesCount": 3,
        "slug": "post-1",
        "tagList": [
          "rust",
          "books"
        ],
        "title": "Post 1",
        "updatedAt": "2023-11-14T22:13:21.000Z"
      }
    }
    "#);
}

#[tokio::test]
async fn favouring_answers_with_the_article_as_it_is_afterwards() {
    let app = start().await;
    app.core.on(LikePost, |_| {
        let mut liked = post(1);
        liked.like_count = 4;
        liked.viewer = Some(PostViewerState {
            post_id: 1,
            liked: true,
            following_author: false,
        });
        Ok(liked)
    });
    let answer = app
        .ada
        .post("/api/articles/post-1/favorite", json!({}))
        .await
        .ok();
    assert_eq!(answer["article"]["favorited"], true);
    assert_eq!(answer["article"]["favoritesCount"], 4);
}

#[tokio::test]
async fn comments_come_all_at_once_with_whom_one_follows() {
    let app = start().await;
    let bob = User {
        id: 2,
        username: "bob".to_owned(),
        ..User::default()
    };
    app.core.on(ListComments, move |request| {
        let (comments, next_page_token) = match request.page_token.as_str() {
            "" => (vec![comment(9, ada())], "more".to_owned()),
            _ => (vec![comment(8, bob.clone()), comment(7, ada())], String::new()),
        };
        Ok(ListCommentsResponse {
            post_id: 1,
            comments,
            next_page_token,
        })
    });
    tell_whom_ada_follows(&app, &[2]);

    insta::assert_json_snapshot!(app.ada.get("/api/articles/post-1/comments").await.ok(), @r#"
    {
      "comments": [
        {
          "author": {
            "bio": "Wrote the first program.",
            "following": false,
            "image": "https://example.org/ada.png",
            "username": "ada"
          },
          "body": "Well said.",
          "createdAt": "2023-11-14T22:13:22.000Z",
          "id": 9,
          "updatedAt": "2023-11-14T22:13:23.000Z"
        },
        {
          "author": {
            "bio": null,
            "following": true,
            "image": null,
            "username": "bob"
          },
          "body": "Well said.",
          "createdAt": "2023-11-14T22:13:22.000Z",
          "id": 8,
          "updatedAt": "2023-11-14T22:13:23.000Z"
        },
        {
          "author": {
            "bio": "Wrote the first program.",
            "following": false,
            "image": "https://example.org/ada.png",
            "username": "ada"
          },
          "body": "Well said.",
          "createdAt": "2023-11-14T22:13:22.000Z",
          "id": 7,
          "updatedAt": "2023-11-14T22:13:23.000Z"
        }
      ]
    }
    "#);

    assert_eq!(app.core.calls(ListComments)[0].message.page_size, 100);
    assert_eq!(app.core.call(BatchGetUserViewerStates).message.user_ids, [1, 2]);
}

#[tokio::test]
async fn a_new_comment_is_answered_with_its_number() {
    let app = start().await;
    app.core.gives(CreateComment, comment(9, ada()));
    let answer = app
        .ada
        .post(
            "/api/articles/post-1/comments",
            json!({"comment": {"body": "Well said."}}),
        )
        .await;
    assert_eq!(answer.status, 201);
    insta::assert_json_snapshot!(answer.body, @r#"
    {
      "comment": {
        "author": {
          "bio": "Wrote the first program.",
          "following": false,
          "image": "https://example.org/ada.png",
          "username": "ada"
        },
        "body": "Well said.",
        "createdAt": "2023-11-14T22:13:22.000Z",
        "id": 9,
        "updatedAt": "2023-11-14T22:13:23.000Z"
      }
    }
    "#);
}

#[tokio::test]
async fn tags_are_all_tags_and_no_more_than_names() {
    let app = start().await;
    let tag = |name: &str| Tag {
        name: name.to_owned(),
        post_count: 5,
    };
    let tags = vec![tag("books"), tag("rust")];
    app.core.gives(ListTags, ListTagsResponse { tags });
    assert_eq!(
        app.guest.get("/api/tags").await.ok(),
        json!({"tags": ["books", "rust"]})
    );
    assert_eq!(app.core.call(ListTags).message.most_used, 0);
}

#[tokio::test]
async fn times_have_milliseconds_even_where_there_are_none() {
    let app = start().await;
    let mut article = post(1);
    article.created_at = Some(moment(0));
    app.core.gives(GetPost, article);
    let answer = app.guest.get("/api/articles/post-1").await.ok();
    assert_eq!(answer["article"]["createdAt"], "1970-01-01T00:00:00.000Z");
}
