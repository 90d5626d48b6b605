//! What tests share: a fake core, test databases, redactions.
