//! Posts: writing, changing, listing.

use proto::posts::v1::{
    BatchGetPostsRequest, CreatePostRequest, DeletePostRequest, ListPostsRequest, ListTagsRequest, Post,
    UpdatePostRequest,
};
use proto::users::v1::FollowRequest;
use tonic::Code;

use crate::app::{App, a_post, by_slug, mask, refusal};

fn change(slug: &str, post: CreatePostRequest, paths: &[&'static str]) -> UpdatePostRequest {
    UpdatePostRequest {
        slug: slug.to_owned(),
        post: Some(post),
        update_mask: mask(paths),
    }
}

fn titles(posts: &[Post]) -> Vec<&str> {
    posts.iter().map(|post| post.title.as_str()).collect()
}

#[tokio::test]
async fn a_post_comes_back_as_it_was_written() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let written = app.post(&ada, "On Engines", &["maths", "engines", "maths"]).await;
    let read = app.read("on-engines").await;
    assert_eq!(read.tags, ["maths", "engines"]);
    assert_eq!(read.author.as_ref().unwrap().username, "ada");
    assert_eq!((read.like_count, read.comment_count), (0, 0));
    assert_eq!(
        Post {
            viewer: None,
            ..written
        },
        read
    );
}

#[tokio::test]
async fn equal_titles_get_slugs_of_their_own() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let (one, two) = (
        app.post(&ada, "Same", &[]).await,
        app.post(&ada, "Same", &[]).await,
    );
    assert_eq!(one.slug, "same");
    assert!(two.slug.starts_with("same-"), "{}", two.slug);
}

#[tokio::test]
async fn equal_titles_at_the_same_moment_get_slugs_of_their_own() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let (a, b, c, d) = tokio::join!(
        app.post(&ada, "Same", &[]),
        app.post(&ada, "Same", &[]),
        app.post(&ada, "Same", &[]),
        app.post(&ada, "Same", &[]),
    );
    let mut slugs = vec![a.slug, b.slug, c.slug, d.slug];
    slugs.sort();
    slugs.dedup();
    assert_eq!(slugs.len(), 4);
}

#[tokio::test]
async fn the_slug_follows_a_changed_title() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let post = app.post(&ada, "Old", &["kept"]).await;
    let changed = app
        .posts()
        .update_post(ada.asks(change("old", a_post("New"), &["title"])))
        .await;
    let changed = changed.unwrap().into_inner();
    assert_eq!(
        (changed.slug.as_str(), changed.body.as_str()),
        ("new", post.body.as_str())
    );
    assert_eq!(changed.tags, ["kept"]);
    assert_ne!(changed.updated_at, post.updated_at);
    assert_eq!(changed.created_at, post.created_at);
    assert_eq!(
        refusal(app.posts().get_post(by_slug("old")).await).0,
        Code::NotFound
    );
}

#[tokio::test]
async fn tags_go_only_where_the_mask_says_so() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    app.post(&ada, "Tagged", &["one", "two"]).await;
    let kept = app
        .posts()
        .update_post(ada.asks(change("tagged", a_post("Tagged"), &["body"])))
        .await;
    assert_eq!(kept.unwrap().into_inner().tags, ["one", "two"]);
    let gone = app
        .posts()
        .update_post(ada.asks(change("tagged", a_post("Tagged"), &["tags"])))
        .await;
    assert!(gone.unwrap().into_inner().tags.is_empty());
}

#[tokio::test]
async fn somebody_elses_post_is_not_ones_own_to_change_or_delete() {
    let app = App::start().await;
    let (ada, eve) = (app.reader("ada").await, app.reader("eve").await);
    app.post(&ada, "Mine", &[]).await;
    let forbidden = (
        Code::PermissionDenied,
        "FORBIDDEN".to_owned(),
        vec![("post".to_owned(), String::new())],
    );
    let changed = app
        .posts()
        .update_post(eve.asks(change("mine", a_post("Hers"), &["title"])))
        .await;
    assert_eq!(refusal(changed), forbidden);
    let deleted = app
        .posts()
        .delete_post(eve.asks(DeletePostRequest {
            slug: "mine".to_owned(),
        }))
        .await;
    assert_eq!(refusal(deleted), forbidden);
    assert_eq!(app.read("mine").await.title, "Mine");
}

#[tokio::test]
async fn a_deleted_post_is_gone_from_everywhere() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let post = app.post(&ada, "Gone", &["vanishing"]).await;
    app.posts()
        .delete_post(ada.asks(DeletePostRequest {
            slug: "gone".to_owned(),
        }))
        .await
        .unwrap();
    assert_eq!(
        refusal(app.posts().get_post(by_slug("gone")).await).0,
        Code::NotFound
    );
    let listed = app
        .posts()
        .list_posts(ListPostsRequest {
            with_total: true,
            ..Default::default()
        })
        .await;
    let listed = listed.unwrap().into_inner();
    assert_eq!((listed.posts.len(), listed.total_size), (0, Some(0)));
    let batch = BatchGetPostsRequest {
        ids: vec![post.id],
        ..Default::default()
    };
    assert!(
        app.posts()
            .batch_get_posts(batch)
            .await
            .unwrap()
            .into_inner()
            .posts
            .is_empty()
    );
    let tags = app
        .posts()
        .list_tags(ListTagsRequest { most_used: 0 })
        .await
        .unwrap()
        .into_inner()
        .tags;
    assert!(tags.is_empty());
}

