//! An older backup of the database is restored while the cluster runs (R3b): within five seconds nobody is shown anything
//! of what was lost, and nobody ever again, also where its numbers in the log are given again.

use std::time::{Duration, Instant};

use e2e::{Cluster, STAFF, eventually};
use test_kit::client::Client;

use crate::coherence::{Twins, price};

/// How soon everybody has to know.
const SOON: Duration = Duration::from_secs(5);

/// The price of a book, as it was, as it will never have been, and as it will be.
const BEFORE: i64 = 4_000_000;
const LOST: i64 = 4_000_001;
const AFTER: i64 = 4_000_002;

type Reader = (&'static str, Client, String);

async fn is_shown(reader: &Reader, cents: i64) -> bool {
    let (_, client, path) = reader;
    price(&client.get(path).await.ok()) == Some(cents)
}

async fn all_are_shown(readers: &[Reader], cents: i64) {
    for reader in readers {
        let shown = async || is_shown(reader, cents).await;
        eventually(&format!("{} is shown {cents}", reader.0), shown).await;
    }
}

/// The log loses what was written last, as with an older backup.
pub async fn lose_the_end_of_the_log(cluster: &Cluster) {
    let end = if test_kit::on_postgres() {
        "DELETE FROM change_log WHERE seq = (SELECT max(seq) FROM change_log);
         UPDATE feed_head SET last_seq = (SELECT max(seq) FROM change_log)"
    } else {
        "BEGIN IMMEDIATE;
         DELETE FROM change_log WHERE seq = (SELECT max(seq) FROM change_log);
         UPDATE sqlite_sequence SET seq = (SELECT max(seq) FROM change_log) WHERE name = 'change_log';
         COMMIT"
    };
    cluster.sabotage(end).await;
}

#[tokio::test]
async fn nobody_is_shown_what_was_lost() {
    let twins = Twins::start().await;
    let staff = twins.cluster.desktop_as(STAFF).await;
    let readers = twins.readers();
    for cents in [BEFORE, LOST] {
        twins.reprice(&staff, cents).await;
        all_are_shown(&readers, cents).await;
    }

    let price = "UPDATE books SET price_cents = 4000000 WHERE price_cents = 4000001";
    twins.cluster.sabotage(price).await;
    // The mutant: a log that has not lost its end, so that nobody knows who keeps anything; the desk keeps nothing.
    for reader in readers.iter().filter(|(who, ..)| !who.starts_with("desktop")) {
        assert!(is_shown(reader, LOST).await, "{}", reader.0);
    }
    lose_the_end_of_the_log(&twins.cluster).await;
    let restored = Instant::now();
    all_are_shown(&readers, BEFORE).await;
    assert!(restored.elapsed() < SOON, "{:?}", restored.elapsed());

    // What happens now has the number of what was lost.
    twins.cluster.newcomer().await;
    for reader in &readers {
        assert!(is_shown(reader, BEFORE).await, "{}", reader.0);
    }
    twins.reprice(&staff, AFTER).await;
    all_are_shown(&readers, AFTER).await;
}
