//! What one writes, all see: on all three faces, two replicas of each, and nobody sees something older than a second
//! (R4); whoever wrote it sees it at once, wherever they ask (R5).
//!
//! `SOAK=1` makes both a hundred times longer.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use e2e::{Changed, Cluster, Program, STAFF, eventually};
use reqwest::Method;
use serde_json::json;
use test_kit::client::{Answer, Client};

/// How old what anybody sees may be.
const BOUND: Duration = Duration::from_secs(1);
/// For how long every answer may come too late.
const PATIENCE: Duration = Duration::from_secs(60);

fn rounds(usual: i64) -> i64 {
    usual * test_kit::size(1, 100) as i64
}

/// A cluster with two of each gateway, and a book.
pub struct Twins {
    pub cluster: Cluster,
    others: [Program; 3],
    book: i64,
}

impl Twins {
    pub async fn start() -> Self {
        let cluster = Cluster::start_as(Changed {
            // For as long as a soak takes.
            core: &[("TRIPTYCH_SESSION__ACCESS_LIFETIME", "1h")],
            ..Changed::default()
        })
        .await;
        let others = [
            cluster.replica_of(&cluster.web).await,
            cluster.replica_of(&cluster.mobile).await,
            cluster.replica_of(&cluster.desktop).await,
        ];
        let books = in_time(async || cluster.mobile.guest().get("/v1/books").await);
        let books = books.await.ok();
        let book = books["items"][0]["id"].as_i64().unwrap();
        Self {
            cluster,
            others,
            book,
        }
    }

    /// Whoever reads the price of the book: through whom, and where.
    pub async fn readers(&self) -> Vec<(&'static str, Client, String)> {
        let [web, mobile, desktop] = &self.others;
        let staff = self.cluster.desktop_as(STAFF).await;
        let (on_web, on_mobile) = (
            format!("/api/views/books/{}", self.book),
            format!("/v1/books/{}", self.book),
        );
        vec![
            ("web 1", self.cluster.web.guest().clone(), on_web.clone()),
            ("web 2", web.guest().clone(), on_web),
            ("mobile 1", self.cluster.mobile.guest().clone(), on_mobile.clone()),
            ("mobile 2", mobile.guest().clone(), on_mobile.clone()),
            ("desktop 1", staff.clone(), on_mobile.clone()),
            ("desktop 2", desktop.guest().bearing(staff.token()), on_mobile),
        ]
    }

    /// The staff give the book this price; gives the place of that in the log of changes, or `unknown`.
    pub async fn reprice(&self, staff: &Client, cents: i64) -> String {
        let path = format!("/v1/books/{}", self.book);
        let answer = in_time(async || staff.patch(&path, json!({"priceCents": cents})).await).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let position = answer.header("change-position");
        assert!(position == "unknown" || position.contains('.'), "{position:?}");
        position.to_owned()
    }
}

/// Whether it took too long, as on a machine that does much else: that says nothing of how old anything is.
fn is_too_late(answer: &Answer) -> bool {
    answer.status == 504
}

/// Asks until an answer comes in time.
async fn in_time(ask: impl AsyncFn() -> Answer) -> Answer {
    let began = Instant::now();
    loop {
        let answer = ask().await;
        if !is_too_late(&answer) {
            return answer;
        }
        assert!(began.elapsed() < PATIENCE, "all came too late: {}", answer.body);
    }
}

/// The price on a screen, wherever it stands there.
pub fn price(screen: &serde_json::Value) -> Option<i64> {
    let book = screen.get("book").unwrap_or(screen);
    book["priceCents"].as_i64()
}

/// The price that somebody is shown who has seen the log up to this place.
async fn price_for(client: &Client, path: &str, position: &str) -> Option<i64> {
    let ask = async || {
        let request = client.request(Method::GET, path);
        client.send(request.header("change-position", position)).await
    };
    price(&in_time(ask).await.ok())
}

/// When a price was acknowledged, when each reader saw it first, and how long they were without an answer in time.
#[derive(Default)]
struct Seen {
    acknowledged: Mutex<Vec<Instant>>,
    delays: Mutex<Vec<Duration>>,
    violations: Mutex<Vec<String>>,
    reads: AtomicU64,
    late: AtomicU64,
    silence: Mutex<Duration>,
}

