//! The commands, by what they are about.

pub(crate) mod agreements;
pub(crate) mod delegates;
pub(crate) mod files;
pub(crate) mod hosting;
pub(crate) mod identity;
pub(crate) mod ledger;
pub(crate) mod limit;
pub(crate) mod nodes;
pub(crate) mod reference;
pub(crate) mod sharing;
pub(crate) mod upkeep;
pub(crate) mod wallet;
