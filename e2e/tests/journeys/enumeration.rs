//! S7: nobody learns by trying to sign in whether there is an account.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use e2e::{Cluster, READER, STAFF};
use serde_json::Value;
use test_kit::timing::{BY_CHANCE, difference};

use crate::sign_in::log_in;

/// Everything that could tell somebody who tries to sign in again and again whether there is such an account.
#[derive(Debug, Default)]
struct Signs {
    /// What was answered; all the same answers are one.
    told: BTreeSet<String>,
    took: Vec<Duration>,
    /// Passwords that were hashed.
    hashes: f64,
}

impl Signs {
    async fn look(&mut self, cluster: &Cluster, email: &str, password: &str) {
        let before = cluster.core.metric("password_hashes_total").await;
        let began = Instant::now();
        let mut answer = log_in(cluster.mobile.guest(), email, password).await;
        self.took.push(began.elapsed());
        self.hashes += cluster.core.metric("password_hashes_total").await - before;
        answer.body["requestId"] = Value::Null;
        answer.headers.remove("x-request-id");
        answer.headers.remove("date");
        self.told.insert(format!(
            "{} {} {:?} {}",
            answer.status, answer.bytes, answer.headers, answer.body
        ));
    }

    /// What these can be told from the others by.
    fn differ_from(&self, others: &Self) -> Vec<&'static str> {
        let signs = [
            ("what is told", self.told != others.told),
            ("how much is hashed", self.hashes != others.hashes),
            (
                "how long it takes",
                difference(&self.took, &others.took) > BY_CHANCE,
            ),
        ];
        let seen = signs.into_iter().filter(|(_, seen)| *seen);
        seen.map(|(sign, _)| sign).collect()
    }
}

#[tokio::test]
async fn who_has_no_account_costs_as_much_and_is_told_the_same() {
    let cluster = Cluster::start().await;
    cluster
        .sabotage("UPDATE users SET deleted_at = '2020-01-01T00:00:00+00:00' WHERE username = 'demo'")
        .await;
    // With a hash that says nothing, the password is refused and nothing is reckoned.
    cluster
        .sabotage("UPDATE users SET password_hash = '$argon2id' WHERE username = 'mira'")
        .await;
    let tries = test_kit::size(30, 2_000);
    let mut all: [Signs; 5] = Default::default();
    for _ in 0..tries {
        // In turns, so that whatever else the machine does meets all alike.
        for (signs, (email, password)) in all.iter_mut().zip([
            ("nobody@triptych.example", "demo-password"),
            (STAFF.email, "a wrong password"),
            (READER.email, READER.password),
            ("mira@triptych.example", "demo-password"),
            ("", "demo-password"),
        ]) {
            signs.look(&cluster, email, password).await;
        }
    }
    let [of_nobody, wrong, taken_away, unhashed, unseen] = all;
    assert!(of_nobody.told.len() == 1 && of_nobody.told.first().unwrap().starts_with("401"));
    assert_eq!(of_nobody.hashes, tries as f64);
    for known in [&wrong, &taken_away] {
        let signs = known.differ_from(&of_nobody);
        assert!(signs.is_empty(), "{signs:?}: {known:?} {of_nobody:?}");
    }

    // The mutants: whoever is answered without Argon2 is noticed by the time alone, and by everything who is refused
    // before the password is looked at.
    assert_eq!(unhashed.differ_from(&wrong), ["how long it takes"]);
    assert_eq!(
        unseen.differ_from(&wrong),
        ["what is told", "how much is hashed", "how long it takes"]
    );
}
