//! Events of the native asset that the ledger itself tells of: transfers by classic operations, and fees. A contract's events come
//! from the host.

use stellar_xdr::{
    AccountId, ContractEvent, ContractEventBody, ContractEventType, ContractEventV0, ExtensionPoint, Memo,
    MuxedAccount, ScAddress, ScBytes, ScMap, ScMapEntry, ScString, ScSymbol, ScVal,
};

use crate::envelope::account;
use crate::error::LedgerError;
use crate::network::Network;

/// How the native asset is written in events (SEP-0011).
const NATIVE: &str = "native";

/// Lumens that went from one account to another.
pub(crate) fn transfer(
    network: &Network,
    from: &MuxedAccount,
    to: &MuxedAccount,
    stroops: i64,
    memo: Option<&Memo>,
) -> Result<ContractEvent, LedgerError> {
    let topics = vec![
        symbol("transfer")?,
        address(&account(from)),
        address(&account(to)),
        ScVal::String(ScString(NATIVE.try_into()?)),
    ];
    event(network, topics, amount(stroops, receiver(to, memo)?)?)
}

/// A fee that was taken, or with a negative amount given back.
pub(crate) fn fee(network: &Network, payer: &AccountId, stroops: i64) -> Result<ContractEvent, LedgerError> {
    event(network, vec![symbol("fee")?, address(payer)], number(stroops))
}

/// The id of who is meant within the receiving account: of a muxed account, else from the memo (CAP-0067).
fn receiver(to: &MuxedAccount, memo: Option<&Memo>) -> Result<Option<ScVal>, LedgerError> {
    if let MuxedAccount::MuxedEd25519(muxed) = to {
        return Ok(Some(ScVal::U64(muxed.id)));
    }
    Ok(match memo {
        None | Some(Memo::None) => None,
        Some(Memo::Id(id)) => Some(ScVal::U64(*id)),
        Some(Memo::Text(text)) => Some(ScVal::String(ScString(text.to_vec().try_into()?))),
        Some(Memo::Hash(hash) | Memo::Return(hash)) => {
            Some(ScVal::Bytes(ScBytes(hash.0.to_vec().try_into()?)))
        }
    })
}

fn amount(stroops: i64, receiver: Option<ScVal>) -> Result<ScVal, LedgerError> {
    let Some(receiver) = receiver else { return Ok(number(stroops)) };
    let entries = vec![
        ScMapEntry { key: symbol("amount")?, val: number(stroops) },
        ScMapEntry { key: symbol("to_muxed_id")?, val: receiver },
    ];
    Ok(ScVal::Map(Some(ScMap(entries.try_into()?))))
}

fn event(network: &Network, topics: Vec<ScVal>, data: ScVal) -> Result<ContractEvent, LedgerError> {
    Ok(ContractEvent {
        ext: ExtensionPoint::V0,
        contract_id: Some(network.native.clone()),
        type_: ContractEventType::Contract,
        body: ContractEventBody::V0(ContractEventV0 { topics: topics.try_into()?, data }),
    })
}

fn symbol(name: &str) -> Result<ScVal, LedgerError> {
    Ok(ScVal::Symbol(ScSymbol(name.try_into()?)))
}

fn address(id: &AccountId) -> ScVal {
    ScVal::Address(ScAddress::Account(id.clone()))
}

fn number(stroops: i64) -> ScVal {
    ScVal::from(i128::from(stroops))
}
