//! The local ledger over HTTP, as clients see it.

mod beacon;
mod codes;
mod conservation;
mod first;
mod history;
mod hostile;
mod life;
mod signers;
mod soroban;
mod support;
mod surviving;
