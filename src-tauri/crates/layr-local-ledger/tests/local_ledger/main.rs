//! The local ledger over HTTP, as clients see it.

mod first;
mod support;
