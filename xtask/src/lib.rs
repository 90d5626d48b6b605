//! The project's own tasks: start the cluster, test everything, generate code.
