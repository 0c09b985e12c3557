//! Dividing parts, and paying them out.

use layr_agreement::{Division, Slot, State};
use soroban_sdk::{Address, Bytes, Env, IntoVal, Vec, symbol_short, vec};

use crate::error::{Error, allowed, found, must};
use crate::events;
use crate::part::Part;
use crate::statement::CLOSING_BYTES;
use crate::terms::{Hosts, Terms};

/// Hosts that are settled: accounts, seat, and their closings one after the other; none of these where they are overdue.
pub(crate) type Group = (Vec<Address>, Bytes, Bytes);

/// Stands in an escrow's slots for the owner, where that could not be paid. No host has this number.
const OWNER: u8 = u8::MAX;

/// Gives the escrow's id.
#[inline(never)]
pub(crate) fn settle_parts(env: &Env, terms: Terms, groups: &Vec<Group>) -> Bytes {
    let (accounts, bytes, _) = found(env, groups.first(), Error::NoSuchEscrow);
    let mut part = Part::load(terms, &Hosts { accounts, bytes });
    // Those that could not be paid before are tried again. To the owner all goes at once: each payment is an event, and a transaction
    // has room for 16 KiB of them.
    let mut to_owner = part.escrow.take_unpaid(OWNER);
    let mut settled = vec![env];
    for (accounts, bytes, closings) in groups.iter() {
        let hosts = Hosts { accounts, bytes };
        let (id, first) = hosts.place(&part.terms);
        must(env, id == part.escrow.id, Error::NoSuchEscrow);
        for index in 0..hosts.accounts.len() {
            part.sit(&hosts, index, first);
            let Division { to_host, to_owner: rest } = division(env, &part, &closings, index, to_owner);
            part.slot.state = State::Closed;
            part.slot.earned = part.escrow.pay(&part.host.account, to_host);
            part.escrow.set_slot(part.number, &part.slot);
            to_owner += rest;
            settled.push_back(u32::from(part.number).into());
            settled.push_back(to_host.into_val(env));
        }
    }
    let unpaid = part.escrow.pay(&part.terms.owner, to_owner);
    if unpaid > 0 {
        part.escrow.set_slot(OWNER, &Slot { earned: unpaid, ..Slot::new(State::Closed, 0) });
    }
    part.escrow.store(&part.terms.calendar);
    settled.push_back(to_owner.into_val(env));
    events::publish(symbol_short!("settle"), &part.escrow.id, settled);
    part.escrow.id
}

/// What each side gets of a part. `to_owner`: whether the owner is owed anything yet, which another try is for.
fn division(env: &Env, part: &Part, closings: &Bytes, index: u32, to_owner: u64) -> Division {
    let slot = &part.slot;
    if slot.state == State::Closed {
        must(env, slot.earned > 0 || to_owner > 0, Error::WrongState);
        return Division { to_host: slot.earned, to_owner: 0 };
    }
    if !closings.is_empty() {
        part.must_be(env, State::Active);
        return part.closed(&closings.slice(CLOSING_BYTES * index..CLOSING_BYTES * (index + 1)));
    }
    let calendar = &part.terms.calendar;
    let due_s = if slot.state == State::Offered {
        calendar.joining_ends_s()
    } else {
        calendar.settling_begins_s(slot.windows)
    };
    must(env, env.ledger().timestamp() >= due_s, Error::TooEarly);
    allowed(env, slot.division(calendar, &part.terms.stake(&part.host)))
}
