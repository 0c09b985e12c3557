//! The contract as its sources are here, which runs fast and says where it failed.

use soroban_sdk::{Address, Bytes, Env};
use storage_agreement::StorageAgreement;

/// Histories of each of the two tests, together more than the 10 000 that are promised.
pub(crate) const HISTORIES: u32 = 5_100;
/// Histories of which it is counted what they come to.
pub(crate) const HISTORIES_COUNTED: u32 = 400;

/// Puts the contract on a ledger.
pub(crate) fn register(env: &Env, (token, beacon): (&Address, &Bytes)) -> Address {
    env.register(StorageAgreement, (token.clone(), beacon.clone()))
}
