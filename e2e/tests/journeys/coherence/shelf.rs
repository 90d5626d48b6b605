//! R4: books whose prices change all the time, read on all three faces, two replicas of each, while lines are cut and
//! gateways are killed.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use e2e::{Badge, Program};
use test_kit::client::Client;
use tokio::task::JoinSet;

use super::seen::{Acknowledged, BOUND, Seen};
use super::{Twins, price};

/// How soon after a cut a gateway knows everything again.
const KNOWS_AGAIN: Duration = Duration::from_secs(2);
/// Where the prices begin, far above those of the demo data.
const FIRST_CENTS: i64 = 1_000_000;

/// How much is written and read, and what happens meanwhile.
pub struct Plan {
    pub books: usize,
    /// Of each book, at least.
    pub writes: i64,
    /// In all, at least.
    pub reads: u64,
    /// How often each of the replicas that have a line is cut off or killed.
    pub troubles: u32,
    /// How long that takes at most.
    pub longest: Duration,
    /// Whether readers are told of it, so that they expect nothing of such a gateway meanwhile.
    pub readers_know: bool,
    /// For how long the last price may not be seen.
    pub patience: Duration,
}

/// Since when a gateway can know everything: nothing while it cannot.
#[derive(Clone)]
struct Whole(Arc<Mutex<Option<Instant>>>);

impl Whole {
    fn is(&self, since: Option<Instant>) {
        *self.0.lock().unwrap() = since;
    }

    /// Since when, where that is long enough ago.
    fn for_long(&self) -> Option<Instant> {
        let since = *self.0.lock().unwrap();
        since.filter(|since| since.elapsed() >= KNOWS_AGAIN)
    }
}

/// One book, the prices that it was given, and how many these are in the end.
#[derive(Default)]
struct Book {
    id: i64,
    prices: Acknowledged,
    end: AtomicI64,
}

/// Somebody who reads one book on one replica.
struct Reader {
    who: &'static str,
    client: Client,
    badge: Option<Badge>,
    path: String,
    book: Arc<Book>,
    whole: Whole,
}

