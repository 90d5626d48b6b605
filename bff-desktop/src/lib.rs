//! The gateway of the desktop client.
