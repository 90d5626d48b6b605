//! The core comes back, or a gateway starts with nothing kept: neither is overrun by those who waited (R8, R8b).

use std::time::{Duration, Instant};

use e2e::{Cluster, Program, READER, eventually};
use futures_util::future::join_all;
use test_kit::client::Client;

use crate::restores::lose_the_end_of_the_log;

/// How soon everything is as usual after the core is ready again.
const SOON: Duration = Duration::from_secs(5);
/// How often something is tried that has to happen in a certain time: on a machine that does much besides, not each of
/// them succeeds; without what is tested, none does.
const TRIES: usize = 3;
/// What the gateways ask for themselves when it starts: the log, and how it is.
const OF_GATEWAYS: f64 = 6.0;
/// How often a round of the load asks for what is somebody's own.
const OWN: usize = 10;

/// The same again and again: pages that are the same for everybody and are kept, and what is somebody's own.
struct Load {
    pages: Vec<(Client, String)>,
    somebody: Client,
}

/// What one round of it saw.
#[derive(Debug)]
struct Round {
    /// How long one page of a hundred took at least.
    p99: Duration,
    /// How many pages were of the past.
    stale: usize,
    /// How often nobody was told what is their own.
    refused: usize,
}

impl Load {
    async fn of(cluster: &Cluster) -> Self {
        let (web, mobile) = (cluster.web.guest(), cluster.mobile.guest());
        let books = mobile.get("/v1/books").await.ok();
        let books = books["items"].as_array().unwrap().iter().take(20);
        let pages = books.flat_map(|book| {
            [
                (web.clone(), format!("/api/views/books/{}", book["id"])),
                (mobile.clone(), format!("/v1/books/{}", book["id"])),
            ]
        });
        Self {
            pages: pages.collect(),
            somebody: cluster.mobile_as(READER).await,
        }
    }

    async fn round(&self) -> Round {
        let (mut took, mut stale) = (Vec::new(), 0);
        for (client, path) in &self.pages {
            let asked = Instant::now();
            let page = client.try_get(path).await.unwrap();
            took.push(asked.elapsed());
            assert_eq!(page.status, 200, "{path}: {}", page.text);
            stale += usize::from(page.headers.contains_key("age"));
        }
        took.sort_unstable();
        let own = join_all((0..OWN).map(|_| self.somebody.get("/v1/me"))).await;
        Round {
            p99: took[took.len() - 1 - took.len() / 100],
            stale,
            refused: own.iter().filter(|answer| answer.status != 200).count(),
        }
    }

    async fn rounds(&self, count: usize) -> Vec<Round> {
        let mut rounds = Vec::new();
        for _ in 0..count {
            rounds.push(self.round().await);
        }
        rounds
    }
}

/// What it is like before, while and after the core is away, under the same load all the time.
#[derive(Debug)]
struct Away {
    /// How many calls the core sees for a round of it while all is well.
    usual_calls: f64,
    /// The same, from its start on until all is as usual: for as many rounds as somebody's own was answered.
    calls: f64,
    usual_p99: Duration,
    /// Of pages that are of the past.
    p99: Duration,
    /// After how long nothing is of the past any more, and nobody is refused.
    as_usual_after: Duration,
}

impl Away {
    async fn of(cluster: &mut Cluster, load: &Load, meanwhile: impl AsyncFn(&Cluster)) -> Self {
        eventually("everything is kept", async || load.round().await.stale == 0).await;
        let before = cluster.core.metric("grpc_calls_total").await;
        let usual = load.rounds(5).await;
        let calls = cluster.core.metric("grpc_calls_total").await - before;

        cluster.core.kill().await;
        eventually("everything is of the past", async || {
            load.round().await.stale == load.pages.len()
        })
        .await;
        let away = load.rounds(5).await;
        assert!(away.iter().all(|round| round.refused == OWN), "{away:?}");
        meanwhile(cluster).await;

        // The load goes on while it starts.
        let mut answered = 0;
        {
            let mut started = std::pin::pin!(cluster.core.start());
            loop {
                tokio::select! {
                    () = &mut started => break,
                    round = load.round() => answered += OWN - round.refused,
                }
            }
        }
        let ready = Instant::now();
        eventually("everything is as usual", async || {
            let round = load.round().await;
            answered += OWN - round.refused;
            round.stale + round.refused == 0
        })
        .await;
        let as_usual_after = ready.elapsed();
        let rounds = answered as f64 / OWN as f64;
        let calls_since = cluster.core.metric("grpc_calls_total").await - OF_GATEWAYS;
        Self {
            usual_calls: calls / 5.0,
            calls: calls_since / rounds,
            usual_p99: median_p99(&usual),
            p99: median_p99(&away),
            as_usual_after,
        }
    }

