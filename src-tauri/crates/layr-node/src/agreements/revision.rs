//! Revisions: what an agreement is about from a window on, signed by both sides, within what its deposit pays for.
//!
//! A revision that is signed while window w runs counts from w + 1 on: w is asked for what it was about when it began. So no side can change
//! what a question is about once it may be out, and none that is signed takes anything from a window that was earned.

use layr_agreement::{LEAVES_PER_GIB, MAX_LEAVES, RevisionBody, RuleError, rent};
use layr_keys::{PeerId, Signature};
use layr_ledger::agreement::{AgreementNetwork, Place, Revision};
use layr_library::{AgreementData, StoreError};
use minicbor::{Decode, Encode};

use super::Agreement;
use super::terms::REFUNDED_PROOFS;

/// Both sides' signatures as they are recorded.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub(crate) struct RecordedSignatures {
    /// Which of the escrow's receipt keys signed.
    #[n(0)]
    pub(crate) key: u32,
    /// The owner's.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub(crate) owner: [u8; 64],
    /// The host's; zeros until it has signed.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub(crate) host: [u8; 64],
}

impl RecordedSignatures {
    /// Reads what was recorded.
    pub(crate) fn of(data: &AgreementData) -> Option<Self> {
        minicbor::decode(&data.signatures).ok()
    }

    /// As it is recorded.
    ///
    /// # Errors
    /// None in practice: memory takes all bytes.
    pub(crate) fn encode(&self) -> Result<Vec<u8>, StoreError> {
        minicbor::to_vec(self).map_err(|reason| StoreError::Damaged { detail: reason.to_string() })
    }
}

/// What is signed of a revision.
pub(crate) fn body_of(data: &AgreementData) -> RevisionBody {
    RevisionBody {
        number: data.revision,
        first_window: data.first_window,
        data_root: data.data_root,
        leaves: data.leaves,
    }
}

/// The revision as the contract takes it; none where that is what the terms say, or where nobody signed it.
pub(crate) fn shown(data: &AgreementData) -> Option<Revision> {
    let signatures = RecordedSignatures::of(data)?;
    Some(Revision {
        body: body_of(data),
        key: signatures.key,
        owner_signature: signatures.owner,
        host_signature: signatures.host,
    })
}

/// Whether this key signed this revision for this place.
pub(crate) fn is_signed_by(
    key: &[u8; 32],
    network: &AgreementNetwork,
    (place, body): (Place, &RevisionBody),
    signature: &[u8; 64],
) -> bool {
    network.revision_message(place, body).is_ok_and(|(domain, message)| {
        PeerId::from_bytes(*key).verify(domain, &message, &Signature::from_bytes(*signature)).is_ok()
    })
}

impl Agreement {
    /// The first window that a revision signed now counts for; none where no window is left.
    pub(crate) fn next_window(&self, now_s: u64) -> Option<u32> {
        let has_begun = now_s >= self.terms.calendar.begin_s(0);
        let next = if has_begun { self.running_window(now_s).saturating_add(1) } else { 0 };
        (next < self.windows()).then_some(next)
    }

    /// The most leaves that the deposit pays for in all windows from `first_window` on, with the refunds that it has room for at the start.
    /// `before`: the leaves of each window before that one that is not decided yet, which may all still be proven.
    ///
    /// # Errors
    /// A rent that does not fit.
    pub(crate) fn most_leaves(&self, first_window: u32, before: &[u64]) -> Result<u64, RuleError> {
        let price = self.host.price_stroops_per_gib;
        let before = before.iter().try_fold(0_u64, |sum, leaves| {
            sum.checked_add(rent(*leaves, price)?).ok_or(RuleError::Overflow)
        })?;
        let refunds = self.host.proof_refund_stroops.saturating_mul(REFUNDED_PROOFS);
        let taken = self.record.earned_stroops.saturating_add(before).saturating_add(refunds);
        let windows = u64::from(self.windows().saturating_sub(first_window));
        let a_window = self.host.deposit_stroops.saturating_sub(taken).checked_div(windows).unwrap_or(0);
        // The most whose rent, rounded down, is no more than that.
        let most = (a_window.saturating_add(1)).saturating_mul(LEAVES_PER_GIB).saturating_sub(1);
        Ok(most.checked_div(price).unwrap_or(MAX_LEAVES).min(MAX_LEAVES))
    }
}

#[cfg(test)]
mod tests {
    use layr_agreement::{MAX_LEAVES, RevisionBody, rent};
    use layr_keys::DeviceKey;
    use layr_ledger::Contract;
    use layr_ledger::agreement::{AgreementNetwork, EscrowId, Place};
    use layr_library::{AgreementData, AgreementRole};
    use proptest::prelude::*;

    use super::{RecordedSignatures, body_of, is_signed_by, shown};
    use crate::agreements::{Agreement, agreement_of, deposit_stroops};

