//! Bad input: all that is wrong is said at once, with its field, and nothing happens.

use proto::books::v1::{BatchGetBooksRequest, CreateBookRequest, ListBooksRequest, UpdateBookRequest};
use proto::posts::v1::{CreatePostRequest, GetPostRequest, ListPostsRequest};
use proto::users::v1::{RegisterRequest, UpdateAccountRequest};
use tonic::Code;

use crate::app::{App, a_post, by_slug, mask, refusal};

fn fields<T>(answer: Result<tonic::Response<T>, tonic::Status>) -> Vec<String> {
    let (code, reason, about) = refusal(answer);
    assert_eq!((code, reason.as_str()), (Code::InvalidArgument, "INVALID_INPUT"));
    about
        .into_iter()
        .map(|(field, problem)| format!("{field} {problem}"))
        .collect()
}

#[tokio::test]
async fn a_new_account_hears_everything_that_is_wrong() {
    let app = App::start().await;
    let request = RegisterRequest {
        username: "  ".to_owned(),
        email: "no at sign".to_owned(),
        password: "short".to_owned(),
        name: "n".repeat(101),
    };
    let expected = [
        "username can't be blank",
        "email is not an e-mail address",
        "password is too short (at least 8 characters)",
        "name is too long (at most 100 characters)",
    ];
    assert_eq!(fields(app.users().register(request).await), expected);
}

#[tokio::test]
async fn a_long_password_without_any_composition_is_fine() {
    let app = App::start().await;
    let request = RegisterRequest {
        username: "ada".to_owned(),
        email: "ada@example.com".to_owned(),
        password: "x".repeat(64),
        name: String::new(),
    };
    assert!(app.users().register(request).await.is_ok());
}

#[tokio::test]
async fn a_post_hears_everything_that_is_wrong() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let request = CreatePostRequest {
        title: "t".repeat(301),
        description: String::new(),
        body: "a NUL \0 byte".to_owned(),
        tags: vec!["fine".to_owned(), " ".to_owned(), "t".repeat(51)],
        book_id: None,
    };
    let expected = [
        "title is too long (at most 300 characters)",
        "description can't be blank",
        "body has a NUL character",
        "tags[1] can't be blank",
        "tags[2] is too long (at most 50 characters)",
    ];
    assert_eq!(fields(app.posts().create_post(ada.asks(request)).await), expected);
}

#[tokio::test]
async fn of_very_many_mistakes_the_first_hundred_are_told() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let with = |tags| CreatePostRequest {
        tags,
        ..a_post("Tagged")
    };
    let blank = with(vec![String::new(); 50_000]);
    let told = fields(app.posts().create_post(ada.asks(blank)).await);
    assert_eq!((told.len(), &*told[99]), (100, "tags[99] can't be blank"));

    // Each is compared with all before it, so it has to end in time.
    let many = with((0..100_000).map(|number| number.to_string()).collect());
    let told = fields(app.posts().create_post(ada.asks(many)).await);
    assert_eq!(told, ["tags has too many (at most 20)"]);
}

#[tokio::test]
async fn a_post_about_a_book_that_is_not_there_is_refused() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let request = CreatePostRequest {
        book_id: Some(404),
        ..a_post("Lost")
    };
    assert_eq!(
        fields(app.posts().create_post(ada.asks(request)).await),
        ["book_id is no book of ours"]
    );
}

#[tokio::test]
async fn a_book_hears_everything_that_is_wrong() {
    let app = App::start().await;
    let tim = app.staff("tim").await;
    let request = CreateBookRequest {
        isbn13: "9780439023482".to_owned(),
        title: String::new(),
        authors: vec![],
        published_year: Some(4_000),
        language: "not a tag!".to_owned(),
        description: "d".repeat(20_001),
        cover_url: "javascript:alert(1)".to_owned(),
        price_cents: -1,
        currency: "euro".to_owned(),
        stock: -1,
    };
    let expected = [
        "isbn13 is not an ISBN with a right check digit",
        "title can't be blank",
        "authors can't be blank",
        "published_year has to be between -5000 and 3000",
        "language is not a language tag such as en or en-US",
        "description is too long (at most 20000 characters)",
        "cover_url is not an http or https address",
        "price_cents has to be between 0 and 100000000",
        "currency is not three capital letters such as EUR",
        "stock has to be between 0 and 1000000",
    ];
    assert_eq!(fields(app.books().create_book(tim.asks(request)).await), expected);
}

