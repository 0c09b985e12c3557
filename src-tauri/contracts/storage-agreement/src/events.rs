//! What happened, for whoever watches. All of it follows from calls and state; nothing here is needed to settle.

use soroban_sdk::{Bytes, Symbol, Val, Vec, contractevent};

/// Something happened to an escrow. Topics are `agreement`, the call and the escrow's id; `docs/formats.md` has the values.
#[contractevent(topics = ["agreement"], data_format = "single-value")]
struct Happened {
    #[topic]
    what: Symbol,
    #[topic]
    id: Bytes,
    values: Vec<Val>,
}

#[inline(never)]
pub(crate) fn publish(what: Symbol, id: &Bytes, values: Vec<Val>) {
    let env = id.env().clone();
    Happened { what, id: id.clone(), values }.publish(&env);
}
