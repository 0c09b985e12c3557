//! What was signed for the ledger here, from the journal.

use std::collections::BTreeMap;

use layr_ledger::{Stroops, VALID_FOR_S, payment_in};
use layr_library::{AgreementRole, LedgerTransaction, Library, TransactionState};

use super::SEND_PREFIX;
use crate::agreements::Agreement;
use crate::api::{
    WalletHistory, WalletHistoryRequest, WalletTransaction, WalletTransactionKind, WalletTransactionState,
};
use crate::catalogue::{rfc3339, store_error};
use crate::error::NodeError;

/// Transactions that are told where nobody says how many: some months of an owner's.
const USUAL_LIMIT: u32 = 100;
/// The most that are told: the journal keeps ten times as many, and an answer has its bounds.
const MAX_LIMIT: u32 = 1000;

/// The newest transactions on a network.
///
/// # Errors
/// What the database says.
pub(super) fn of(
    library: &Library,
    network_id: [u8; 32],
    request: WalletHistoryRequest,
) -> Result<WalletHistory, NodeError> {
    let limit = request.limit.unwrap_or(USUAL_LIMIT).min(MAX_LIMIT);
    let newest = library.newest_ledger_transactions(&network_id, limit.saturating_add(1));
    let mut newest = newest.map_err(|error| store_error(&error))?;
    let has_more = newest.len() > limit as usize;
    newest.truncate(limit as usize);
    let deposits = deposits(library)?;
    Ok(WalletHistory { transactions: newest.iter().map(|one| describe(one, &deposits)).collect(), has_more })
}

/// What was put into each escrow, by its id in hex.
fn deposits(library: &Library) -> Result<BTreeMap<String, Stroops>, NodeError> {
    let mut deposits: BTreeMap<String, Stroops> = BTreeMap::new();
    let records = library.agreements(AgreementRole::Owner).map_err(|error| store_error(&error))?;
    for record in records {
        let agreement = Agreement::read(record).map_err(|error| store_error(&error))?;
        let Some(place) = agreement.place() else { continue };
        let deposit = Stroops::new(agreement.host.deposit_stroops).unwrap_or(Stroops::MAX);
        let sum = deposits.entry(place.escrow.to_string()).or_default();
        *sum = sum.saturating_add(deposit);
    }
    Ok(deposits)
}

fn describe(transaction: &LedgerTransaction, deposits: &BTreeMap<String, Stroops>) -> WalletTransaction {
    let kind = kind_of(&transaction.key);
    let payment = payment_in(&transaction.envelope);
    let amount = match kind {
        WalletTransactionKind::Escrow => deposits.get(escrow_of(&transaction.key)).copied(),
        _ => payment.as_ref().map(|payment| payment.amount),
    };
    let (state, ledger, fee, code) = match &transaction.state {
        TransactionState::Signed => (WalletTransactionState::Pending, None, None, None),
        TransactionState::Refused { code } => {
            (WalletTransactionState::Refused, None, None, Some(code.clone()))
        }
        TransactionState::Settled { ledger, fee_stroops, .. } => {
            (WalletTransactionState::Done, Some(*ledger), Stroops::new(*fee_stroops).ok(), None)
        }
        TransactionState::Failed { ledger, fee_stroops, code } => {
            let fee = fee_stroops.and_then(|fee| Stroops::new(fee).ok());
            (WalletTransactionState::Failed, Some(*ledger), fee, Some(code.clone()))
        }
        TransactionState::Dead => (WalletTransactionState::NeverSent, None, None, None),
        TransactionState::Forgotten => (WalletTransactionState::Unknown, None, None, None),
    };
    WalletTransaction {
        kind,
        state,
        signed_at: rfc3339(transaction.valid_until_unix_s.saturating_sub(VALID_FOR_S)),
        amount_xlm: amount.map(|amount| amount.to_string()),
        destination: payment.as_ref().map(|payment| payment.destination.to_string()),
        memo: payment.and_then(|payment| payment.memo).map(|memo| memo.text()),
        fee_xlm: fee.map(|fee| fee.to_string()),
        transaction: transaction.hashes.last().map(hex::encode).unwrap_or_default(),
        ledger,
        code,
        key: transaction.key.strip_prefix(SEND_PREFIX).unwrap_or(&transaction.key).to_owned(),
    }
}

fn kind_of(key: &str) -> WalletTransactionKind {
    match key.split_once(':').map_or("", |(family, _)| family) {
        "send" => WalletTransactionKind::Payment,
        "open" => WalletTransactionKind::Escrow,
        "settle" => WalletTransactionKind::Settlement,
        "prove" => WalletTransactionKind::Proof,
        "claim" => WalletTransactionKind::Claim,
        "challenge" => WalletTransactionKind::Question,
        "excuse" => WalletTransactionKind::Excuse,
        "terminate" => WalletTransactionKind::Termination,
        "beacon" => WalletTransactionKind::Beacon,
        "keep" => WalletTransactionKind::Keeping,
        _ => WalletTransactionKind::Other,
    }
}

