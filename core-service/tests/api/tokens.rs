//! S6: the tokens of phones and desktops, refreshed, lost, sent twice, stolen.

use core_service::models::session::Client;
use proto::users::v1::{CreateSessionRequest, GetAccountRequest, Pass, RefreshSessionRequest};
use serde_json::json;
use tonic::{Code, Status};

use crate::app::{Actor, App, PASSWORD, refusal};
use crate::forgeries::{decoded, forged, merged, signing_key};

/// A phone that somebody is signed in on.
pub async fn phone(app: &App, owner: &Actor) -> Pass {
    let guest = Actor::guest_of(Client::Mobile);
    let request = guest.asks(CreateSessionRequest {
        email: owner.email.clone(),
        password: PASSWORD.to_owned(),
        device: "a phone".to_owned(),
        known_device: String::new(),
    });
    let begun = app.sessions().create_session(request).await.unwrap();
    begun.into_inner().pass.unwrap()
}

async fn refresh(app: &App, pass: &Pass) -> Result<Pass, Status> {
    let guest = Actor::guest_of(Client::Mobile);
    let request = RefreshSessionRequest {
        refresh_token: pass.refresh_token.clone(),
    };
    let answer = app.sessions().refresh_session(guest.asks(request)).await?;
    Ok(answer.into_inner())
}

/// Whether a call with this token is answered.
async fn works(app: &App, token: &str) -> bool {
    through(app, Client::Mobile, token).await
}

pub async fn through(app: &App, gateway: Client, token: &str) -> bool {
    let actor = Actor {
        token: Some(token.to_owned()),
        ..Actor::guest_of(gateway)
    };
    match app.users().get_account(actor.asks(GetAccountRequest {})).await {
        Ok(_) => true,
        Err(status) => {
            let answer: Result<tonic::Response<()>, Status> = Err(status);
            let (code, reason, _) = refusal(answer);
            assert_eq!((code, reason.as_str()), (Code::Unauthenticated, "TOKEN_INVALID"));
            false
        }
    }
}

/// Lets so much time pass for all sessions.
async fn later(app: &App, sql: &'static str) {
    app.database.execute(sql).await;
}

/// Long enough ago that no two requests of the same moment are meant.
const OUTSIDE_THE_GRACE: &str = "UPDATE sessions SET refreshed_at = '2020-01-01T00:00:00+00:00'";

#[tokio::test]
async fn a_refresh_gives_tokens_that_work_and_lets_the_old_access_token_end_by_itself() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let first = phone(&app, &ada).await;
    let second = refresh(&app, &first).await.unwrap();
    assert_ne!(first.refresh_token, second.refresh_token);
    assert!(works(&app, &first.token).await && works(&app, &second.token).await);
}

#[tokio::test]
async fn an_answer_that_was_lost_is_given_again_however_late() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let first = phone(&app, &ada).await;
    let lost = refresh(&app, &first).await.unwrap();
    later(&app, OUTSIDE_THE_GRACE).await;
    let again = refresh(&app, &first).await.unwrap();
    assert_eq!(again.refresh_token, lost.refresh_token);
    assert!(works(&app, &again.token).await);
    refresh(&app, &again).await.unwrap();
}

#[tokio::test]
async fn requests_of_the_same_moment_get_the_same_successor() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let first = phone(&app, &ada).await;
    let tabs = futures_util::future::join_all((0..8).map(|_| refresh(&app, &first))).await;
    let tokens: Vec<_> = tabs.into_iter().map(|pass| pass.unwrap()).collect();
    assert!(
        tokens
            .iter()
            .all(|pass| pass.refresh_token == tokens[0].refresh_token)
    );
    // One of them goes on at once, while the network still delivers the request of another.
    assert!(works(&app, &tokens[0].token).await);
    assert_eq!(
        refresh(&app, &first).await.unwrap().refresh_token,
        tokens[0].refresh_token
    );
}

#[tokio::test]
async fn a_stolen_refresh_token_ends_the_session_at_the_first_conflict() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let stolen = phone(&app, &ada).await;
    let of_the_owner = refresh(&app, &stolen).await.unwrap();
    assert!(works(&app, &of_the_owner.token).await);
    later(&app, OUTSIDE_THE_GRACE).await;

    let (code, reason, _) = refusal(refresh(&app, &stolen).await.map(tonic::Response::new));

    assert_eq!((code, reason.as_str()), (Code::Unauthenticated, "TOKEN_INVALID"));
    assert!(!works(&app, &of_the_owner.token).await && !works(&app, &stolen.token).await);
    assert!(refresh(&app, &of_the_owner).await.is_err());
}

#[tokio::test]
async fn a_thief_who_comes_first_is_out_when_the_owner_comes() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let stolen = phone(&app, &ada).await;
    let of_the_thief = refresh(&app, &stolen).await.unwrap();
    assert!(works(&app, &of_the_thief.token).await);
    later(&app, OUTSIDE_THE_GRACE).await;
    assert!(refresh(&app, &stolen).await.is_err());
    assert!(!works(&app, &of_the_thief.token).await);
}

