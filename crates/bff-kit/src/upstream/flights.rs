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

use super::Failure;

/// A fetch that is under way, for any number of waiters.
pub(super) type Flight<V> = Shared<BoxFuture<'static, Result<V, Failure>>>;

/// The fetches that are under way.
pub(super) struct Flights<K, V> {
    open: Arc<Open<K, V>>,
}

type Open<K, V> = Mutex<HashMap<K, Flight<V>>>;

impl<K, V> Default for Flights<K, V> {
    fn default() -> Self {
        Self { open: Arc::default() }
    }
}

impl<K, V> Flights<K, V>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// The fetch for `key` that is under way, or else the one that `begin` begins. It runs in a task of its
    /// own: it goes on where nobody waits for it any more.
    pub(super) fn join<F>(&self, key: K, begin: impl FnOnce() -> F) -> Flight<V>
    where
        F: Future<Output = Result<V, Failure>> + Send + 'static,
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
        let flight = task.map(|ended| ended.unwrap_or(Err(Failure::Broken)));
        let flight = flight.boxed().shared();
        open.insert(key, flight.clone());
        flight
    }
}

/// Takes the flight off the list, even where it ends in a panic.
struct Landing<K: Eq + Hash, V> {
    key: K,
    open: Arc<Open<K, V>>,
}

impl<K: Eq + Hash, V> Drop for Landing<K, V> {
    fn drop(&mut self) {
        lock(&self.open).remove(&self.key);
    }
}

fn lock<K, V>(open: &Open<K, V>) -> MutexGuard<'_, HashMap<K, Flight<V>>> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn those_who_ask_for_the_same_wait_for_one_fetch() {
        let flights = Flights::<&str, usize>::default();
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
        let flights = Flights::<&str, ()>::default();
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
        let flights = Flights::<&str, ()>::default();
        let broken = flights.join("a", || async { panic!("a bug") });
        assert_eq!(broken.await, Err(Failure::Broken));
        assert_eq!(flights.join("a", || async { Ok(()) }).await, Ok(()));
    }
}
