//! The contract as it is recorded and put on ledgers: optimised WebAssembly, which runs slower and says less of where it failed.

use soroban_sdk::{Address, Bytes, Env};

/// Histories of each of the two tests. The sources' tests have many more; these show that the file does the same.
pub(crate) const HISTORIES: u32 = 300;
/// Histories of which it is counted what they come to.
pub(crate) const HISTORIES_COUNTED: u32 = 100;

const WASM: &[u8] = include_bytes!("../../../storage_agreement.wasm");

/// Puts the contract on a ledger.
pub(crate) fn register(env: &Env, (token, beacon): (&Address, &Bytes)) -> Address {
    env.register(WASM, (token.clone(), beacon.clone()))
}