#[tokio::test]
async fn masks_name_what_there_is() {
    let app = App::start().await;
    let (ada, tim) = (app.reader("ada").await, app.staff("tim").await);
    let read = ListPostsRequest {
        read_mask: mask(&["title", "author_id", "password_hash"]),
        ..Default::default()
    };
    let refused = fields(app.posts().list_posts(read).await);
    assert!(
        refused[0].starts_with("read_mask names `author_id`, which is none of id, slug,"),
        "{refused:?}"
    );
    assert_eq!(refused.len(), 2);
    let write = UpdateAccountRequest {
        update_mask: mask(&["role"]),
        ..Default::default()
    };
    assert!(
        fields(app.users().update_account(ada.asks(write)).await)[0].starts_with("update_mask names `role`")
    );
    let nothing = UpdateBookRequest {
        id: 1,
        book: Some(CreateBookRequest::default()),
        update_mask: None,
    };
    assert_eq!(
        fields(app.books().update_book(tim.asks(nothing)).await),
        ["update_mask names nothing to change"]
    );
}

#[tokio::test]
async fn pages_and_batches_keep_their_sizes() {
    let app = App::start().await;
    let negative = ListPostsRequest {
        page_size: -1,
        ..Default::default()
    };
    assert_eq!(
        fields(app.posts().list_posts(negative).await),
        ["page_size can't be negative"]
    );
    let huge = ListPostsRequest {
        page_size: i32::MAX,
        ..Default::default()
    };
    assert!(app.posts().list_posts(huge).await.is_ok());
    let skipping = ListPostsRequest {
        skip: 100_001,
        ..Default::default()
    };
    assert_eq!(
        fields(app.posts().list_posts(skipping).await),
        ["skip has to be between 0 and 100000"]
    );
    let batch = |count| BatchGetBooksRequest {
        ids: (0..count).collect(),
        read_mask: None,
    };
    assert!(app.books().batch_get_books(batch(100)).await.is_ok());
    assert_eq!(
        fields(app.books().batch_get_books(batch(101)).await),
        ["ids names too many (at most 100)"]
    );
}

#[tokio::test]
async fn made_up_tokens_and_missing_keys_are_refused() {
    let app = App::start().await;
    for page_token in ["x", "!!!", "AAAAAAAAAAAAAAAAAAAAAA"] {
        let request = ListBooksRequest {
            page_token: page_token.to_owned(),
            ..Default::default()
        };
        assert!(fields(app.books().list_books(request).await)[0].starts_with("page_token "));
    }
    let no_key = GetPostRequest {
        key: None,
        read_mask: None,
    };
    assert_eq!(
        fields(app.posts().get_post(no_key).await),
        ["key is missing: give an id or a slug"]
    );
}

#[tokio::test]
async fn a_name_with_a_nul_is_nobodys() {
    let app = App::start().await;
    let post = refusal(app.posts().get_post(by_slug("a\0b")).await).0;
    let by_tag = ListPostsRequest {
        tag: "a\0b".to_owned(),
        ..Default::default()
    };
    let posts = app
        .posts()
        .list_posts(by_tag)
        .await
        .map(|posts| posts.into_inner().posts);
    // SQLite looks for it and finds nothing; PostgreSQL refuses to look.
    if app.is_postgres() {
        assert_eq!(post, Code::InvalidArgument);
        assert_eq!(posts.unwrap_err().code(), Code::InvalidArgument);
    } else {
        assert_eq!(post, Code::NotFound);
        assert_eq!(posts.unwrap(), []);
    }
}
