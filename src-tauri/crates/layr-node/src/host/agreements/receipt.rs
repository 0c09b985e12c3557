//! Whether an owner's receipt is one that this host keeps.
//!
//! A receipt replaces all before it, and what it calls decided cannot be proven on the ledger any more. So one that counts less than what is
//! proven, or that decides what this host can still prove, is none for it.

use layr_agreement::{ReceiptBody, rent};
use layr_keys::{PeerId, Signature};
use layr_ledger::agreement::{AgreementNetwork, Place, Receipt};

use super::Agreement;

/// What a receipt has to bring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Due {
    /// The revision that the window after it asks for.
    pub(super) revision: u32,
    /// The leaves of each window that it counts and that did not count before.
    pub(super) leaves: Vec<u64>,
}

/// Whether one of the terms' keys signed it, for this place.
pub(super) fn is_signed(
    agreement: &Agreement,
    network: &AgreementNetwork,
    place: Place,
    receipt: &Receipt,
) -> bool {
    let key = usize::try_from(receipt.key).ok().and_then(|key| agreement.terms.receipt_keys.get(key));
    let message = network.receipt_message(place, &receipt.body);
    let Some((key, (domain, message))) = key.zip(message.ok()) else { return false };
    let signature = Signature::from_bytes(receipt.signature);
    PeerId::from_bytes(*key).verify(domain, &message, &signature).is_ok()
}

/// Whether it takes nothing from this host, at `now_s` of the ledger's clock. `shown`: the window that this host has just proven to the owner.
pub(super) fn is_acceptable(
    agreement: &Agreement,
    body: &ReceiptBody,
    due: &Due,
    (now_s, shown): (u64, Option<u32>),
) -> bool {
    let (calendar, stake) = (&agreement.terms.calendar, agreement.stake());
    let mut slot = agreement.slot();
    if body.revision != due.revision || slot.advance(body, &stake).is_err() {
        return false;
    }
    let price = agreement.host.price_stroops_per_gib;
    let rents = due.leaves.iter().try_fold(0_u64, |sum, leaves| sum.checked_add(rent(*leaves, price).ok()?));
    let earned = rents.and_then(|rents| agreement.record.earned_stroops.checked_add(rents));
    let is_paid = earned.is_some_and(|earned| body.earned >= earned.min(stake.deposit));
    let is_out = body.decided.checked_sub(1).is_some_and(|last| calendar.question_s(last) <= now_s);
    let can_be_proven = |window: u32| now_s < calendar.begin_s(window.saturating_add(1));
    let keeps_ours = (0..body.decided)
        .filter(|window| !slot.counts(*window))
        .all(|window| !can_be_proven(window) && shown != Some(window));
    let counts_shown = shown.is_none_or(|window| slot.counts(window));
    is_paid && is_out && keeps_ours && counts_shown
}

#[cfg(test)]
mod tests {
    use layr_agreement::ReceiptBody;
    use layr_keys::DeviceKey;
    use layr_ledger::Contract;
    use layr_ledger::agreement::{AgreementNetwork, EscrowId, Place, Receipt};
    use layr_library::AgreementRole;

    use super::{Due, is_acceptable, is_signed};
    use crate::agreements::{Agreement, agreement_of};

    const LEAVES: u64 = 1000;
    const PLACE: Place = Place { escrow: EscrowId([7; 32]), host: 3 };

    fn key() -> DeviceKey {
        DeviceKey::from_bytes(&[9; 32])
    }

    /// A stroop for each leaf and window. The first two windows are decided: the first was proven.
    fn agreement() -> Agreement {
        let mut agreement = agreement_of(AgreementRole::Host, *key().peer_id().as_bytes(), ([3; 32], LEAVES));
        agreement.advance(2, 0b01, 1000);
        agreement
    }

    fn accepted(decided: u32, proven: u32, earned: u64, moment: (u64, Option<u32>)) -> bool {
        let agreement = agreement();
        let body = ReceiptBody { decided, proven, earned, revision: 0 };
        let anew = (proven & !agreement.record.proven).count_ones();
        let due = Due { revision: 0, leaves: vec![LEAVES; anew as usize] };
        is_acceptable(&agreement, &body, &due, moment)
    }

    #[test]
    fn what_a_window_earns_is_taken_and_nothing_less() {
        let asked_s = agreement().terms.calendar.question_s(2);
        assert!(accepted(3, 0b101, 2000, (asked_s, Some(2))));
        assert!(accepted(3, 0b101, 2000, (asked_s, None)), "a gift");
        assert!(accepted(3, 0b111, 3000, (asked_s, Some(2))), "another one");
        assert!(!accepted(3, 0b101, 1999, (asked_s, Some(2))), "too little");
        assert!(!accepted(3, 0b001, 1000, (asked_s, Some(2))), "it was proven");
        assert!(!accepted(3, 0b001, 1000, (asked_s, None)), "it can be proven on the ledger");
        assert!(!accepted(2, 0b001, 1000, (asked_s, Some(2))), "it says nothing of it");
        assert!(!accepted(3, 0b101, 2000, (asked_s - 1, Some(2))), "nobody was asked yet");
    }

    #[test]
    fn what_goes_back_or_beyond_is_refused() {
        let agreement = agreement();
        let asked_s = agreement.terms.calendar.question_s(3);
        assert!(accepted(4, 0b1001, 2000, (asked_s, Some(3))), "the third is missed, and its time is over");
        assert!(!accepted(1, 0b001, 1000, (asked_s, None)), "it decides less");
        assert!(!accepted(4, 0b1100, 3000, (asked_s, Some(3))), "the first counted");
        assert!(!accepted(4, 0b1001, 999, (asked_s, Some(3))), "earned goes back");
        assert!(!accepted(14, 0b1001, 2000, (u64::MAX, None)), "there is no such window");
        assert!(!accepted(4, 0b1_1001, 3000, (u64::MAX, None)), "a window that is not decided");
        // No more than there is can be earned, and less is not asked for.
        assert!(accepted(4, 0b1111, 3500, (asked_s, Some(3))));
        assert!(!accepted(4, 0b1111, 3501, (asked_s, Some(3))));
        assert!(!accepted(4, 0b1111, 3499, (asked_s, Some(3))));
        let body = ReceiptBody { decided: 4, proven: 0b1001, earned: 2000, revision: 1 };
        let due = Due { revision: 0, leaves: vec![LEAVES] };
        assert!(!is_acceptable(&agreement, &body, &due, (asked_s, Some(3))), "an unknown revision");
    }

    #[test]
    fn only_a_key_of_the_terms_signs_and_only_for_this_place() {
        let agreement = agreement();
        let network = AgreementNetwork { network_id: [1; 32], contract: Contract::from_bytes([2; 32]) };
        let body = ReceiptBody { decided: 3, proven: 0b101, earned: 2000, revision: 0 };
        let (domain, message) = network.receipt_message(PLACE, &body).unwrap();
        let receipt = Receipt { body, key: 0, signature: key().sign(domain, &message).to_bytes() };
        let signed = |receipt: &Receipt, place| is_signed(&agreement, &network, place, receipt);
        assert!(signed(&receipt, PLACE));
        assert!(!signed(&Receipt { key: 1, ..receipt.clone() }, PLACE));
        assert!(!signed(&receipt, Place { host: 4, ..PLACE }));
        assert!(!signed(&Receipt { body: ReceiptBody { earned: 2001, ..body }, ..receipt.clone() }, PLACE));
        let other = DeviceKey::from_bytes(&[8; 32]).sign(domain, &message).to_bytes();
        assert!(!signed(&Receipt { signature: other, ..receipt }, PLACE));
    }
}
