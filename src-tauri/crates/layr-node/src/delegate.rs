//! Delegates: nodes of the owner's choice that audit and repair while the owner's devices sleep.
//!
//! A delegate gets blind keys and roots and no chunk key: it can rebuild shards, and read nothing. Hosts take shards from it in the
//! owner's name for as long as its delegation holds, and delete nothing at its word. What it did is in a log that it signs; the owner
//! believes none of it: a copy is failed once its host was asked, and a new one counts once its host has proven it to the owner.
//!
//! ```text
//! owner's node    visits: hears the log, judges its claims, gives the list anew when it changed
//! delegate's      keeping: a library of its own for each owner; care: audits always, repairs while the owner is not heard
//! ```

mod care;
mod claims;
mod giving;
mod keeping;
mod visits;

pub(crate) use self::care::{audit_for_others, repair_for_others};
pub(crate) use self::keeping::{KeepError, Keeping, KeepingParts, Taking};
pub(crate) use self::visits::{Delegating, MAX_DELEGATES, visit_in_background};
