//! The gateway of the web client.
