//! The business: models, rules and data of the bookshop, served over gRPC.
