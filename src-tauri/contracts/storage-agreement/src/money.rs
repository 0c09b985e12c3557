//! Payments in the token that the contract was made with.

use soroban_sdk::{Address, Env, Error as HostError, IntoVal, Symbol, Val, Vec, symbol_short, vec};

use crate::error::{Error, found};

const TOKEN: Symbol = symbol_short!("token");
const TRANSFER: Symbol = symbol_short!("transfer");

/// Keeps which token that is.
pub(crate) fn install(token: &Address) {
    token.env().storage().instance().set(&TOKEN, token);
}

#[inline(never)]
pub(crate) fn token(env: &Env) -> Address {
    found(env, env.storage().instance().get(&TOKEN), Error::Corrupt)
}

/// Takes stroops in, or the call fails.
pub(crate) fn take(from: &Address, stroops: u64) {
    if stroops > 0 {
        let env = from.env();
        let args = transfer(from, &env.current_contract_address(), stroops);
        env.invoke_contract::<Val>(&token(env), &TRANSFER, args);
    }
}

/// Pays stroops out, and tells whether that could be done.
pub(crate) fn pay(to: &Address, stroops: u64) -> bool {
    let env = to.env();
    let args = transfer(&env.current_contract_address(), to, stroops);
    env.try_invoke_contract::<Val, HostError>(&token(env), &TRANSFER, args).is_ok()
}

#[inline(never)]
fn transfer(from: &Address, to: &Address, stroops: u64) -> Vec<Val> {
    let env = from.env();
    vec![env, from.to_val(), to.to_val(), i128::from(stroops).into_val(env)]
}
