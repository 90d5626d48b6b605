//! What one writes, all see: on all three faces, two replicas of each, and nobody sees something older than a second
//! (R4); whoever wrote it sees it at once, wherever they ask (R5).

pub mod seen;
mod shelf;

use std::sync::Arc;
use std::time::{Duration, Instant};

use e2e::{Badge, Cluster, Line, Program, STAFF, eventually, in_time};
use reqwest::Method;
use serde_json::json;
use test_kit::client::{Answer, Client};
use tokio::task::JoinSet;

use self::seen::BOUND;
use self::shelf::Plan;

/// A cluster with two of each gateway, the second over a line that can be cut, and a book.
pub struct Twins {
    pub cluster: Cluster,
    pub staff: Badge,
    others: [Program; 3],
    lines: [Line; 3],
    book: i64,
}

impl Twins {
    pub async fn start() -> Self {
        let cluster = Cluster::start().await;
        let core = cluster.core.address();
        let lines = [Line::to(core).await, Line::to(core).await, Line::to(core).await];
        let [web, mobile, desktop] = &lines;
        let others = [
            cluster.replica_over(web, &cluster.web).await,
            cluster.replica_over(mobile, &cluster.mobile).await,
            cluster.replica_over(desktop, &cluster.desktop).await,
        ];
        let staff = cluster.badge_of(STAFF).await;
        let mut twins = Self {
            cluster,
            staff,
            others,
            lines,
            book: 0,
        };
        twins.book = twins.books(1).await[0];
        twins
    }

    /// So many books.
    async fn books(&self, count: usize) -> Vec<i64> {
        let books = get(self.cluster.mobile.guest(), "/v1/books").await.ok();
        let ids = books["items"].as_array().unwrap().iter();
        let ids: Vec<_> = ids.filter_map(|book| book["id"].as_i64()).take(count).collect();
        assert_eq!(ids.len(), count);
        ids
    }