impl Seen {
    /// How many prices had been acknowledged for longer than `age` at that moment.
    fn acknowledged_before(&self, moment: Instant, age: Duration) -> i64 {
        let acknowledged = self.acknowledged.lock().unwrap();
        let old = acknowledged.iter().filter(|at| **at + age <= moment);
        i64::try_from(old.count()).unwrap()
    }

    /// Takes note that a reader had no answer in time for so long.
    fn kept_waiting(&self, silence: Duration) {
        let mut longest = self.silence.lock().unwrap();
        *longest = silence.max(*longest);
    }

    /// Takes note that a reader who asked at `asked` saw the price of this number, and all before it up to `until` now.
    fn saw(&self, who: &str, asked: Instant, number: i64, until: &mut i64) {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let due = self.acknowledged_before(asked, BOUND);
        if number < due {
            let violation = format!("{who} saw {number} more than {BOUND:?} after {due} was acknowledged");
            self.violations.lock().unwrap().push(violation);
        }
        let acknowledged = self.acknowledged.lock().unwrap();
        while *until < number {
            // Seen before it was acknowledged is seen at once.
            let since = acknowledged.get(usize::try_from(*until).unwrap()).copied();
            let delay = since.map_or(Duration::ZERO, |since| {
                Instant::now().saturating_duration_since(since)
            });
            self.delays.lock().unwrap().push(delay);
            *until += 1;
        }
    }
}

/// Gives the book so many prices while six read; what they saw, until so long after the last one.
async fn seen_of(twins: &Twins, last: i64, patience: Duration) -> Arc<Seen> {
    let staff = twins.cluster.desktop_as(STAFF).await;
    let seen = Arc::new(Seen::default());
    let readers = twins.readers().await.into_iter().map(|(who, client, path)| {
        let seen = seen.clone();
        let reads = tokio::spawn(async move {
            let (mut until, mut answered) = (0, Instant::now());
            while until < last {
                let asked = Instant::now();
                let answer = client.get(&path).await;
                seen.kept_waiting(answered.elapsed());
                if is_too_late(&answer) {
                    seen.late.fetch_add(1, Ordering::Relaxed);
                    continue;
                }
                answered = Instant::now();
                let number = price(&answer.ok()).unwrap() - 1_000_000;
                seen.saw(who, asked, number.max(0), &mut until);
            }
        });
        (who, reads)
    });
    let readers: Vec<_> = readers.collect();

    for number in 1..=last {
        twins.reprice(&staff, 1_000_000 + number).await;
        seen.acknowledged.lock().unwrap().push(Instant::now());
    }
    let over = tokio::time::Instant::now() + patience;
    for (who, mut reads) in readers {
        match tokio::time::timeout_at(over, &mut reads).await {
            Ok(ended) => ended.unwrap(),
            Err(_) => {
                reads.abort();
                let violation = format!("{who} had not seen the last price after {patience:?}");
                seen.violations.lock().unwrap().push(violation);
            }
        }
    }
    seen
}

#[tokio::test]
async fn what_is_written_through_one_gateway_is_seen_by_all_in_time() {
    let (twins, last) = (Twins::start().await, rounds(60));
    let seen = seen_of(&twins, last, BOUND * 10).await;
    let violations = seen.violations.lock().unwrap();
    assert!(violations.is_empty(), "{violations:#?}");

    let mut delays = seen.delays.lock().unwrap().clone();
    delays.sort();
    let at = |share: usize| delays[(delays.len() - 1) * share / 100];
    print_line(&format!(
        "{last} writes, {} reads on six replicas: seen {:?} after the acknowledgement (median), {:?} (p99), {:?} (last); \
         {} answers came too late, nobody had none in time for longer than {:?}",
        seen.reads.load(Ordering::Relaxed),
        at(50),
        at(99),
        at(100),
        seen.late.load(Ordering::Relaxed),
        seen.silence.lock().unwrap()
    ));
}