    fn agreement() -> Agreement {
        agreement_of(AgreementRole::Host, [2; 32], ([3; 32], 1000))
    }

    #[test]
    fn a_revision_counts_from_the_next_window_on() {
        let mut agreement = agreement();
        let calendar = agreement.terms.calendar;
        assert_eq!(agreement.next_window(calendar.begin_s(0) - 1), Some(0));
        assert_eq!(agreement.next_window(calendar.begin_s(0)), Some(1));
        assert_eq!(agreement.next_window(calendar.begin_s(4) - 1), Some(4));
        assert_eq!(agreement.next_window(calendar.begin_s(12) - 1), Some(12));
        assert_eq!(agreement.next_window(calendar.begin_s(12)), None, "the last one runs");
        agreement.record.end_unix_s = calendar.begin_s(4);
        assert_eq!(agreement.next_window(calendar.begin_s(3)), None, "ended before its time");
    }

    #[test]
    fn what_is_earned_and_may_still_be_earned_takes_room() {
        // A stroop for each leaf and window.
        let mut agreement = agreement();
        agreement.host.deposit_stroops = 13 * 1250;
        assert_eq!(agreement.most_leaves(0, &[]), Ok(1250));
        assert_eq!(agreement.most_leaves(1, &[1250]), Ok(1250));
        agreement.advance(2, 0b11, 2000);
        assert_eq!(agreement.most_leaves(3, &[1000]), Ok((16_250 - 3000) / 10));
        agreement.host.proof_refund_stroops = 100;
        assert_eq!(agreement.most_leaves(3, &[1000]), Ok((16_250 - 3700) / 10));
        assert_eq!(agreement.most_leaves(13, &[]), Ok(0), "no window is left");
        agreement.record.earned_stroops = 16_250;
        assert_eq!(agreement.most_leaves(3, &[]), Ok(0));
        agreement.host.price_stroops_per_gib = 0;
        assert_eq!(agreement.most_leaves(3, &[]), Ok(MAX_LEAVES));
    }

    #[test]
    fn only_who_is_named_signs_and_only_for_this_place() {
        let key = DeviceKey::from_bytes(&[9; 32]);
        let network = AgreementNetwork { network_id: [1; 32], contract: Contract::from_bytes([2; 32]) };
        let place = Place { escrow: EscrowId([7; 32]), host: 3 };
        let body = RevisionBody { number: 1, first_window: 2, data_root: [3; 32], leaves: 4 };
        let (domain, message) = network.revision_message(place, &body).unwrap();
        let signature = key.sign(domain, &message).to_bytes();
        let is_signed = |key: &[u8; 32], place, body: &RevisionBody| {
            is_signed_by(key, &network, (place, body), &signature)
        };
        let signer = *key.peer_id().as_bytes();
        assert!(is_signed(&signer, place, &body));
        assert!(!is_signed(&[8; 32], place, &body));
        assert!(!is_signed(&signer, Place { host: 4, ..place }, &body));
        assert!(!is_signed(&signer, place, &RevisionBody { leaves: 5, ..body }));
    }

    #[test]
    fn what_is_recorded_is_what_the_contract_is_shown() {
        let signatures = RecordedSignatures { key: 1, owner: [5; 64], host: [6; 64] };
        let mut data = AgreementData {
            revision: 2,
            first_window: 3,
            data_root: [4; 32],
            leaves: 5,
            shards: Vec::new(),
            signatures: signatures.encode().unwrap(),
        };
        let revision = shown(&data).unwrap();
        assert_eq!(revision.body, body_of(&data));
        assert_eq!((revision.key, revision.owner_signature, revision.host_signature), (1, [5; 64], [6; 64]));
        data.signatures = Vec::new();
        assert_eq!(shown(&data), None, "what the terms say needs no word of anybody");
    }

    proptest! {
        #[test]
        fn what_fits_is_paid_in_all_windows_and_one_leaf_more_may_not(
            leaves in 1_u64..1 << 32, price in 1_u64..1 << 31, first in 0_u32..13,
        ) {
            let mut agreement = agreement();
            agreement.host.price_stroops_per_gib = price;
            agreement.host.deposit_stroops = deposit_stroops(leaves, price, 13).unwrap();
            agreement.host.proof_refund_stroops = crate::agreements::PROOF_REFUND_STROOPS;
            let before = vec![leaves; first as usize];
            let most = agreement.most_leaves(first, &before).unwrap();
            prop_assert!(most >= leaves);
            let whole = |leaves| rent(leaves, price).unwrap() * u64::from(13 - first);
            let left = agreement.host.deposit_stroops
                - super::REFUNDED_PROOFS * crate::agreements::PROOF_REFUND_STROOPS
                - rent(leaves, price).unwrap() * u64::from(first);
            prop_assert!(whole(most) <= left);
            prop_assert!(most == MAX_LEAVES || whole(most + 1) > left);
        }
    }
}
