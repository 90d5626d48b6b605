//! Nobody ever gets anything of somebody else, however their requests are mixed with those of others (S2).
//!
//! Everybody's e-mail is a canary: it is in all that is theirs, and must be in nothing that anybody else gets. What one
//! likes is another: each likes one post, and must see that they like this one and no other.

use std::collections::BTreeSet;

use e2e::{Cluster, Newcomer};
use reqwest::Method;
use serde_json::{Value, json};
use test_kit::client::{Answer, Client};

const PEOPLE: usize = 8;

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
        format!("{}@example.test", self.who.username)
    }

    /// What they look at, and whether it is about themselves.
    fn screens(&self) -> [(&Client, String, bool); 7] {
        let (web, mobile) = (&self.who.web, &self.who.mobile);
        [
            (web, "/api/user".to_owned(), true),
            (mobile, "/v1/me".to_owned(), true),
            (web, "/api/views/home".to_owned(), false),
            (web, format!("/api/views/posts/{}", self.slug), false),
            (web, "/api/articles?tag=canary".to_owned(), false),
            (mobile, "/v1/home".to_owned(), false),
            (mobile, format!("/v1/posts/{}", self.slug), false),
        ]
    }
}

/// The canaries in an answer, in its head or in its body.
fn canaries(answer: &Answer) -> BTreeSet<String> {
    let text = format!("{:?} {}", answer.headers, answer.body);
    let words = text.split(|letter: char| !(letter.is_ascii_alphanumeric() || "@.".contains(letter)));
    words
        .filter(|word| word.ends_with("@example.test"))
        .map(str::to_owned)
        .collect()
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
fn faults(answer: &Answer, canary: &str, slug: &str, own: bool) -> Vec<String> {
    let mut faults = Vec::new();
    let expected = BTreeSet::from_iter(own.then(|| canary.to_owned()));
    if canaries(answer) != expected {
        faults.push(format!("{canary} got {:?}", canaries(answer)));
    }
    let mut likes = BTreeSet::new();
    liked(&answer.body, &mut likes);
    likes.remove(slug);
    if !likes.is_empty() {
        faults.push(format!("{canary} is told to like {likes:?}"));
    }
    faults
}

#[tokio::test]
async fn nobody_gets_anything_of_somebody_else() {
    let rounds = test_kit::size(40, 2_000);
    let cluster = Cluster::start().await;
    let mut people = Vec::new();
    for _ in 0..PEOPLE {
        people.push(Person::new(&cluster).await);
    }
    let guests = [
        (
            cluster.web.guest().clone(),
            ["/api/views/home", "/api/articles?tag=canary"],
        ),
        (
            cluster.mobile.guest().clone(),
            ["/v1/home", "/v1/posts?tag=canary"],
        ),
    ];

    let everybody = people.into_iter().map(|person| {
        tokio::spawn(async move {
            let canary = person.canary();
            let mut found = Vec::new();
            for _ in 0..rounds {
                for (client, path, own) in person.screens() {
                    let answer = client.get(&path).await;
                    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
                    found.extend(faults(&answer, &canary, &person.slug, own));
                    assert_eq!(answer.header("cache-control"), "no-store", "{path}");
                }
            }
            found
        })
    });
    let nobody = guests.into_iter().map(|(client, paths)| {
        tokio::spawn(async move {
            let mut found = Vec::new();
            for _ in 0..rounds {
                for path in paths {
                    found.extend(faults(&client.get(path).await, "a guest", "", false));
                }
            }
            found
        })
    });
    let all: Vec<_> = everybody.chain(nobody).collect();
    for one in all {
        let found = one.await.unwrap();
        assert!(found.is_empty(), "{found:#?}");
    }
}

#[tokio::test]
async fn catches_an_answer_that_was_somebody_elses() {
    let cluster = Cluster::start().await;
    let (ada, eve) = (Person::new(&cluster).await, Person::new(&cluster).await);
    for (client, path, own) in ada.screens() {
        let answer = client.get(&path).await;
        assert!(
            faults(&answer, &ada.canary(), &ada.slug, own).is_empty(),
            "{path}"
        );
        // The same, given to somebody else.
        let faults = faults(&answer, &eve.canary(), &eve.slug, own);
        let tells = own || path == "/api/views/home" || path.starts_with("/api/articles");
        assert!(!tells || !faults.is_empty(), "{path}: {}", answer.body);
    }
}
