//! Accounts and profiles.

use proto::users::v1::{
    BatchGetUsersRequest, FollowRequest, GetAccountRequest, GetUserRequest, RegisterRequest, UnfollowRequest,
    UpdateAccountRequest, get_user_request,
};
use tonic::Code;

use crate::app::{Actor, App, PASSWORD, mask, refusal};

fn account(username: &str, email: &str) -> RegisterRequest {
    RegisterRequest {
        username: username.to_owned(),
        email: email.to_owned(),
        password: PASSWORD.to_owned(),
        name: String::new(),
    }
}

fn by_name(username: &str) -> GetUserRequest {
    GetUserRequest {
        key: Some(get_user_request::Key::Username(username.to_owned())),
        read_mask: None,
    }
}

#[tokio::test]
async fn a_new_account_is_a_reader_and_can_sign_in() {
    let app = App::start().await;
    let account = app
        .users()
        .register(account("Ada", "ada@example.com"))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(account.role(), proto::users::v1::Role::Reader);
    assert_eq!(
        (account.email.as_str(), account.user.unwrap().username.as_str()),
        ("ada@example.com", "Ada")
    );
    assert!(app.sign_in("ada@example.com", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn a_name_or_address_is_taken_in_any_case() {
    let app = App::start().await;
    app.users()
        .register(account("Ada", "ada@example.com"))
        .await
        .unwrap();
    let taken = |field: &str| {
        (
            Code::AlreadyExists,
            "TAKEN".to_owned(),
            vec![(field.to_owned(), "has already been taken".to_owned())],
        )
    };
    assert_eq!(
        refusal(app.users().register(account("aDA", "other@example.com")).await),
        taken("username")
    );
    assert_eq!(
        refusal(app.users().register(account("eve", "ADA@example.COM")).await),
        taken("email")
    );
    // Letters that look the same are the same: full-width and composed forms fold together.
    assert_eq!(
        refusal(app.users().register(account("ＡＤＡ", "third@example.com")).await),
        taken("username")
    );
}

#[tokio::test]
async fn only_what_the_mask_names_changes() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let request = UpdateAccountRequest {
        bio: "Countess".to_owned(),
        username: "not this".to_owned(),
        update_mask: mask(&["bio"]),
        ..UpdateAccountRequest::default()
    };
    let account = app
        .users()
        .update_account(ada.asks(request))
        .await
        .unwrap()
        .into_inner();
    let user = account.user.unwrap();
    assert_eq!(
        (user.username.as_str(), user.bio.as_deref()),
        ("ada", Some("Countess"))
    );
}

#[tokio::test]
async fn an_empty_text_clears_what_can_be_absent() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let change = |bio: &str| UpdateAccountRequest {
        bio: bio.to_owned(),
        update_mask: mask(&["bio"]),
        ..UpdateAccountRequest::default()
    };
    app.users()
        .update_account(ada.asks(change("Countess")))
        .await
        .unwrap();
    app.users().update_account(ada.asks(change(""))).await.unwrap();
    let user = app.users().get_user(by_name("ada")).await.unwrap().into_inner();
    assert_eq!(user.bio, None);
}

#[tokio::test]
async fn one_goes_on_with_the_same_token_after_changing_everything() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let request = UpdateAccountRequest {
        username: "countess".to_owned(),
        email: "countess@example.com".to_owned(),
        password: "a new password".to_owned(),
        update_mask: mask(&["username", "email", "password"]),
        ..UpdateAccountRequest::default()
    };
    app.users().update_account(ada.asks(request)).await.unwrap();
    let account = app
        .users()
        .get_account(ada.asks(GetAccountRequest {}))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(account.email, "countess@example.com");
    assert!(
        app.sign_in("countess@example.com", "a new password")
            .await
            .is_ok()
    );
    assert!(app.sign_in("countess@example.com", PASSWORD).await.is_err());
}

#[tokio::test]
async fn an_account_needs_its_owner() {
    let app = App::start().await;
    let refused = refusal(
        app.users()
            .get_account(Actor::guest().asks(GetAccountRequest {}))
            .await,
    );
    assert_eq!(
        (refused.0, refused.1.as_str()),
        (Code::Unauthenticated, "TOKEN_MISSING")
    );
}

#[tokio::test]
async fn a_batch_answers_in_the_order_of_its_keys_and_leaves_out_strangers() {
    let app = App::start().await;
    let (ada, eve) = (app.reader("ada").await, app.reader("eve").await);
    let request = BatchGetUsersRequest {
        ids: vec![eve.id, 999_999],
        usernames: vec!["ADA".to_owned(), "nobody".to_owned(), "eve".to_owned()],
        read_mask: mask(&["username"]),
    };
    let users = app
        .users()
        .batch_get_users(request)
        .await
        .unwrap()
        .into_inner()
        .users;
    assert_eq!(
        users.iter().map(|user| user.id).collect::<Vec<_>>(),
        [eve.id, ada.id]
    );
    assert_eq!(users[0].name, "", "a field that was not asked for is not sent");
}

#[tokio::test]
async fn following_is_harmless_when_repeated_and_not_for_oneself() {
    let app = App::start().await;
    let (ada, eve) = (app.reader("ada").await, app.reader("eve").await);
    for _ in 0..2 {
        app.users()
            .follow(ada.asks(FollowRequest {
                username: "EVE".to_owned(),
                ..Default::default()
            }))
            .await
            .unwrap();
    }
    for _ in 0..2 {
        app.users()
            .unfollow(ada.asks(UnfollowRequest {
                username: eve.username.clone(),
                ..Default::default()
            }))
            .await
            .unwrap();
    }
    let nobody = refusal(
        app.users()
            .follow(ada.asks(FollowRequest {
                username: "nobody".to_owned(),
                ..Default::default()
            }))
            .await,
    );
    assert_eq!(nobody.0, Code::NotFound);
    let oneself = refusal(
        app.users()
            .follow(ada.asks(FollowRequest {
                username: "ada".to_owned(),
                ..Default::default()
            }))
            .await,
    );
    assert_eq!(oneself.0, Code::InvalidArgument);
}
