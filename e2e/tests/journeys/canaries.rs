//! Nobody ever gets anything of somebody else, however their requests are mixed with those of others (S2).
//!
//! Everybody's e-mail is a canary: it is in all that is theirs, and must be in nothing that anybody else gets. What one
//! likes is another: each likes one post, and must see that they like this one and no other.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use e2e::{Cluster, Newcomer};
use reqwest::Method;
use serde_json::{Value, json};
use test_kit::client::{Client, Unread};
use tokio::task::JoinSet;

/// For how long every answer may come too late.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where everybody has their e-mail.
const DOMAIN: &str = "@example.test";

/// Somebody, and the post that they alone like.
struct Person {
    who: Newcomer,
    slug: String,
}

impl Person {
    async fn new(cluster: &Cluster) -> Self {
        let who = cluster.newcomer().await;
        let title = format!("A post that {} likes", who.username);
        let article = json!({"title": title, "description": "d", "body": "b", "tagList": ["canary"]});
        let written = who
            .web
            .post("/api/articles", json!({ "article": article }))
            .await
            .ok();
        let slug = written["article"]["slug"].as_str().unwrap().to_owned();
        let like = who.mobile.request(Method::PUT, &format!("/v1/posts/{slug}/like"));
        who.mobile.send(like).await.ok();
        Self { who, slug }
    }

    fn canary(&self) -> String {
        format!("{}{DOMAIN}", self.who.username)
    }

    /// What they look at, and whether it is about themselves.
    fn screens(&self) -> [(Client, String, bool); 7] {
        let (web, mobile) = (&self.who.web, self.who.badge.at(&self.who.mobile));
        [
            (web.clone(), "/api/user".to_owned(), true),
            (mobile.clone(), "/v1/me".to_owned(), true),
            (web.clone(), "/api/views/home".to_owned(), false),
            (web.clone(), format!("/api/views/posts/{}", self.slug), false),
            (web.clone(), "/api/articles?tag=canary".to_owned(), false),
            (mobile.clone(), "/v1/home".to_owned(), false),
            (mobile, format!("/v1/posts/{}", self.slug), false),
        ]
    }

    /// Looks at each of them once, and gives what is wrong with the answers.
    async fn looks(&self, faults_of: &mut Vec<String>) {
        let canary = self.canary();
        for (client, path, own) in self.screens() {
            let answer = get(&client, &path).await;
            faults_of.extend(faults(&answer, &canary, &self.slug, own));
            assert_eq!(answer.headers["cache-control"], "no-store", "{path}");
        }
    }
}

/// An answer that comes in time, on a machine that does much besides.
async fn get(client: &Client, path: &str) -> Unread {
    let began = Instant::now();
    loop {
        let answer = client.try_get(path).await.expect("the gateway answers");
        if answer.status != 504 {
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
            return answer;
        }
        assert!(began.elapsed() < PATIENCE, "all came too late: {}", answer.text);
    }
}

/// The canaries in an answer, in its head or in its body.
fn canaries(answer: &Unread) -> BTreeSet<String> {
    let head = answer.headers.values().filter_map(|value| value.to_str().ok());
    let texts = head.chain([answer.text.as_str()]);
    texts.flat_map(canaries_in).collect()
}

fn canaries_in(text: &str) -> impl Iterator<Item = String> {
    text.match_indices(DOMAIN).map(|(at, _)| {
        let is_name = |letter: &char| letter.is_ascii_alphanumeric();
        let letters = text[..at].chars().rev().take_while(is_name).count();
        format!("{}{DOMAIN}", &text[at - letters..at])
    })
}

/// The slugs of the posts that a body says its reader likes, wherever they stand in it.
fn liked(body: &Value, found: &mut BTreeSet<String>) {
    match body {
        Value::Object(fields) => {
            let likes = [&body["viewer"]["liked"], &body["favorited"]].contains(&&Value::Bool(true));
            if let (true, Some(slug)) = (likes, body["slug"].as_str()) {
                found.insert(slug.to_owned());
            }
            fields.values().for_each(|value| liked(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| liked(value, found)),
        _ => {}
    }
}

/// What is wrong with an answer that somebody got who likes this post.
fn faults(answer: &Unread, canary: &str, slug: &str, own: bool) -> Vec<String> {
    let mut faults = Vec::new();
    let expected = BTreeSet::from_iter(own.then(|| canary.to_owned()));
    if canaries(answer) != expected {
        faults.push(format!("{canary} got {:?}", canaries(answer)));
    }
    let mut likes = BTreeSet::new();
    liked(&serde_json::from_str(&answer.text).expect("JSON"), &mut likes);
    likes.remove(slug);
    if !likes.is_empty() {
        faults.push(format!("{canary} is told to like {likes:?}"));
    }
    faults
}

/// How many ask at once, and how often each of them looks at everything.
fn sizes() -> (usize, usize) {
    let (people, requests) = (test_kit::size(16, 200), test_kit::size(2_500, 1_000_000));
    // Seven screens of each person, and two of a guest on each of two faces.
    (people, requests.div_ceil(people * 7 + 4))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_gets_anything_of_somebody_else() {
    let (count, rounds) = sizes();
    let cluster = Cluster::start().await;
    let mut everybody = JoinSet::new();
    let mut people = Vec::new();
    for _ in 0..count {
        people.push(Person::new(&cluster).await);
    }
    for person in people {
        everybody.spawn(async move {
            let mut found = Vec::new();
            for _ in 0..rounds {
                person.looks(&mut found).await;
            }
            found
        });
    }
    let guests = [
        (&cluster.web, ["/api/views/home", "/api/articles?tag=canary"]),
        (&cluster.mobile, ["/v1/home", "/v1/posts?tag=canary"]),
    ];
    for (gateway, paths) in guests {
        let client = gateway.guest().clone();
        everybody.spawn(async move {
            let mut found = Vec::new();
            for _ in 0..rounds {
                for path in paths {
                    found.extend(faults(&get(&client, path).await, "a guest", "", false));
                }
            }
            found
        });
    }
    while let Some(found) = everybody.join_next().await {
        let found = found.unwrap();
        assert!(found.is_empty(), "{found:#?}");
    }
    print_line(&format!(
        "{count} people, {} requests: nobody got anything of somebody else",
        rounds * (count * 7 + 4)
    ));
}

#[tokio::test]
async fn catches_an_answer_that_was_somebody_elses() {
    let cluster = Cluster::start().await;
    let (ada, eve) = (Person::new(&cluster).await, Person::new(&cluster).await);
    for (client, path, own) in ada.screens() {
        let answer = get(&client, &path).await;
        assert!(
            faults(&answer, &ada.canary(), &ada.slug, own).is_empty(),
            "{path}"
        );
        // The same, given to somebody else.
        let faults = faults(&answer, &eve.canary(), &eve.slug, own);
        let tells = own || path == "/api/views/home" || path.starts_with("/api/articles");
        assert!(!tells || !faults.is_empty(), "{path}: {}", answer.text);
    }
}

#[expect(
    clippy::print_stdout,
    reason = "a figure for whoever runs it with --no-capture"
)]
fn print_line(line: &str) {
    println!("{line}");
}
