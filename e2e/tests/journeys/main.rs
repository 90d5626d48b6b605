//! Journeys through the whole cluster: what its users, its operators and its enemies do.
#![expect(clippy::unwrap_used, reason = "a journey that cannot go on has failed")]

mod attacks;
mod bad_input;
mod book_files;
mod browser;
mod canaries;
mod clients;
mod coherence;
mod cookies;
mod core_away;
mod core_back;
mod enumeration;
mod first_hour;
mod forged_tokens;
mod fuzz;
mod graceful_stop;
mod guesses;
mod hostile_fields;
mod live;
mod lives;
mod oidc;
mod openapi;
mod orders;
mod pages;
mod payloads;
mod restores;
mod sign_in;
mod starting;
mod sync;
mod three_faces;
mod who_may;
mod whose;
