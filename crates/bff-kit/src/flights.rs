//! One fetch per key at a time, whoever waits for it.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::{
    FutureExt as _,
    future::{BoxFuture, Shared},
};
use tokio::task::JoinError;

/// A fetch that is under way, for any number of waiters.
pub(crate) type Flight<V, E> = Shared<BoxFuture<'static, Result<V, E>>>;

/// The fetches that are under way.
pub(crate) struct Flights<K, V, E> {
    open: Arc<Open<K, V, E>>,
}

type Open<K, V, E> = Mutex<HashMap<K, Flight<V, E>>>;

impl<K, V, E> Default for Flights<K, V, E> {
    fn default() -> Self {
        Self { open: Arc::default() }
    }
}

impl<K, V, E> Flights<K, V, E>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + Sync + 'static,
    E: Clone + From<JoinError> + Send + Sync + 'static,
{
    /// The fetch for `key` that is under way, or else the one that `begin` begins. It runs in a task of its
    /// own: it goes on where nobody waits for it any more.
    pub(crate) fn join<F>(&self, key: K, begin: impl FnOnce() -> F) -> Flight<V, E>
    where
        F: Future<Output = Result<V, E>> + Send + 'static,
    {
        // The fetch lands only after it is entered here, because landing takes this lock too.
        let mut open = lock(&self.open);
        if let Some(flight) = open.get(&key) {
            return flight.clone();
        }
        let landing = Landing {
            key: key.clone(),
            open: self.open.clone(),
        };
        let fetch = begin();
        let task = tokio::spawn(async move {
            let _landing = landing;
            fetch.await
        });
        let flight = task.map(|ended| ended.unwrap_or_else(|broken| Err(broken.into())));
        let flight = flight.boxed().shared();
        open.insert(key, flight.clone());
        flight
    }
}

/// Takes the flight off the list, even where it ends in a panic.
struct Landing<K: Eq + Hash, V, E> {
    key: K,
    open: Arc<Open<K, V, E>>,
}

impl<K: Eq + Hash, V, E> Drop for Landing<K, V, E> {
    fn drop(&mut self) {
        lock(&self.open).remove(&self.key);
    }
}

fn lock<K, V, E>(open: &Open<K, V, E>) -> MutexGuard<'_, HashMap<K, Flight<V, E>>> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Notify;

    use super::*;

    /// That the fetch broke.
    #[derive(Clone, Debug, PartialEq)]
    struct Broken;

    impl From<JoinError> for Broken {
        fn from(_: JoinError) -> Self {
            Self
        }
    }

    #[tokio::test]
    async fn those_who_ask_for_the_same_wait_for_one_fetch() {
        let flights = Flights::<&str, usize, Broken>::default();
        let (fetches, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let ask = |key| {
            let (fetches, gate) = (fetches.clone(), gate.clone());
            flights.join(key, || async move {
                let number = fetches.fetch_add(1, Ordering::Relaxed);
                gate.notified().await;
                Ok(number)
            })
        };

        let both = (ask("a"), ask("a"));
        gate.notify_one();
        assert_eq!(tokio::join!(both.0, both.1), (Ok(0), Ok(0)));

        // What has landed is no longer on the list.
        let again = ask("a");
        gate.notify_one();
        assert_eq!(again.await, Ok(1));
    }

    #[tokio::test]
    async fn a_fetch_goes_on_without_those_who_asked_for_it() {
        let flights = Flights::<&str, (), Broken>::default();
        let (gate, done) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (opened, ended) = (gate.clone(), done.clone());
        drop(flights.join("a", || async move {
            opened.notified().await;
            ended.notify_one();
            Ok(())
        }));
        gate.notify_one();
        done.notified().await;
    }

    #[tokio::test]
    async fn a_fetch_that_panics_fails_for_all_and_can_be_tried_again() {
        let flights = Flights::<&str, (), Broken>::default();
        let broken = flights.join("a", || async { panic!("a bug") });
        assert_eq!(broken.await, Err(Broken));
        assert_eq!(flights.join("a", || async { Ok(()) }).await, Ok(()));
    }
}
