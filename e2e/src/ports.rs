//! Ports that nobody else takes: below those that the system hands out, eight in a row for each cluster.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU32, Ordering};

const FIRST: u32 = 20_000;
const ROWS: u32 = 1_500;

/// Eight free ports. Tests that run at the same time are processes of different numbers, so each begins its
/// search elsewhere.
pub fn eight() -> [u16; 8] {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    for _ in 0..ROWS {
        let row = (std::process::id() + NEXT.fetch_add(1, Ordering::Relaxed)) % ROWS;
        let first = u16::try_from(FIRST + row * 8).expect("all rows lie below 32,768");
        let ports: [u16; 8] = std::array::from_fn(|at| first + at as u16);
        let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
        if ports.iter().all(free) {
            return ports;
        }
    }
    panic!("no eight free ports between {FIRST} and {}", FIRST + ROWS * 8);
}
