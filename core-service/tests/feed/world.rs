//! Many who write at the same time, and one who listens to all of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use proto::changes::v1::{Change, Kind, ListChangesRequest, Operation, Position};
use proto::posts::v1::{CreatePostRequest, DeletePostRequest, ListPostsRequest};
use proto::users::v1::{CreateSessionRequest, RegisterRequest};
use tokio::task::JoinSet;

use crate::cores::{Core, of_the_web};

/// How many write at the same time.
const WRITERS: usize = 16;

/// What the core has acknowledged.
#[derive(Clone, Debug, Default)]
pub struct Acknowledged {
    pub created: BTreeSet<i64>,
    pub deleted: BTreeSet<i64>,
}

/// Those who write.
pub struct Writers {
    acknowledged: Arc<Mutex<Acknowledged>>,
    count: Arc<AtomicU64>,
    tasks: JoinSet<()>,
}

impl Writers {
    /// Registers them, and lets them write until so much has been acknowledged.
    pub async fn start(core: &Core, writes: u64) -> Self {
        let mut writers = Self {
            acknowledged: Arc::default(),
            count: Arc::default(),
            tasks: JoinSet::new(),
        };
        for number in 0..WRITERS {
            let writer = Writer {
                token: sign_up(core, &format!("writer{number}")).await,
                posts: core.posts(),
                acknowledged: writers.acknowledged.clone(),
                count: writers.count.clone(),
                writes,
            };
            writers.tasks.spawn(writer.write(number));
        }
        writers
    }

    /// How much has been acknowledged.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// Waits until so much has been acknowledged.
    pub async fn reach(&self, count: u64) {
        while self.count() < count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until all are done. What was acknowledged.
    pub async fn done(self) -> Acknowledged {
        self.tasks.join_all().await;
        Arc::into_inner(self.acknowledged).unwrap().into_inner().unwrap()
    }
}

struct Writer {
    token: String,
    posts: proto::posts::v1::post_service_client::PostServiceClient<tonic::transport::Channel>,
    acknowledged: Arc<Mutex<Acknowledged>>,
    count: Arc<AtomicU64>,
    writes: u64,
}

impl Writer {
    /// Writes posts and takes every third away again. What fails may have been written or not.
    async fn write(mut self, number: usize) {
        for turn in 0.. {
            if self.count.load(Ordering::Relaxed) >= self.writes {
                return;
            }
            let post = CreatePostRequest {
                title: format!("{number} {turn}"),
                description: "A post".to_owned(),
                body: "Its text".to_owned(),
                ..Default::default()
            };
            let request = of_the_web(post, Some(&self.token));
            let Ok(post) = self.posts.create_post(request).await else {
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            };
            let post = post.into_inner();
            self.acknowledged.lock().unwrap().created.insert(post.id);
            self.count.fetch_add(1, Ordering::Relaxed);
            if turn % 3 == 0 {
                let request = of_the_web(DeletePostRequest { slug: post.slug }, Some(&self.token));
                if self.posts.delete_post(request).await.is_ok() {
                    self.acknowledged.lock().unwrap().deleted.insert(post.id);
                    self.count.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    }
}

/// Registers somebody, and gives what they sign in with.
pub async fn sign_up(core: &Core, username: &str) -> String {
    let (email, password) = (format!("{username}@example.com"), "correct horse".to_owned());
    let account = RegisterRequest {
        username: username.to_owned(),
        email: email.clone(),
        password: password.clone(),
        ..Default::default()
    };
    core.users().register(of_the_web(account, None)).await.unwrap();
    let session = CreateSessionRequest {
        email,
        password,
        device: "a test".to_owned(),
        known_device: String::new(),
    };
    let begun = core
        .sessions()
        .create_session(of_the_web(session, None))
        .await
        .unwrap();
    begun.into_inner().pass.unwrap().token
}

/// Waits until what was committed just before a kill is in the log as well: whoever writes is told the place of what was
/// written only once all before it is there.
async fn settled(core: &Core) {
    for number in 0.. {
        let account = RegisterRequest {
            username: format!("last{number}"),
            email: format!("last{number}@example.com"),
            password: "correct horse".to_owned(),
            ..Default::default()
        };
        let registered = core.users().register(of_the_web(account, None)).await;
        let place = registered.unwrap().metadata().get("change-position").cloned();
        if place.unwrap() != "unknown" {
            return;
        }
    }
}

/// The log from its beginning, page by page.
async fn log(core: &Core) -> Vec<Change> {
    let start = ListChangesRequest::default();
    let end = core
        .changes()
        .list_changes(of_the_web(start, None))
        .await
        .unwrap();
    let mut place = Position {
        seq: 0,
        tag: 0,
        ..end.into_inner().next.unwrap()
    };
    let mut log = Vec::new();
    loop {
        let request = ListChangesRequest {
            after: Some(place),
            page_size: 1_000,
        };
        let page = core
            .changes()
            .list_changes(of_the_web(request, None))
            .await
            .unwrap();
        let page = page.into_inner();
        assert!(!page.resync, "the log goes on at {place:?}");
        log.extend(page.changes);
        place = page.next.unwrap();
        if !page.more {
            return log;
        }
    }
}

/// The numbers of all posts that there are.
async fn live_posts(core: &Core) -> BTreeSet<i64> {
    let mut live = BTreeSet::new();
    let mut page_token = String::new();
    loop {
        let request = ListPostsRequest {
            page_size: 100,
            page_token,
            ..Default::default()
        };
        let page = core
            .posts()
            .list_posts(of_the_web(request, None))
            .await
            .unwrap()
            .into_inner();
        live.extend(page.posts.iter().map(|post| post.id));
        if page.next_page_token.is_empty() {
            return live;
        }
        page_token = page.next_page_token;
    }
}

/// Holds the log against what was acknowledged, and against what there is: all that is wrong with it.
pub async fn faults(core: &Core, acknowledged: &Acknowledged) -> Vec<String> {
    settled(core).await;
    let mut faults = Vec::new();
    let mut last = 0;
    let mut told: BTreeMap<i64, Vec<Operation>> = BTreeMap::new();
    for change in log(core).await {
        // Everything that these writers do is public.
        let seq = change.position.unwrap().seq;
        if seq != last + 1 {
            faults.push(format!("a number was left out: {seq} comes after {last}"));
        }
        last = seq;
        if change.kind() == Kind::Post {
            told.entry(change.id).or_default().push(change.operation());
        }
    }
    for (id, operations) in &told {
        let once = [Operation::Created, Operation::Deleted];
        if !once.starts_with(operations) {
            faults.push(format!(
                "post {id} was told of twice or in the wrong order: {operations:?}"
            ));
        }
    }
    let told_of = |operation| -> BTreeSet<i64> {
        let those = told
            .iter()
            .filter(|(_, operations)| operations.contains(&operation));
        those.map(|(id, _)| *id).collect()
    };
    let (created, deleted) = (told_of(Operation::Created), told_of(Operation::Deleted));
    for (what, acknowledged, told) in [
        ("created", &acknowledged.created, &created),
        ("deleted", &acknowledged.deleted, &deleted),
    ] {
        let lost: Vec<_> = acknowledged.difference(told).collect();
        if !lost.is_empty() {
            faults.push(format!("{what}, but lost: {lost:?}"));
        }
    }
    let replayed: BTreeSet<_> = created.difference(&deleted).copied().collect();
    let live = live_posts(core).await;
    let differ: Vec<_> = replayed.symmetric_difference(&live).collect();
    if !differ.is_empty() {
        faults.push(format!("the log and the posts do not say the same of {differ:?}"));
    }
    faults
}
