//! What owner and host sign off chain, and show to the contract only when they have to.
//!
//! Each is signed with Ed25519 over `label ‖ 0x00 ‖ network id (32) ‖ contract (its ScVal XDR, 40) ‖ escrow id (32) ‖ host u8 ‖
//! body`, numbers big-endian, so that none is worth anything elsewhere. It is shown as body ‖ which of the escrow's receipt keys signed u8 ‖
//! the owner's signature (64) ‖ the host's (64), if it signs, too.

use layr_agreement::{
    CLOSING_BODY_BYTES, CLOSING_LABEL, Division, MAX_LEAVES, MAX_REVISION, RECEIPT_BODY_BYTES, RECEIPT_LABEL,
    REVISION_BODY_BYTES, REVISION_LABEL, ReceiptBody,
};
use soroban_sdk::{Bytes, xdr::ToXdr};

use crate::bytes::{length, number, short, sized};
use crate::error::{Error, allowed, must};
use crate::part::Part;

const SIGNATURE_BYTES: u32 = 64;
/// A closing as it is shown.
pub(crate) const CLOSING_BYTES: u32 = length(CLOSING_BODY_BYTES) + 1 + 2 * SIGNATURE_BYTES;

impl Part {
    /// Moves the part forward to what the owner's receipt says, never back. A window of which the question is still to come is not
    /// believed.
    #[inline(never)]
    pub(crate) fn apply(&mut self, receipt: &Bytes) {
        let body = ReceiptBody {
            decided: short(receipt, 0, 1),
            proven: short(receipt, 1, 4),
            earned: number(receipt, 5, 8),
            revision: short(receipt, 13, 4),
        };
        let env = receipt.env();
        allowed(env, self.slot.advance(&body, &self.terms.stake(&self.host)));
        let question_s = self.terms.calendar.question_s(body.decided - 1);
        must(env, env.ledger().timestamp() >= question_s, Error::TooEarly);
        self.must_be_signed(RECEIPT_LABEL, receipt, RECEIPT_BODY_BYTES, false);
    }

    /// The data that `window` asks for, that of the revision shown or of the terms, and the revision's number.
    #[inline(never)]
    pub(crate) fn data(&self, window: u32, revision: &Bytes) -> (Bytes, u32) {
        if revision.is_empty() {
            return (self.host.data(), 0);
        }
        let revision_number = short(revision, 0, 4);
        let data = revision.slice(5..45);
        let is_plain = (1..=MAX_REVISION).contains(&revision_number)
            && short(revision, 4, 1) <= window
            && number(&data, 32, 8) <= MAX_LEAVES;
        must(revision.env(), is_plain, Error::BadStatement);
        self.must_be_signed(REVISION_LABEL, revision, REVISION_BODY_BYTES, true);
        (data, revision_number)
    }

    /// How the part is divided, if both signed that.
    #[inline(never)]
    pub(crate) fn closed(&self, closing: &Bytes) -> Division {
        let env = closing.env();
        must(env, env.ledger().timestamp() <= number(closing, 8, 8), Error::TooLate);
        let division = self.slot.divided(&self.terms.stake(&self.host), number(closing, 0, 8));
        let division = allowed(env, division);
        self.must_be_signed(CLOSING_LABEL, closing, CLOSING_BODY_BYTES, true);
        division
    }

    #[inline(never)]
    fn must_be_signed(&self, label: &str, shown: &Bytes, body: usize, by_host: bool) {
        let env = shown.env();
        let body = length(body);
        let mut message = Bytes::from_slice(env, label.as_bytes());
        message.push_back(0);
        message.append(env.ledger().network_id().as_ref());
        message.append(&env.current_contract_address().to_xdr(env));
        message.append(&self.escrow.id);
        message.push_back(self.number);
        message.append(&shown.slice(..body));
        let owners = body + 1;
        let hosts = owners + SIGNATURE_BYTES;
        let key = self.terms.receipt_key(shown.get_unchecked(body).into());
        verify(key, &message, shown.slice(owners..hosts));
        let end = if by_host {
            verify(self.host.receipt_key(), &message, shown.slice(hosts..hosts + SIGNATURE_BYTES));
            hosts + SIGNATURE_BYTES
        } else {
            hosts
        };
        must(env, shown.len() == end, Error::BadStatement);
    }
}

fn verify(key: Bytes, message: &Bytes, signature: Bytes) {
    message.env().crypto().ed25519_verify(&sized(key), message, &sized(signature));
}
