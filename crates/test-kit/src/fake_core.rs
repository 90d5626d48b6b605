//! A core that does what a test tells it. It starts empty and down: a method that has not been told what
//! to answer is UNAVAILABLE, so no test passes because of an answer that it did not ask for.

mod batch;
mod changes;
mod health;
mod log;
mod methods;
mod server;
mod streams;

use std::{
    any::{Any, TypeId, type_name},
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use prost_types::Timestamp;
use proto::changes::v1::SubscribeRequest;
use tonic::{
    Request, Response, Status,
    metadata::{AsciiMetadataValue, MetadataMap},
};

pub use changes::*;
pub use methods::*;
use server::Server;

/// A moment in a message, in seconds since 1970.
pub fn moment(seconds: i64) -> Timestamp {
    Timestamp { seconds, nanos: 0 }
}

/// A method of the contract.
pub trait Rpc: 'static {
    /// What it is asked with.
    type Request: Clone + Send + Sync + 'static;
    /// What it answers.
    type Answer: Clone + Send + Sync + 'static;
}

/// A call that the core got.
#[derive(Clone, Debug)]
pub struct Call<M> {
    /// The message.
    pub message: M,
    /// What came beside it.
    pub metadata: MetadataMap,
}

impl<M> Call<M> {
    /// A piece of metadata; empty where it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.metadata
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

/// A fake core on a port of its own.
#[derive(Debug)]
pub struct FakeCore {
    address: SocketAddr,
    memory: Memory,
    server: Option<Server>,
}

impl FakeCore {
    /// Starts one, empty and down.
    pub fn start() -> Self {
        let memory = Memory::default();
        let (server, address) = Server::start(([127, 0, 0, 1], 0).into(), memory.clone());
        Self {
            address,
            memory,
            server: Some(server),
        }
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on the method answers this.
    pub fn gives<R: Rpc>(&self, method: R, answer: R::Answer) {
        self.on(method, move |_| Ok(answer.clone()));
    }

    /// From now on the method refuses like this.
    pub fn refuses<R: Rpc>(&self, method: R, status: Status) {
        self.on(method, move |_| Err(status.clone()));
    }

    /// From now on the method answers what `answer` makes of the message.
    pub fn on<R: Rpc>(
        &self,
        _: R,
        answer: impl Fn(&R::Request) -> Result<R::Answer, Status> + Send + Sync + 'static,
    ) {
        self.memory
            .told()
            .insert(TypeId::of::<R>(), Arc::new(Told::<R>::Answers(Box::new(answer))));
    }

    /// From now on the method does not answer at all.
    pub fn hangs<R: Rpc>(&self, _: R) {
        self.memory
            .told()
            .insert(TypeId::of::<R>(), Arc::new(Told::<R>::Hangs));
    }

    /// From now on every method is UNAVAILABLE again.
    pub fn forget(&self) {
        self.memory.told().clear();
    }

    /// From now on the answers of a public read depend on these keys, and gateways may keep them.
    pub fn depends_on<R: Rpc>(&self, _: R, keys: &[u64])
    where
        R::Request: proto::Rpc,
    {
        let method = <R::Request as proto::Rpc>::METHOD.to_owned();
        self.memory.history().depends_on.insert(method, keys.to_vec());
    }

    /// From now on whatever is written stands at this place in the log of changes, as the core says it.
    pub fn places_writes(&self, place: &'static str) {
        self.memory.history().place = Some(AsciiMetadataValue::from_static(place));
    }

    /// The calls of a method so far.
    pub fn calls<R: Rpc>(&self, _: R) -> Vec<Call<R::Request>> {
        let calls = self.memory.calls();
        let of_method = calls
            .iter()
            .filter_map(|call| call.downcast_ref::<(TypeId, Call<R::Request>)>());
        of_method
            .filter(|(method, _)| *method == TypeId::of::<R>())
            .map(|(_, call)| call.clone())
            .collect()
    }

    /// The only call of a method so far.
    pub fn call<R: Rpc>(&self, method: R) -> Call<R::Request> {
        let mut calls = self.calls(method);
        assert_eq!(calls.len(), 1, "{} was not called once", type_name::<R>());
        calls.remove(0)
    }

    /// How many calls there were so far, of any method but the one by which gateways follow the log of changes.
    pub fn call_count(&self) -> usize {
        let calls = self.memory.calls();
        let of_requests = calls
            .iter()
            .filter(|call| !call.is::<(TypeId, Call<SubscribeRequest>)>());
        of_requests.count()
    }

    /// Dies at once, with all its connections.
    pub fn stop(&mut self) {
        self.server = None;
    }

    /// Comes back on the same port, with everything that it was told.
    pub fn start_again(&mut self) {
        self.stop();
        let (server, _) = Server::start(self.address, self.memory.clone());
        self.server = Some(server);
    }
}

type Script<M, A> = dyn Fn(&M) -> Result<A, Status> + Send + Sync;

/// What a method was told to do.
enum Told<R: Rpc> {
    Answers(Box<Script<R::Request, R::Answer>>),
    Hangs,
}

type Anything = dyn Any + Send + Sync;

/// What the core was told and what it was asked.
#[derive(Clone, Debug, Default)]
struct Memory {
    told: Arc<Mutex<HashMap<TypeId, Arc<Anything>>>>,
    calls: Arc<Mutex<Vec<Box<Anything>>>>,
    history: Arc<Mutex<History>>,
}

/// Where the core is in its history, and what its answers depend on.
#[derive(Debug, Default)]
struct History {
    epoch: u64,
    seq: i64,
    /// By the method, as in a path.
    depends_on: HashMap<String, Vec<u64>>,
    /// What is said of where writes stand.
    place: Option<AsciiMetadataValue>,
    log: log::Log,
}

impl Memory {
    fn told(&self) -> MutexGuard<'_, HashMap<TypeId, Arc<Anything>>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn calls(&self) -> MutexGuard<'_, Vec<Box<Anything>>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn answer<R: Rpc>(&self, request: Request<R::Request>) -> Result<Response<R::Answer>, Status> {
        let call = Call {
            metadata: request.metadata().clone(),
            message: request.into_inner(),
        };
        self.calls().push(Box::new((TypeId::of::<R>(), call.clone())));
        let told = self.told().get(&TypeId::of::<R>()).cloned();
        match told.as_deref().and_then(|told| told.downcast_ref::<Told<R>>()) {
            Some(Told::Answers(answer)) => {
                let mut response = Response::new(answer(&call.message)?);
                if let Some(place) = &self.history().place {
                    response.metadata_mut().insert("change-position", place.clone());
                }
                Ok(response)
            }
            Some(Told::Hangs) => std::future::pending().await,
            None => Err(Status::unavailable(format!(
                "{} was told nothing",
                type_name::<R>()
            ))),
        }
    }
}
