//! The schema, one change per file, in the order in which the project made them.
