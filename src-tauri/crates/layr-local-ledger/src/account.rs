//! Arithmetic of accounts: reserves, balances, sequence numbers, thresholds.

use stellar_xdr::{
    AccountEntry, AccountEntryExt, AccountEntryExtensionV1, AccountEntryExtensionV1Ext,
    AccountEntryExtensionV2, AccountEntryExtensionV2Ext, AccountEntryExtensionV3, AccountId, ExtensionPoint,
    Liabilities, SequenceNumber, SponsorshipDescriptor, Thresholds, TimePoint,
};

use crate::network::BASE_RESERVE_STROOPS;

/// Which of an account's thresholds an act must reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Threshold {
    Low,
    Medium,
    High,
}

/// A new account: its sequence numbers start at the ledger that makes it, so that no old transaction fits them.
pub(crate) fn new(id: AccountId, balance: i64, sequence: u32) -> AccountEntry {
    AccountEntry {
        account_id: id,
        balance,
        seq_num: SequenceNumber(first_sequence(sequence)),
        num_sub_entries: 0,
        inflation_dest: None,
        flags: 0,
        home_domain: stellar_xdr::String32::default(),
        thresholds: Thresholds([1, 0, 0, 0]),
        signers: stellar_xdr::VecM::default(),
        ext: AccountEntryExt::V0,
    }
}

/// The first sequence number that belongs to a ledger.
pub(crate) fn first_sequence(ledger: u32) -> i64 {
    i64::from(ledger) << 32
}

/// What an account may not go below by its own doing, with `more` entries than now, in stroops.
pub(crate) fn reserve(account: &AccountEntry, more: i64) -> i64 {
    let (sponsoring, sponsored) = match &account.ext {
        AccountEntryExt::V1(AccountEntryExtensionV1 { ext: AccountEntryExtensionV1Ext::V2(two), .. }) => {
            (i64::from(two.num_sponsoring), i64::from(two.num_sponsored))
        }
        _ => (0, 0),
    };
    let entries = 2 + i64::from(account.num_sub_entries) + sponsoring - sponsored + more;
    entries.saturating_mul(BASE_RESERVE_STROOPS.into())
}

/// What an account can spend, in stroops; below zero when it lacks part of its reserve.
pub(crate) fn spendable(account: &AccountEntry) -> i64 {
    account.balance.saturating_sub(reserve(account, 0)).saturating_sub(liabilities(account).selling)
}

/// What an account can still receive, in stroops.
pub(crate) fn room(account: &AccountEntry) -> i64 {
    i64::MAX.saturating_sub(account.balance).saturating_sub(liabilities(account).buying)
}

fn liabilities(account: &AccountEntry) -> Liabilities {
    match &account.ext {
        AccountEntryExt::V0 => Liabilities { buying: 0, selling: 0 },
        AccountEntryExt::V1(one) => one.liabilities.clone(),
    }
}

pub(crate) fn threshold(account: &AccountEntry, which: Threshold) -> u32 {
    let [_, low, medium, high] = account.thresholds.0;
    match which {
        Threshold::Low => low.into(),
        Threshold::Medium => medium.into(),
        Threshold::High => high.into(),
    }
}

pub(crate) fn master_weight(account: &AccountEntry) -> u32 {
    let [master, ..] = account.thresholds.0;
    master.into()
}

/// When the sequence number last changed: ledger and time.
pub(crate) fn last_use(account: &AccountEntry) -> (u32, u64) {
    match &account.ext {
        AccountEntryExt::V1(AccountEntryExtensionV1 {
            ext:
                AccountEntryExtensionV1Ext::V2(AccountEntryExtensionV2 {
                    ext: AccountEntryExtensionV2Ext::V3(three),
                    ..
                }),
            ..
        }) => (three.seq_ledger, three.seq_time.0),
        _ => (0, 0),
    }
}

/// Uses up a sequence number, and remembers when.
pub(crate) fn use_sequence(account: &mut AccountEntry, number: i64, ledger: u32, time: u64) {
    account.seq_num = SequenceNumber(number);
    let signers = account.signers.len();
    let mut one = match std::mem::replace(&mut account.ext, AccountEntryExt::V0) {
        AccountEntryExt::V1(one) => one,
        AccountEntryExt::V0 => AccountEntryExtensionV1 {
            liabilities: Liabilities { buying: 0, selling: 0 },
            ext: AccountEntryExtensionV1Ext::V0,
        },
    };
    let mut two = match std::mem::replace(&mut one.ext, AccountEntryExtensionV1Ext::V0) {
        AccountEntryExtensionV1Ext::V2(two) => two,
        AccountEntryExtensionV1Ext::V0 => AccountEntryExtensionV2 {
            num_sponsored: 0,
            num_sponsoring: 0,
            // As many as there are signers, which are 20 at most.
            signer_sponsoring_i_ds: vec![SponsorshipDescriptor(None); signers].try_into().unwrap_or_default(),
            ext: AccountEntryExtensionV2Ext::V0,
        },
    };
    two.ext = AccountEntryExtensionV2Ext::V3(AccountEntryExtensionV3 {
        ext: ExtensionPoint::V0,
        seq_ledger: ledger,
        seq_time: TimePoint(time),
    });
    one.ext = AccountEntryExtensionV1Ext::V2(two);
    account.ext = AccountEntryExt::V1(one);
}

/// Keeps the list of signers' sponsors as long as that of signers: nobody sponsors here.
pub(crate) fn fit_sponsors(account: &mut AccountEntry) {
    let signers = account.signers.len();
    if let AccountEntryExt::V1(AccountEntryExtensionV1 { ext: AccountEntryExtensionV1Ext::V2(two), .. }) =
        &mut account.ext
    {
        two.signer_sponsoring_i_ds =
            vec![SponsorshipDescriptor(None); signers].try_into().unwrap_or_default();
    }
}