#[tokio::test]
async fn gateways_that_do_not_hear_of_what_is_written_are_noticed() {
    // The mutant: a change that is told to the staff alone, and not to the gateways, who have no role.
    let twins = Twins::start().await;
    let told_to_the_staff = if test_kit::on_postgres() {
        "CREATE FUNCTION whisper() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.audience := 4; RETURN NEW; END $$;
         CREATE TRIGGER whisper BEFORE INSERT ON change_log FOR EACH ROW EXECUTE FUNCTION whisper()"
    } else {
        "CREATE TRIGGER whisper AFTER INSERT ON change_log
         BEGIN UPDATE change_log SET audience = 4 WHERE seq = NEW.seq; END"
    };
    twins.cluster.sabotage(told_to_the_staff).await;
    // So that there is something to be kept everywhere.
    for (_, client, path) in twins.readers().await {
        in_time(async || client.get(&path).await).await.ok();
    }

    let seen = seen_of(&twins, 3, BOUND * 2).await;
    let violations = seen.violations.lock().unwrap();
    let old = format!("saw 0 more than {BOUND:?} after");
    assert!(
        violations.iter().any(|found| found.contains(&old)),
        "{violations:#?}"
    );
}

#[tokio::test]
async fn whoever_writes_sees_it_at_once_on_every_replica() {
    let twins = Twins::start().await;
    let staff = twins.cluster.desktop_as(STAFF).await;
    let readers = twins.readers().await;
    // So that there is something to be kept everywhere.
    for (_, client, path) in &readers {
        in_time(async || client.get(path).await).await.ok();
    }
    let (mut placed, rounds) = (0, rounds(30));
    for number in 1..=rounds {
        let cents = 2_000_000 + number;
        let position = twins.reprice(&staff, cents).await;
        placed += i64::from(position.contains('.'));
        for (who, client, path) in &readers {
            let seen = price_for(client, path, &position).await;
            assert_eq!(seen, Some(cents), "{who} at {position}");
        }
    }
    print_line(&format!(
        "{rounds} writes, {placed} of them with a place, each seen on six replicas"
    ));
}

#[tokio::test]
async fn whoever_writes_sees_it_at_once_though_the_core_cannot_say_where_it_stands() {
    // On SQLite what is written is in the log already: the core can always say.
    if !test_kit::on_postgres() {
        return;
    }
    let twins = Twins::start().await;
    let staff = twins.cluster.desktop_as(STAFF).await;
    let readers = twins.readers().await;
    twins.reprice(&staff, 3_000_000).await;
    for (who, client, path) in &readers {
        eventually(who, async || price_for(client, path, "").await == Some(3_000_000)).await;
    }

    // Nobody takes anything into the log.
    let held = twins.cluster.hold("SELECT * FROM feed_head FOR UPDATE").await;
    let first = twins.reprice(&staff, 3_000_001).await;
    assert_eq!(first, "unknown");
    // The mutant: a gateway that is not told what the writer has seen.
    let (_, client, path) = &readers[1];
    assert_eq!(price_for(client, path, "").await, Some(3_000_000));
    for cents in 3_000_002..3_000_006 {
        let position = twins.reprice(&staff, cents).await;
        assert_eq!(position, "unknown");
        for (who, client, path) in &readers {
            let seen = price_for(client, path, &position).await;
            assert_eq!(seen, Some(cents), "{who}");
        }
    }

    // Others see it as soon as their gateways notice that the log is held up.
    let written = Instant::now();
    for (who, client, path) in &readers {
        eventually(who, async || price_for(client, path, "").await == Some(3_000_005)).await;
    }
    assert!(
        written.elapsed() < Duration::from_secs(5),
        "{:?}",
        written.elapsed()
    );

    drop(held);
    eventually("places are known again", async || {
        twins.reprice(&staff, 3_000_006).await.contains('.')
    })
    .await;
}

#[tokio::test]
async fn a_browser_brings_what_it_has_written_back_by_itself() {
    let twins = Twins::start().await;
    let ada = twins.cluster.newcomer().await;
    let article = json!({"title": "Seen at once", "description": "d", "body": "b"});
    let written = ada.web.post("/api/articles", json!({ "article": article })).await;
    assert_eq!(written.status, 201, "{}", written.body);
    let cookie = written.header("set-cookie").split(';').next().unwrap().to_owned();
    assert!(cookie.starts_with("seen="), "{cookie}");

    let other = twins.others[0].guest();
    let request = other
        .request(Method::GET, "/api/articles/seen-at-once")
        .header("cookie", cookie);
    other.send(request).await.ok();
}

#[expect(
    clippy::print_stdout,
    reason = "a figure for whoever runs it with --no-capture"
)]
fn print_line(line: &str) {
    println!("{line}");
}
