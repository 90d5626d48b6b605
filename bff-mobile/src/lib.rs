//! The gateway of the mobile client.