/// The escrow that a key is about; one that was tried again has a number behind it.
fn escrow_of(key: &str) -> &str {
    let of = key.split_once(':').map_or("", |(_, of)| of);
    of.split(['#', '/']).next().unwrap_or(of)
}

#[cfg(test)]
mod tests {
    use layr_library::{Entropy, LedgerTransaction, Library, TransactionState};

    use super::{escrow_of, kind_of, of};
    use crate::api::{WalletHistoryRequest, WalletTransactionKind, WalletTransactionState};

    const NETWORK: [u8; 32] = [7; 32];

    fn transaction(key: &str, sequence: i64, state: TransactionState) -> LedgerTransaction {
        LedgerTransaction {
            network_id: NETWORK,
            key: key.to_owned(),
            intent: [1; 32],
            account: [2; 32],
            sequence,
            envelope: vec![0; 8],
            hashes: vec![[3; 32], [4; 32]],
            earlier_hashes: Vec::new(),
            from_ledger: 5,
            valid_until_unix_s: 1_000_000_300,
            fee_cap_stroops: 100,
            state,
        }
    }

    #[test]
    fn what_was_signed_is_told_newest_first_and_no_more_than_was_asked_for() {
        let dir = tempfile::tempdir().unwrap();
        let owner = layr_keys::OwnerId::from_bytes([1; 32]);
        let library = Library::create(&dir.path().join("library"), owner, Entropy::system(), 1).unwrap();
        let settled = TransactionState::Settled { ledger: 9, fee_stroops: 100, returned: None };
        for (number, (key, state)) in [
            ("send:a", settled.clone()),
            (
                "open:0b",
                TransactionState::Failed { ledger: 8, fee_stroops: Some(7), code: "txFailed".to_owned() },
            ),
            ("send:c", TransactionState::Signed),
        ]
        .into_iter()
        .enumerate()
        {
            let number = i64::try_from(number).unwrap();
            library.write_ledger_transaction(&transaction(key, number, state)).unwrap();
        }
        let elsewhere = LedgerTransaction { network_id: [8; 32], ..transaction("send:d", 9, settled) };
        library.write_ledger_transaction(&elsewhere).unwrap();

        let all = of(&library, NETWORK, WalletHistoryRequest::default()).unwrap();
        let told: Vec<_> =
            all.transactions.iter().map(|one| (one.key.as_str(), one.kind, one.state)).collect();
        assert_eq!(
            told,
            [
                ("c", WalletTransactionKind::Payment, WalletTransactionState::Pending),
                ("open:0b", WalletTransactionKind::Escrow, WalletTransactionState::Failed),
                ("a", WalletTransactionKind::Payment, WalletTransactionState::Done),
            ]
        );
        assert_eq!(all.transactions[1].fee_xlm.as_deref(), Some("0.0000007"), "what failed had its fee, too");
        let last = all.transactions.last().unwrap();
        assert_eq!((last.fee_xlm.as_deref(), last.ledger), (Some("0.00001"), Some(9)));
        assert_eq!(last.signed_at, "2001-09-09T01:46:40Z");
        assert!(last.transaction.starts_with("0404") && last.amount_xlm.is_none());
        assert!(!all.has_more);

        let two = of(&library, NETWORK, WalletHistoryRequest { limit: Some(2) }).unwrap();
        assert_eq!((two.transactions.len(), two.has_more), (2, true));
    }

    #[test]
    fn a_key_says_what_a_transaction_is_for() {
        for (key, kind) in [
            ("settle:ab:1", WalletTransactionKind::Settlement),
            ("prove:ab:1:2", WalletTransactionKind::Proof),
            ("claim:ab:1:2", WalletTransactionKind::Claim),
            ("challenge:ab:1:2", WalletTransactionKind::Question),
            ("challenge:ab:1:2#2", WalletTransactionKind::Question),
            ("excuse:ab:1:2", WalletTransactionKind::Excuse),
            ("terminate:ab:1", WalletTransactionKind::Termination),
            ("beacon:7", WalletTransactionKind::Beacon),
            ("keep:restore:C:7", WalletTransactionKind::Keeping),
            ("revise:ab", WalletTransactionKind::Other),
            ("", WalletTransactionKind::Other),
        ] {
            assert_eq!(kind_of(key), kind, "{key}");
        }
        assert_eq!(["open:ab", "open:ab#2", "open:ab/restore"].map(escrow_of), ["ab"; 3]);
    }
}