/// How often somebody is signed out who refreshes so many times over a bad network: every fifth answer is lost, every
/// tenth request is delivered twice, four tabs ask at once. `mutation` is done to the sessions before each refresh.
async fn false_alarms(app: &App, refreshes: usize, mutation: Option<&'static str>) -> usize {
    let ada = app.reader("ada").await;
    let mut pass = phone(app, &ada).await;
    let mut alarms = 0;
    for round in 0..refreshes {
        if let Some(sql) = mutation {
            later(app, sql).await;
        }
        let tabs = futures_util::future::join_all((0..4).map(|_| refresh(app, &pass))).await;
        let next = tabs.into_iter().collect::<Result<Vec<_>, _>>();
        let lost = round % 5 == 0;
        let next = match next {
            Ok(next) if lost || works(app, &next[0].token).await => next.into_iter().next(),
            _ => None,
        };
        let again = round % 10 != 1 || refresh(app, &pass).await.is_ok();
        pass = match next {
            Some(_) if lost => continue,
            Some(next) if again => next,
            _ => {
                alarms += 1;
                phone(app, &ada).await
            }
        };
    }
    alarms
}

#[tokio::test]
async fn many_refreshes_over_a_bad_network_sign_nobody_out() {
    let app = App::start().await;
    assert_eq!(false_alarms(&app, test_kit::size(200, 10_000), None).await, 0);
}

#[tokio::test]
async fn whoever_takes_every_token_of_before_for_stolen_signs_people_out() {
    // The mutant of the test above: the core believes that every newest token has arrived, and long ago.
    let app = App::start().await;
    let arrived =
        "UPDATE sessions SET confirmed_generation = generation, refreshed_at = '2020-01-01T00:00:00+00:00'";
    assert!(false_alarms(&app, 20, Some(arrived)).await > 0);
}

/// How many of so many thefts are found, with nobody signed in afterwards. `mutation` is done to the sessions before the
/// stolen token is used again.
async fn thefts_found(app: &App, thefts: usize, mutation: Option<&'static str>) -> usize {
    let ada = app.reader("ada").await;
    let mut found = 0;
    for _ in 0..thefts {
        let stolen = phone(app, &ada).await;
        let next = refresh(app, &stolen).await.unwrap();
        assert!(works(app, &next.token).await);
        later(app, mutation.unwrap_or(OUTSIDE_THE_GRACE)).await;
        let refused = refresh(app, &stolen).await.is_err();
        found += usize::from(refused && !works(app, &next.token).await);
    }
    found
}

#[tokio::test]
async fn many_thefts_are_all_found() {
    let app = App::start().await;
    let thefts = test_kit::size(50, 1_000);
    assert_eq!(thefts_found(&app, thefts, None).await, thefts);
}

#[tokio::test]
async fn whoever_does_not_know_which_tokens_have_arrived_finds_no_theft() {
    // The mutant of the test above.
    let app = App::start().await;
    let forgetful = "UPDATE sessions SET confirmed_generation = 0";
    assert_eq!(thefts_found(&app, 3, Some(forgetful)).await, 0);
}

#[tokio::test]
async fn a_refresh_token_is_of_no_use_through_another_gateway_or_as_an_access_token() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let pass = phone(&app, &ada).await;
    let desk = Actor::guest_of(Client::Desktop);
    let request = RefreshSessionRequest {
        refresh_token: pass.refresh_token.clone(),
    };
    assert!(app.sessions().refresh_session(desk.asks(request)).await.is_err());
    assert!(!works(&app, &pass.refresh_token).await);
    assert!(works(&app, &pass.token).await);
}

#[tokio::test]
async fn an_access_token_ends() {
    let app = App::start_with(|settings| settings.session.access_lifetime = "0s".parse().unwrap()).await;
    let ada = app.reader("ada").await;
    let pass = phone(&app, &ada).await;
    let [head, claims] = [0, 1].map(|part| decoded(&pass.token, part));
    assert_eq!(claims["exp"], claims["iat"]);
    let long_ago = json!({"exp": claims["exp"].as_i64().unwrap() - 60});
    let expired = forged(&head, &merged(&claims, &long_ago), &signing_key());
    assert!(!works(&app, &expired).await);
}

#[tokio::test]
async fn a_secret_of_before_stays_good_for_tokens_until_they_are_refreshed() {
    let before = "the secret that was in use until yesterday";
    let app = App::start_with(|settings| settings.session.secret = before.to_owned()).await;
    let ada = app.reader("ada").await;
    let pass = phone(&app, &ada).await;
    let rotated = app.beside(|settings| settings.session.previous_secrets = vec![before.to_owned()]);
    let rotated = rotated.await;
    assert!(works(&rotated, &pass.token).await);
    let next = refresh(&rotated, &pass).await.unwrap();
    assert_ne!(decoded(&pass.token, 0)["kid"], decoded(&next.token, 0)["kid"]);
    assert!(works(&rotated, &next.token).await);
}
