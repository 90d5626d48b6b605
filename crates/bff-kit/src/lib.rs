//! What every gateway does: the edge server, errors, sections, the core channel; knows no message of the contract.
