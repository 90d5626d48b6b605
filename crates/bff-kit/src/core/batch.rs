//! Reads that travel together: whatever waits at the same moment, of whichever request, goes to the core in one call.
//!
//! Nothing waits for company: an idle gateway sends a read as soon as it is there. Each read keeps its own time and its
//! own fate, and a client that goes away takes nothing down with it, because batches run detached from requests.

use std::time::Duration;

use metrics::Histogram;
use proto::batch::v1::{
    Answer, Call, Failure, RunRequest, answer::Outcome, batch_service_client::BatchServiceClient,
};
use tokio::sync::{mpsc, oneshot};
use tonic::{Code, Status, transport::Channel};

use super::{credentials::Credentials, pulse::Pulse};

/// How many reads go in one batch at most; the core takes no more.
const CALLS: usize = 128;
/// How many reads may wait to be sent; more are refused at once.
const WAITING: usize = 4096;
/// The largest batch of answers that is read.
const ANSWER_BYTES: usize = 128 * 1024 * 1024;

/// Where reads are left to be sent.
#[derive(Clone, Debug)]
pub(super) struct Batches {
    queue: mpsc::Sender<Waiting>,
}

/// How batches get to the core.
#[derive(Clone)]
struct Way {
    client: BatchServiceClient<Channel>,
    credentials: Credentials,
    pulse: Pulse,
    /// How many calls travel together.
    sizes: Histogram,
}

/// A read, and who waits for its answer.
#[derive(Debug)]
struct Waiting {
    call: Call,
    reply: oneshot::Sender<Result<Answer, Status>>,
}

impl Batches {
    /// Sends over `channel` from now on. Has to be called inside a runtime.
    pub(super) fn over(channel: Channel, credentials: Credentials, pulse: Pulse) -> Self {
        let (queue, waiting) = mpsc::channel(WAITING);
        let way = Way {
            client: BatchServiceClient::new(channel).max_decoding_message_size(ANSWER_BYTES),
            credentials,
            pulse,
            sizes: metrics::histogram!("core_batch_calls"),
        };
        tokio::spawn(send_what_waits(waiting, way));
        Self { queue }
    }

    /// What the core answers to a read.
    pub(super) async fn run(&self, call: Call) -> Result<Answer, Status> {
        let (reply, answer) = oneshot::channel();
        if self.queue.try_send(Waiting { call, reply }).is_err() {
            return Err(Status::resource_exhausted("too many reads wait for the core"));
        }
        answer
            .await
            .unwrap_or_else(|_| Err(Status::unavailable("stopping")))
    }
}

async fn send_what_waits(mut waiting: mpsc::Receiver<Waiting>, way: Way) {
    let mut taken = Vec::with_capacity(CALLS);
    while waiting.recv_many(&mut taken, CALLS).await > 0 {
        // Whoever is ready to ask by now comes along.
        tokio::task::yield_now().await;
        while taken.len() < CALLS
            && let Ok(one) = waiting.try_recv()
        {
            taken.push(one);
        }
        tokio::spawn(send(way.clone(), std::mem::take(&mut taken)));
    }
}

async fn send(way: Way, waiting: Vec<Waiting>) {
    way.sizes.record(waiting.len() as f64);
    let longest = waiting.iter().map(|waiting| waiting.call.timeout_ms).max();
    let longest = Duration::from_millis(longest.unwrap_or_default().into());
    let (calls, replies): (Vec<_>, Vec<_>) =
        waiting.into_iter().map(|one| (one.call, Some(one.reply))).unzip();
    let mut replies = replies;
    let heard = tokio::time::timeout(longest, hear(way, calls, &mut replies)).await;
    let silence = match heard {
        Ok(Ok(())) => Status::internal("the core left a call without an answer"),
        Ok(Err(status)) => status,
        Err(_) => Status::deadline_exceeded("the core took too long"),
    };
    for reply in replies.into_iter().flatten() {
        let _ = reply.send(Err(silence.clone()));
    }
}

/// Hands each answer on as it comes.
async fn hear(
    mut way: Way,
    calls: Vec<Call>,
    replies: &mut [Option<oneshot::Sender<Result<Answer, Status>>>],
) -> Result<(), Status> {
    let request = way.credentials.request(RunRequest { calls });
    let mut answers = way.client.run(request).await?.into_inner();
    while let Some(ready) = answers.message().await? {
        way.pulse.beats();
        for answer in ready.answers {
            let reply = replies.get_mut(answer.index as usize);
            if let Some(reply) = reply.and_then(Option::take) {
                let _ = reply.send(Ok(answer));
            }
        }
    }
    Ok(())
}

/// The encoded answer of the method, or what it failed with.
pub(super) fn outcome(outcome: Option<Outcome>) -> Result<bytes::Bytes, Status> {
    match outcome {
        Some(Outcome::Response(response)) => Ok(response),
        Some(Outcome::Failure(Failure {
            code,
            message,
            details,
        })) => Err(Status::with_details(Code::from(code), message, details)),
        None => Err(Status::internal("an answer without an outcome")),
    }
}