#[tokio::test]
async fn lists_go_by_tag_author_liker_book_and_feed() {
    let app = App::start().await;
    let (ada, eve, tim, sue) = (
        app.reader("ada").await,
        app.reader("eve").await,
        app.reader("tim").await,
        app.staff("sue").await,
    );
    let book = app.book(&sue, "Emma", "Jane Austen").await;
    let review = CreatePostRequest {
        book_id: Some(book.id),
        ..a_post("Review")
    };
    app.posts().create_post(ada.asks(review)).await.unwrap();
    app.post(&ada, "Tagged", &["maths"]).await;
    app.post(&eve, "Liked", &[]).await;
    let like = proto::posts::v1::LikePostRequest {
        slug: "liked".to_owned(),
        ..Default::default()
    };
    app.posts().like_post(tim.asks(like)).await.unwrap();
    app.users()
        .follow(tim.asks(FollowRequest {
            username: "ada".to_owned(),
            ..Default::default()
        }))
        .await
        .unwrap();

    let list = async |request: ListPostsRequest| {
        let answer = app
            .posts()
            .list_posts(tim.asks(request))
            .await
            .unwrap()
            .into_inner();
        titles(&answer.posts).join(" ")
    };
    let all = ListPostsRequest::default;
    assert_eq!(list(all()).await, "Liked Tagged Review");
    assert_eq!(
        list(ListPostsRequest {
            tag: "maths".to_owned(),
            ..all()
        })
        .await,
        "Tagged"
    );
    assert_eq!(
        list(ListPostsRequest {
            author: "ADA".to_owned(),
            ..all()
        })
        .await,
        "Tagged Review"
    );
    assert_eq!(
        list(ListPostsRequest {
            liked_by: "tim".to_owned(),
            ..all()
        })
        .await,
        "Liked"
    );
    assert_eq!(
        list(ListPostsRequest {
            book_id: Some(book.id),
            ..all()
        })
        .await,
        "Review"
    );
    assert_eq!(
        list(ListPostsRequest { feed: true, ..all() }).await,
        "Tagged Review"
    );
    let both = ListPostsRequest {
        feed: true,
        tag: "maths".to_owned(),
        author: "ada".to_owned(),
        ..all()
    };
    assert_eq!(list(both).await, "Tagged");
    assert_eq!(
        list(ListPostsRequest {
            author: "nobody".to_owned(),
            ..all()
        })
        .await,
        ""
    );
}

#[tokio::test]
async fn pages_neither_repeat_nor_skip_while_posts_come_and_go() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    for number in 1..=7 {
        app.post(&ada, &format!("Post {number}"), &[]).await;
    }
    let mut seen = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListPostsRequest {
            page_size: 3,
            page_token,
            ..Default::default()
        };
        let page = app.posts().list_posts(request).await.unwrap().into_inner();
        seen.extend(titles(&page.posts).into_iter().map(str::to_owned));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
        app.post(&ada, "Newcomer", &[]).await;
    }
    assert_eq!(
        seen,
        [
            "Post 7", "Post 6", "Post 5", "Post 4", "Post 3", "Post 2", "Post 1"
        ]
    );
}

#[tokio::test]
async fn posts_can_be_passed_over_and_counted() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    for number in 1..=5 {
        app.post(&ada, &format!("Post {number}"), &[]).await;
    }
    let request = ListPostsRequest {
        page_size: 2,
        skip: 1,
        with_total: true,
        ..Default::default()
    };
    let page = app.posts().list_posts(request).await.unwrap().into_inner();
    assert_eq!(
        (titles(&page.posts), page.total_size),
        (vec!["Post 4", "Post 3"], Some(5))
    );
}

#[tokio::test]
async fn only_the_wanted_fields_are_sent() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    app.post(&ada, "Short", &["tag"]).await;
    let request = ListPostsRequest {
        read_mask: mask(&["slug", "like_count"]),
        ..Default::default()
    };
    let posts = app.posts().list_posts(request).await.unwrap().into_inner().posts;
    let expected = Post {
        id: posts[0].id,
        slug: "short".to_owned(),
        ..Post::default()
    };
    assert_eq!(posts, [expected]);
}

#[tokio::test]
async fn tags_come_by_name_or_by_use() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    app.post(&ada, "One", &["b", "c"]).await;
    app.post(&ada, "Two", &["c", "a"]).await;
    let names = async |most_used| {
        let tags = app
            .posts()
            .list_tags(ListTagsRequest { most_used })
            .await
            .unwrap()
            .into_inner()
            .tags;
        tags.into_iter()
            .map(|tag| format!("{} {}", tag.name, tag.post_count))
            .collect::<Vec<_>>()
    };
    assert_eq!(names(0).await, ["a 1", "b 1", "c 2"]);
    assert_eq!(names(1).await, ["c 2"]);
}
