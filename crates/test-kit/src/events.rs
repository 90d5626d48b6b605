//! A client that hears server-sent events, one after the other.

use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::Value;

use crate::client::Client;

/// How long an event may be in coming; generous, for machines that build beside.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a client has heard.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// To go on from.
    pub id: String,
    /// Its sort; empty where the event is no more than an id.
    pub event: String,
    /// What it says; null where it says nothing.
    pub data: Value,
}

/// A stream of events that is open.
#[derive(Debug)]
pub struct Events {
    response: Response,
    text: String,
}

impl Client {
    /// Opens a stream, and goes on after the event of this id where there is one.
    pub async fn hear(&self, path: &str, last_event_id: Option<&str>) -> Events {
        let mut request = self.request(Method::GET, path);
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id);
        }
        let response = request.send().await.expect("the gateway answers");
        assert_eq!(response.status(), 200, "{path} can be heard");
        Events {
            response,
            text: String::new(),
        }
    }
}

impl Events {
    /// A header field's value; empty where it is not there.
    pub fn header(&self, name: &str) -> &str {
        let value = self.response.headers().get(name);
        value.and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The next event, be it no more than an id; nothing once the stream has ended, in whichever way.
    pub async fn next(&mut self) -> Option<Heard> {
        let next = tokio::time::timeout(PATIENCE, self.read()).await;
        next.unwrap_or_else(|_| panic!("nothing was heard for {PATIENCE:?}"))
    }

    /// The next event that says something.
    pub async fn told(&mut self) -> Heard {
        loop {
            let heard = self.next().await.expect("the stream goes on");
            if !heard.event.is_empty() {
                return heard;
            }
        }
    }

    async fn read(&mut self) -> Option<Heard> {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let heard = heard(block);
                self.text = rest.to_owned();
                if heard.is_some() {
                    return heard;
                }
            }
            let chunk = self.response.chunk().await.ok().flatten()?;
            self.text
                .push_str(std::str::from_utf8(&chunk).expect("events are text"));
        }
    }
}

/// Nothing where there is only a comment.
fn heard(block: &str) -> Option<Heard> {
    let field = |name: &str| {
        let mut values = block
            .lines()
            .filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        values.next().unwrap_or_default().to_owned()
    };
    let id = field("id");
    (!id.is_empty()).then(|| Heard {
        id,
        event: field("event"),
        data: serde_json::from_str(&field("data")).unwrap_or_default(),
    })
}
