//! Registering, signing in, and one's own account.

use serde_json::{Value, json};

use crate::harness::{App, PASSWORD, Reader, refusal, text};

async fn change(reader: &Reader, user: Value) -> Value {
    reader.put("/api/user", json!({"user": user})).await.ok()["user"].clone()
}

#[tokio::test]
async fn whoever_registers_gets_a_token_that_works() {
    let app = App::start().await;
    let answer = app.register("ada").await;
    assert_eq!(answer.status, 201);
    let mut user = answer.body;
    let token = text(&user["user"]["token"]);
    user["user"]["token"] = "…".into();
    assert_eq!(
        user,
        json!({"user": {
            "email": "ada@example.com", "token": "…", "username": "ada", "bio": null, "image": null,
        }})
    );
    let mut ada = app.guest();
    ada.token = Some(token.clone());
    let me = ada.get("/api/user").await.ok();
    assert_eq!(
        (&me["user"]["username"], &me["user"]["token"]),
        (&json!("ada"), &json!(token))
    );
}

#[tokio::test]
async fn signing_in_takes_the_email_in_any_case_and_gives_a_new_token() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let user = app.login("ADA@Example.com", PASSWORD).await.ok();
    assert_ne!(user["user"]["token"].as_str(), ada.token.as_deref());
    assert_eq!(user["user"]["email"], "ada@example.com");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_email_are_the_same_refusal() {
    let app = App::start().await;
    app.reader("ada").await;
    for (email, password) in [("ada@example.com", "wrong horse"), ("eve@example.com", PASSWORD)] {
        assert_eq!(
            refusal(app.login(email, password).await),
            (401, json!({"credentials": ["invalid"]}))
        );
    }
}

#[tokio::test]
async fn a_login_without_its_fields_is_refused_field_by_field() {
    let app = App::start().await;
    for user in [
        json!({}),
        json!({"email": "", "password": ""}),
        json!({"email": " ", "password": " "}),
        json!({"email": null, "password": null}),
    ] {
        let answer = app.guest().post("/api/users/login", json!({"user": user})).await;
        assert_eq!(
            refusal(answer),
            (
                422,
                json!({"email": ["can't be blank"], "password": ["can't be blank"]})
            )
        );
    }
}

#[tokio::test]
async fn a_registration_is_refused_with_everything_that_is_wrong() {
    let app = App::start().await;
    for (user, errors) in [
        (
            json!({}),
            json!({"username": ["can't be blank"], "email": ["can't be blank"], "password": ["can't be blank"]}),
        ),
        (
            json!({"username": null, "email": " ", "password": "        "}),
            json!({"username": ["can't be blank"], "email": ["can't be blank"], "password": ["can't be blank"]}),
        ),
        (
            json!({"username": "a b", "email": "nowhere", "password": "short"}),
            json!({
                "username": ["can't have spaces or any of / ? # %"],
                "email": ["is not an e-mail address"],
                "password": ["is too short (at least 8 characters)"],
            }),
        ),
        (
            json!({"username": 7, "email": "", "password": ["x"]}),
            json!({
                "username": ["has to be a string"],
                "email": ["can't be blank"],
                "password": ["has to be a string"],
            }),
        ),
    ] {
        let answer = app.guest().post("/api/users", json!({"user": user})).await;
        assert_eq!(refusal(answer), (422, errors));
    }
}

#[tokio::test]
async fn a_name_and_an_email_are_somebodys_in_any_case() {
    let app = App::start().await;
    app.reader("ada").await;
    for (username, email, field) in [
        ("ADA", "other@example.com", "username"),
        ("other", "Ada@Example.COM", "email"),
    ] {
        let user = json!({"user": {"username": username, "email": email, "password": PASSWORD}});
        assert_eq!(
            refusal(app.guest().post("/api/users", user).await),
            (409, json!({field: ["has already been taken"]}))
        );
    }
    let eve = app.reader("eve").await;
    for (field, value) in [("username", "Ada"), ("email", "ADA@example.com")] {
        let answer = eve.put("/api/user", json!({"user": {field: value}})).await;
        assert_eq!(refusal(answer), (409, json!({field: ["has already been taken"]})));
    }
}

#[tokio::test]
async fn passwords_of_8_and_of_many_characters_are_taken_without_rules() {
    let app = App::start().await;
    for (username, password) in [
        ("short", "12345678".to_owned()),
        ("long", "x".repeat(100)),
        ("words", "ünïcödé and spaces".to_owned()),
    ] {
        let email = format!("{username}@example.com");
        let user = json!({"user": {"username": username, "email": email, "password": password}});
        assert_eq!(
            app.guest().post("/api/users", user).await.status,
            201,
            "{username}"
        );
        app.login(&email, &password).await.ok();
    }
}

#[tokio::test]
async fn the_token_goes_on_working_after_any_change() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    for changes in [
        json!({"username": "countess"}),
        json!({"email": "countess@example.com"}),
        json!({"password": "another horse"}),
        json!({"bio": "Wrote the first program.", "image": "https://example.com/ada.png"}),
    ] {
        let user = change(&ada, changes).await;
        assert_eq!(user["token"].as_str(), ada.token.as_deref());
        let again = ada.get("/api/user").await.ok();
        assert_eq!(again["user"], user);
    }
    assert_eq!(app.login("ada@example.com", PASSWORD).await.status, 401);
    app.login("countess@example.com", "another horse").await.ok();
}

#[tokio::test]
async fn an_update_changes_what_it_names_and_null_or_nothing_clears() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let image = "https://example.com/ada.png";
    change(&ada, json!({"bio": "Countess", "image": image})).await;
    let user = change(&ada, json!({"username": "ada2", "following": true})).await;
    assert_eq!(
        (&user["bio"], &user["image"]),
        (&json!("Countess"), &json!(image))
    );

    assert_eq!(
        change(&ada, json!({"bio": null, "image": ""})).await["bio"],
        Value::Null
    );
    change(&ada, json!({"bio": "Countess", "image": image})).await;
    let cleared = change(&ada, json!({"bio": "", "image": null})).await;
    assert_eq!((&cleared["bio"], &cleared["image"]), (&Value::Null, &Value::Null));
    assert_eq!(change(&ada, json!({})).await, cleared, "nothing changes nothing");
}

#[tokio::test]
async fn name_email_and_password_cannot_be_taken_away() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    for blank in [json!(null), json!(""), json!("  ")] {
        let user = json!({"username": blank, "email": blank, "password": blank});
        let answer = ada.put("/api/user", json!({"user": user})).await;
        assert_eq!(
            refusal(answer),
            (
                422,
                json!({
                    "username": ["can't be blank"],
                    "email": ["can't be blank"],
                    "password": ["can't be blank"],
                })
            )
        );
    }
    app.login("ada@example.com", PASSWORD).await.ok();
}
