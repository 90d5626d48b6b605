//! S8: whoever guesses at passwords has few tries, from however many addresses, and keeps nobody out of a device that they
//! have signed in on before.

use std::num::NonZeroU32;
use std::time::Instant;

use core_service::models::session::Client;
use proto::users::v1::{CreateSessionRequest, CreateSessionResponse};
use test_kit::size;
use tonic::{Code, Status};

use crate::app::{Actor, App, PASSWORD};

/// The tries that there are at once; and another one every so many seconds.
const TRIES: u32 = 10;
const SECONDS_PER_TRY: u64 = 30;

/// Signs in, or tries to, from an address and on a device that is known by this.
async fn sign_in(
    app: &App,
    email: &str,
    password: &str,
    address: &str,
    known_device: &str,
) -> Result<CreateSessionResponse, Code> {
    let mut request = Actor::guest_of(Client::Mobile).asks(CreateSessionRequest {
        email: email.to_owned(),
        password: password.to_owned(),
        known_device: known_device.to_owned(),
        ..CreateSessionRequest::default()
    });
    let address = address.parse().unwrap();
    request.metadata_mut().insert("x-client-address", address);
    let answer = app.sessions().create_session(request).await;
    answer
        .map(tonic::Response::into_inner)
        .map_err(|refused: Status| refused.code())
}

#[tokio::test]
async fn guesses_are_few_and_keep_the_owners_out_only_where_they_are_new() {
    let (accounts, guesses) = (size(10, 100), size(1_000, 10_000));
    let app = App::start_with(|settings| {
        settings.session.tries_per_account = NonZeroU32::new(TRIES).unwrap();
        // So few that the guesses use up those of all strangers as well.
        settings.session.tries_in_all = NonZeroU32::new(TRIES * accounts as u32).unwrap();
    })
    .await;
    let mut owners = Vec::new();
    for number in 0..accounts {
        let owner = app.reader(&format!("owner{number}")).await;
        let home = format!("192.0.2.{number}");
        let begun = sign_in(&app, &owner.email, PASSWORD, &home, "").await.unwrap();
        owners.push((owner.email, home, begun.known_device));
    }

    let began = Instant::now();
    let mut looked_at = 0;
    for guess in 0..guesses {
        let email = &owners[guess % accounts].0;
        let address = format!("10.{}.{}.7", guess / 256, guess % 256);
        // A token of another account is none.
        let stolen = &owners[(guess + 1) % accounts].2;
        match sign_in(&app, email, &format!("guess {guess}"), &address, stolen).await {
            Err(Code::Unauthenticated) => looked_at += 1,
            refused => assert_eq!(refused.unwrap_err(), Code::ResourceExhausted),
        }
    }
    let at_most = accounts as u64 * (u64::from(TRIES) + 1 + began.elapsed().as_secs() / SECONDS_PER_TRY);
    assert!(
        (1..=at_most).contains(&looked_at),
        "{looked_at} of {guesses} guesses were looked at"
    );

    for (email, home, known) in &owners {
        let at_home = sign_in(&app, email, PASSWORD, home, known).await;
        assert!(at_home.is_ok(), "{email}: {at_home:?}");
    }
    // The mutant: nothing says that the device is known, and it is refused like everybody's.
    let mut refused = 0;
    for (email, home, _) in &owners {
        refused +=
            usize::from(sign_in(&app, email, PASSWORD, home, "").await == Err(Code::ResourceExhausted));
    }
    assert!(refused > accounts / 2, "{refused} of {accounts}");
}

#[tokio::test]
async fn a_device_that_is_known_has_no_more_tries_than_others() {
    let three = NonZeroU32::new(3).unwrap();
    let app = App::start_with(|settings| settings.session.tries_per_account = three).await;
    let ada = app.reader("ada").await;
    let home = sign_in(&app, &ada.email, PASSWORD, "192.0.2.1", "")
        .await
        .unwrap();
    let (known, mut codes) = (home.known_device, Vec::new());
    for _ in 0..5 {
        let wrong = sign_in(&app, &ada.email, "wrong horse", "192.0.2.1", &known).await;
        codes.push(wrong.unwrap_err());
    }
    assert_eq!(codes[..3], [Code::Unauthenticated; 3]);
    assert_eq!(codes[3..], [Code::ResourceExhausted; 2]);
    // Nor does it use up those of others.
    let elsewhere = sign_in(&app, &ada.email, PASSWORD, "192.0.2.1", "").await;
    assert!(elsewhere.is_ok(), "{elsewhere:?}");
}
