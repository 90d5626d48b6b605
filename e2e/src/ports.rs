//! Ports that nobody else takes: below those that the system hands out, eight in a row for each cluster.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

const FIRST: u32 = 20_000;
const ROWS: u32 = 1_400;
/// Eight, and one that says whose they are.
const IN_A_ROW: u32 = 9;

/// Eight free ports. Tests that run at the same time are processes of different numbers, so each begins its
/// search elsewhere; and a row that one has found is nobody else's for as long as the process lives, because the ninth port
/// is taken at once. That the others are free now says little: what is to listen there has yet to be started.
pub fn eight() -> [u16; 8] {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    static OURS: Mutex<Vec<TcpListener>> = Mutex::new(Vec::new());
    for _ in 0..ROWS {
        let row = (std::process::id() + NEXT.fetch_add(1, Ordering::Relaxed)) % ROWS;
        let first = u16::try_from(FIRST + row * IN_A_ROW).expect("all rows lie below 32,768");
        let ports: [u16; 8] = std::array::from_fn(|at| first + at as u16);
        let listen = |port: u16| TcpListener::bind(("127.0.0.1", port));
        let Ok(ours) = listen(first + 8) else { continue };
        if ports.iter().all(|port| listen(*port).is_ok()) {
            OURS.lock().unwrap_or_else(PoisonError::into_inner).push(ours);
            return ports;
        }
    }
    panic!(
        "no eight free ports between {FIRST} and {}",
        FIRST + ROWS * IN_A_ROW
    );
}