    /// The gateways: first those that write and are never cut off, then the others.
    fn faces(&self) -> [(&'static str, &Program); 6] {
        let [web, mobile, desktop] = &self.others;
        [
            ("web 1", &self.cluster.web),
            ("mobile 1", &self.cluster.mobile),
            ("desktop 1", &self.cluster.desktop),
            ("web 2", web),
            ("mobile 2", mobile),
            ("desktop 2", desktop),
        ]
    }

    /// Whoever reads the price of the book: through whom, and where.
    pub fn readers(&self) -> Vec<(&'static str, Client, String)> {
        self.readers_of(self.book)
    }

    fn readers_of(&self, book: i64) -> Vec<(&'static str, Client, String)> {
        let readers = self.faces().into_iter().map(|(who, gateway)| match who {
            "web 1" | "web 2" => (who, gateway.guest().clone(), format!("/api/views/books/{book}")),
            "mobile 1" | "mobile 2" => (who, gateway.guest().clone(), format!("/v1/books/{book}")),
            _ => (who, self.staff.at(gateway.guest()), format!("/v1/books/{book}")),
        });
        readers.collect()
    }

    /// The staff give the book this price; gives the place of that in the log of changes, or `unknown`.
    pub async fn reprice(&self, staff: &Client, cents: i64) -> String {
        reprice(staff, self.book, cents).await
    }
}

/// The staff give a book this price; gives the place of that in the log of changes, or `unknown`.
async fn reprice(staff: &Client, book: i64, cents: i64) -> String {
    let path = format!("/v1/books/{book}");
    let request = staff
        .request(Method::PATCH, &path)
        .json(&json!({"priceCents": cents}));
    let answer = in_time(staff, request).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let position = answer.header("change-position");
    assert!(position == "unknown" || position.contains('.'), "{position:?}");
    position.to_owned()
}

/// An answer that comes in time, on a machine that does much besides.
async fn get(client: &Client, path: &str) -> Answer {
    in_time(client, client.request(Method::GET, path)).await
}

/// The price on a screen, wherever it stands there.
pub fn price(screen: &serde_json::Value) -> Option<i64> {
    let book = screen.get("book").unwrap_or(screen);
    book["priceCents"].as_i64()
}

/// The price that somebody is shown who has seen the log up to this place.
async fn price_for(client: &Client, path: &str, position: &str) -> Option<i64> {
    price(&page_for(client, path, position).await.ok())
}

/// What is shown to somebody who has seen the log up to this place.
async fn page_for(client: &Client, path: &str, position: &str) -> Answer {
    let request = client.request(Method::GET, path);
    in_time(client, request.header("change-position", position)).await
}

/// Lines are cut and gateways killed for as long as it takes to write and read so much.
fn plan() -> Plan {
    let writes = test_kit::size(240, 100_000);
    // A soak has one every half a minute, and ends within a night.
    let troubles = test_kit::size(1, 600) as u32;
    Plan {
        books: 4,
        writes: writes as i64 / 4,
        reads: test_kit::size(0, 10_000_000) as u64,
        troubles,
        longest: Duration::from_secs(if troubles > 1 { 30 } else { 3 }),
        readers_know: true,
        patience: BOUND * 10,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_through_one_gateway_is_seen_by_all_in_time() {
    let mut twins = Twins::start().await;
    let plan = plan();
    let (seen, written) = shelf::seen_of(&mut twins, &plan).await;
    let violations = seen.violations();
    assert!(violations.is_empty(), "{violations:#?}");
    print_line(&format!(
        "{written} writes, {} troubles for each of three replicas, {seen}",
        plan.troubles
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_is_cut_is_noticed_by_readers_who_are_not_told() {
    // The mutant: gateways of which one expects that they know, and they cannot.
    let plan = Plan {
        books: 1,
        writes: 1,
        reads: 0,
        readers_know: false,
        ..plan()
    };
    let (seen, _) = shelf::seen_of(&mut Twins::start().await, &plan).await;
    let violations = seen.violations();
    assert!(is_old(&violations), "{violations:#?}");
}

/// Whether somebody saw what was too old.
fn is_old(violations: &[String]) -> bool {
    let old = format!("more than {BOUND:?} after");
    violations.iter().any(|found| found.contains(&old))
}

#[tokio::test]
async fn gateways_that_do_not_hear_of_what_is_written_are_noticed() {
    // The mutant: a change that is told to the staff alone, and not to the gateways, who have no role.
    let mut twins = Twins::start().await;
    let told_to_the_staff = if test_kit::on_postgres() {
        "CREATE FUNCTION whisper() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.audience := 4; RETURN NEW; END $$;
         CREATE TRIGGER whisper BEFORE INSERT ON change_log FOR EACH ROW EXECUTE FUNCTION whisper()"
    } else {
        "CREATE TRIGGER whisper AFTER INSERT ON change_log
         BEGIN UPDATE change_log SET audience = 4 WHERE seq = NEW.seq; END"
    };
    twins.cluster.sabotage(told_to_the_staff).await;
    // So that there is something to be kept everywhere.
    for (_, client, path) in twins.readers() {
        get(&client, &path).await.ok();
    }

    let plan = Plan {
        books: 1,
        writes: 3,
        reads: 0,
        troubles: 0,
        patience: BOUND * 2,
        ..plan()
    };
    let violations = shelf::seen_of(&mut twins, &plan).await.0.violations();
    assert!(is_old(&violations), "{violations:#?}");
}

/// How many write at once, each to a book of their own.
const WRITERS: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_writes_sees_it_at_once_on_every_replica() {
    let twins = Arc::new(Twins::start().await);
    let rounds = test_kit::size(60, 17_000) / WRITERS;
    let mut writers = JoinSet::new();
    for book in twins.books(WRITERS).await {
        writers.spawn(writes_and_looks(twins.clone(), book, rounds));
    }
    let (mut placed, mut waits, mut past) = (0, Vec::new(), 0);
    for looked in writers.join_all().await {
        placed += looked.placed;
        waits.extend(looked.waits);
        past += looked.past;
    }
    waits.sort_unstable();
    let at = |share: usize| waits[(waits.len() - 1) * share / 100];
    print_line(&format!(
        "{} writes, {placed} of them with a place, each seen on six replicas: {} pairs, answered after {:?} (median), {:?} (p99); \
         {past} answers said that they were of the past",
        rounds * WRITERS,
        waits.len(),
        at(50),
        at(99)
    ));
}

/// What somebody has found who looked at everything that they wrote.
#[derive(Default)]
struct Looked {
    /// How many writes had a place.
    placed: usize,
    /// How long each look took.
    waits: Vec<Duration>,
    /// How many answers said themselves that they were of the past.
    past: usize,
}

/// Gives a book one price after the other, and looks at each on every replica.
async fn writes_and_looks(twins: Arc<Twins>, book: i64, rounds: usize) -> Looked {
    let mut looked = Looked::default();
    for number in 1..=rounds {
        let cents = 2_000_000 + number as i64;
        let staff = twins.staff.at(twins.cluster.desktop.guest());
        let position = reprice(&staff, book, cents).await;
        looked.placed += usize::from(position.contains('.'));
        let looks = twins
            .readers_of(book)
            .into_iter()
            .map(async |(who, client, path)| {
                let (asked, mut past) = (Instant::now(), 0);
                loop {
                    let page = page_for(&client, &path, &position).await;
                    // On a machine that does much besides, a gateway may hear nothing of the core for a while. It says so.
                    if page.headers.contains_key("age") {
                        past += 1;
                        continue;
                    }
                    let what = format!("{who} at {position}: {:?}", page.headers);
                    assert_eq!(price(&page.ok()), Some(cents), "{what}");
                    return (asked.elapsed(), past);
                }
            });
        for (took, past) in futures_util::future::join_all(looks).await {
            looked.waits.push(took);
            looked.past += past;
        }
    }
    looked
}

#[tokio::test]
async fn whoever_writes_sees_it_at_once_though_the_core_cannot_say_where_it_stands() {
    // On SQLite what is written is in the log already: the core can always say.
    if !test_kit::on_postgres() {
        return;
    }
    let twins = Twins::start().await;
    let staff = twins.cluster.desktop_as(STAFF).await;
    let readers = twins.readers();
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