    /// Whether the core sees more than twice as much as usual.
    fn is_overrun(&self) -> bool {
        self.calls > 2.0 * self.usual_calls
    }

    fn is_as_promised(&self) -> bool {
        // What takes less than 10 ms is not measured with so few.
        let at_most = (self.usual_p99 * 2).max(Duration::from_millis(10));
        !self.is_overrun() && self.p99 <= at_most && self.as_usual_after <= SOON
    }
}

/// What half of the rounds kept below.
fn median_p99(rounds: &[Round]) -> Duration {
    let mut p99: Vec<_> = rounds.iter().map(|round| round.p99).collect();
    p99.sort_unstable();
    p99[p99.len() / 2]
}

#[tokio::test]
async fn a_core_that_comes_back_is_not_overrun_and_all_is_as_usual_soon() {
    let mut cluster = Cluster::start().await;
    let load = Load::of(&cluster).await;
    let mut tries = Vec::new();
    while !tries.iter().any(Away::is_as_promised) {
        assert!(tries.len() < TRIES, "{tries:#?}");
        tries.push(Away::of(&mut cluster, &load, async |_| {}).await);
    }
}

#[tokio::test]
async fn catches_a_core_that_everybody_asks_for_everything_again() {
    // The mutant: nothing that is kept can be believed any more, because the log has lost its end.
    let mut cluster = Cluster::start().await;
    // What is lost is not all that there is.
    for _ in 0..2 {
        cluster.newcomer().await;
    }
    let load = Load::of(&cluster).await;
    let away = Away::of(&mut cluster, &load, lose_the_end_of_the_log).await;
    assert!(away.is_overrun(), "{away:?}");
}

/// How often the core is asked for books while so many ask a gateway at once for each of these pages.
async fn books_fetched(cluster: &Cluster, client: &Client, paths: &[String], times: usize) -> f64 {
    let fetched = async || {
        cluster
            .core
            .metric_of("grpc_calls_total", "BookService/GetBook\"")
            .await
    };
    let before = fetched().await;
    let asked = paths
        .iter()
        .flat_map(|path| (0..times).map(move |_| client.get(path)));
    for answer in join_all(asked).await {
        answer.ok();
    }
    fetched().await - before
}

#[tokio::test]
async fn whoever_asks_a_cold_gateway_at_once_waits_for_one_fetch_of_each_thing() {
    let cluster = Cluster::start().await;
    let books = cluster.mobile.guest().get("/v1/books").await.ok();
    let ids: Vec<_> = books["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|book| book["id"].to_string())
        .collect();
    let of =
        |views: &str, ids: &[String]| -> Vec<_> { ids.iter().map(|id| format!("{views}/{id}")).collect() };
    for (gateway, views) in [(&cluster.web, "/api/views/books"), (&cluster.mobile, "/v1/books")] {
        let cold: Program = cluster.replica_of(gateway).await;
        let guest = cold.guest();
        let first = of(views, &ids[..1]);
        eventually("it follows the log", async || {
            books_fetched(&cluster, guest, &first, 2).await == 0.0
        })
        .await;
        let others = of(views, &ids[1..5]);
        assert_eq!(books_fetched(&cluster, guest, &others, 25).await, 4.0, "{views}");
        // The mutant: what is somebody's own is fetched for each.
        let reader = cluster.mobile_as(READER).await;
        let before = cluster.core.metric("grpc_calls_total").await;
        join_all((0..25).map(|_| reader.get("/v1/me"))).await;
        let fetched = cluster.core.metric("grpc_calls_total").await - before;
        assert!(fetched >= 25.0, "{fetched} calls for what is somebody's own");
    }
}