/// Does what the plan says; what was seen, until its patience is over.
pub async fn seen_of(twins: &mut Twins, plan: &Plan) -> (Arc<Seen>, i64) {
    let ids = twins.books(plan.books).await;
    let books = ids.into_iter().map(|id| Book {
        id,
        end: AtomicI64::new(i64::MAX),
        ..Book::default()
    });
    let books: Vec<_> = books.map(Arc::new).collect();
    let whole: Vec<_> = (0..6)
        .map(|_| Whole(Arc::new(Mutex::new(Some(Instant::now())))))
        .collect();
    let (seen, over) = (Arc::new(Seen::default()), Arc::new(AtomicBool::new(false)));
    let mut readers = JoinSet::new();
    for book in &books {
        for reader in readers_of(twins, book, &whole) {
            readers.spawn(reader.reads(seen.clone()));
        }
    }
    let mut writers = JoinSet::new();
    for book in &books {
        let (desk, badge) = (twins.cluster.desktop.guest().clone(), twins.staff.clone());
        let (book, seen, over) = (book.clone(), seen.clone(), over.clone());
        let (writes, reads) = (plan.writes, plan.reads);
        writers.spawn(async move {
            let mut number = 0;
            while number < writes || !over.load(Ordering::Relaxed) {
                number += 1;
                super::reprice(&badge.at(&desk), book.id, FIRST_CENTS + number).await;
                book.prices.one_more();
                // Reads keep up with writes, so that both last for as long.
                while number < writes && (seen.reads() as f64) < reads as f64 * number as f64 / writes as f64
                {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
            book.end.store(number, Ordering::Relaxed);
            number
        });
    }
    make_trouble(twins, plan, &whole[3..]).await;
    over.store(true, Ordering::Relaxed);
    let written = writers.join_all().await.into_iter().sum();
    let all_seen = async { while readers.join_next().await.transpose().unwrap().is_some() {} };
    if tokio::time::timeout(plan.patience, all_seen).await.is_err() {
        seen.violates(format!(
            "not all had seen the last price after {:?}",
            plan.patience
        ));
    }
    (seen, written)
}

fn readers_of(twins: &Twins, book: &Arc<Book>, whole: &[Whole]) -> Vec<Reader> {
    let readers = twins.readers_of(book.id).into_iter().zip(whole);
    let readers = readers.map(|((who, client, path), whole)| Reader {
        who,
        badge: who.starts_with("desktop").then(|| twins.staff.clone()),
        client,
        path,
        book: book.clone(),
        whole: whole.clone(),
    });
    readers.collect()
}

impl Reader {
    async fn reads(self, seen: Arc<Seen>) {
        let (mut last, mut answered) = (0, Instant::now());
        while last < self.book.end.load(Ordering::Relaxed) {
            let (whole, asked) = (self.whole.for_long(), Instant::now());
            let client = match &self.badge {
                Some(badge) => badge.at(&self.client),
                None => self.client.clone(),
            };
            let answer = client.try_get(&self.path).await;
            let is_whole = whole.is_some() && whole == self.whole.for_long();
            let came = matches!(&answer, Ok(answer) if answer.status == 200);
            match answer {
                Ok(answer) if came => {
                    let cents = first_price(&answer.text).expect("a page with a price");
                    let number = (cents - FIRST_CENTS).max(0);
                    match is_whole {
                        true => seen.saw(&self.book.prices, self.who, asked, number, last),
                        false => seen.excuses(),
                    }
                    last = number.max(last);
                }
                other => {
                    match other {
                        _ if !is_whole => seen.excuses(),
                        // On a machine that does much besides. That says nothing of how old anything is.
                        Ok(answer) if answer.status == 504 => seen.is_late(),
                        Ok(answer) => {
                            seen.violates(format!("{}: {} {}", self.who, answer.status, answer.text))
                        }
                        Err(error) => seen.violates(format!("{}: {error:?}", self.who)),
                    }
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
            if is_whole {
                seen.kept_waiting(answered.elapsed());
            }
            if came || !is_whole {
                answered = Instant::now();
            }
        }
    }
}

/// Cuts lines and kills gateways, each of the replicas at once and each in another way, and then waits until all know
/// everything again, for long enough to see it.
async fn make_trouble(twins: &mut Twins, plan: &Plan, whole: &[Whole]) {
    tokio::time::sleep(KNOWS_AGAIN + BOUND / 2).await;
    for round in 0..plan.troubles {
        let replicas = twins.others.iter_mut().zip(&twins.lines).zip(whole);
        let troubles = replicas
            .zip(0..)
            .map(|(((gateway, line), whole), at)| async move {
                // Of every length up to the longest, the longest first.
                let lasts = plan.longest * (10 - (round * 7 + at * 3) % 10) / 10;
                if plan.readers_know {
                    whole.is(None);
                }
                match (round + at) % 3 {
                    0 => cut(line, e2e::Line::falls_silent, lasts).await,
                    1 => cut(line, e2e::Line::breaks, lasts).await,
                    _ => restart(gateway, lasts / 10).await,
                }
                if plan.readers_know {
                    whole.is(Some(Instant::now()));
                }
            });
        futures_util::future::join_all(troubles).await;
        tokio::time::sleep(KNOWS_AGAIN + BOUND).await;
    }
}

async fn cut(line: &e2e::Line, how: fn(&e2e::Line), lasts: Duration) {
    how(line);
    tokio::time::sleep(lasts).await;
    line.is_mended();
}

async fn restart(gateway: &mut Program, after: Duration) {
    gateway.kill().await;
    tokio::time::sleep(after).await;
    gateway.start().await;
}

/// The first price in a page, which is that of the book; all of the page need not be read for it.
fn first_price(page: &str) -> Option<i64> {
    let (_, rest) = page.split_once("\"priceCents\":")?;
    let end = rest.find(|letter: char| !letter.is_ascii_digit())?;
    rest[..end].parse().ok()
}

#[test]
fn the_first_price_of_a_page_is_that_of_the_book() {
    let page = r#"{"book":{"id":7,"priceCents":1000012,"title":"A"},"more":[{"priceCents":5}]}"#;
    assert_eq!(first_price(page), Some(1_000_012));
    assert_eq!(price(&serde_json::from_str(page).unwrap()), first_price(page));
}
