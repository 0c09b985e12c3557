//! Values as the contract's types are on the ledger: a struct is a map by the names of its fields, in their order.

use stellar_xdr as xdr;

use crate::address::{Account, Contract};
use crate::bounded::{encode, too_large};
use crate::error::LedgerError;

/// A field of a struct.
type Field = (&'static str, xdr::ScVal);

/// A struct.
pub(crate) fn record(mut fields: Vec<Field>) -> Result<xdr::ScVal, LedgerError> {
    fields.sort_by_key(|(name, _)| *name);
    let entries: Vec<xdr::ScMapEntry> = fields
        .into_iter()
        .map(|(name, val)| Ok(xdr::ScMapEntry { key: symbol(name)?, val }))
        .collect::<Result<_, LedgerError>>()?;
    Ok(xdr::ScVal::Map(Some(xdr::ScMap(entries.try_into().map_err(too_large)?))))
}

pub(crate) fn list(items: Vec<xdr::ScVal>) -> Result<xdr::ScVal, LedgerError> {
    Ok(xdr::ScVal::Vec(Some(xdr::ScVec(items.try_into().map_err(too_large)?))))
}

pub(crate) fn symbol(name: &str) -> Result<xdr::ScVal, LedgerError> {
    Ok(xdr::ScVal::Symbol(xdr::ScSymbol(name.as_bytes().to_vec().try_into().map_err(too_large)?)))
}

pub(crate) fn bytes(bytes: &[u8]) -> Result<xdr::ScVal, LedgerError> {
    Ok(xdr::ScVal::Bytes(xdr::ScBytes(bytes.to_vec().try_into().map_err(too_large)?)))
}

pub(crate) fn account(account: Account) -> xdr::ScVal {
    xdr::ScVal::Address(xdr::ScAddress::Account(account.to_xdr()))
}

pub(crate) fn contract(contract: Contract) -> xdr::ScVal {
    xdr::ScVal::Address(contract.to_xdr())
}

/// An amount as tokens take it.
pub(crate) fn amount(stroops: u64) -> xdr::ScVal {
    xdr::ScVal::I128(xdr::Int128Parts { hi: 0, lo: stroops })
}

/// A field of a struct, where it has one of this name.
pub(crate) fn field<'value>(value: &'value xdr::ScVal, name: &str) -> Option<&'value xdr::ScVal> {
    let xdr::ScVal::Map(Some(entries)) = value else { return None };
    let is_named = |entry: &&xdr::ScMapEntry| matches!(&entry.key, xdr::ScVal::Symbol(symbol) if symbol.0.as_slice() == name.as_bytes());
    entries.0.iter().find(is_named).map(|entry| &entry.val)
}

/// The bytes that the contract hashes of a value.
pub(crate) fn encoded(value: &xdr::ScVal) -> Result<Vec<u8>, LedgerError> {
    encode(value)
}
