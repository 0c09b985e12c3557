//! What owner and host sign off chain, and show to the contract only when they have to.
//!
//! Each is signed with Ed25519 over `label ‖ 0x00 ‖ network id (32) ‖ contract (its ScVal XDR, 40) ‖ escrow id (32) ‖ host u8 ‖
//! body`, numbers big-endian, so that none is worth anything elsewhere.

use layr_agreement::{
    CLOSING_LABEL, Division, MAX_LEAVES, MAX_REVISION, RECEIPT_LABEL, REVISION_LABEL, ReceiptBody,
    RevisionBody, Slot, closing_body,
};
use soroban_sdk::{Bytes, BytesN, Env, contracttype, xdr::ToXdr};

use crate::Error;
use crate::terms::{EscrowTerms, HostTerms, Place};

/// The owner's word on all windows so far. Body: decided u8 ‖ proven u32 ‖ earned u64 ‖ revision u32.
#[contracttype]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The windows below this number are decided.
    pub decided: u32,
    /// A bit for each of them that was proven, the first window lowest.
    pub proven: u32,
    /// Stroops earned with them, in all.
    pub earned: u64,
    /// The revision that holds.
    pub revision: u32,
    /// Which of the escrow's receipt keys signed.
    pub key: u32,
    /// The owner's signature.
    pub signature: BytesN<64>,
}

/// The data from a window on. Body: number u32 ‖ first window u8 ‖ data root (32) ‖ leaves u64.
#[contracttype]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Larger than that of the one before; the terms are revision 0.
    pub number: u32,
    /// The first window whose question asks for this data.
    pub first_window: u32,
    /// Root over the leaves of all shards.
    pub data_root: BytesN<32>,
    /// Number of these leaves.
    pub leaves: u64,
    /// Which of the escrow's receipt keys signed.
    pub key: u32,
    /// The owner's signature.
    pub owner_signature: BytesN<64>,
    /// The host's signature.
    pub host_signature: BytesN<64>,
}

/// Both sides' word on how a part is divided. Body: to host u64 ‖ until u64.
#[contracttype]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// Stroops of deposit and collateral that the host gets; the owner gets the rest.
    pub to_host: u64,
    /// The last second at which it holds: what was signed for a moment is not settled by when more was earned.
    pub until_s: u64,
    /// Which of the escrow's receipt keys signed.
    pub key: u32,
    /// The owner's signature.
    pub owner_signature: BytesN<64>,
    /// The host's signature.
    pub host_signature: BytesN<64>,
}

/// The data that a question is about.
pub(crate) struct Data {
    pub(crate) root: BytesN<32>,
    pub(crate) leaves: u64,
}

impl Receipt {
    fn body(&self) -> ReceiptBody {
        let Self { decided, proven, earned, revision, .. } = *self;
        ReceiptBody { decided, proven, earned, revision }
    }

    /// Moves a slot forward to what the owner says, never back. A window of which the question is still to come is not
    /// believed.
    pub(crate) fn apply(
        &self,
        env: &Env,
        (terms, host): (&EscrowTerms, &HostTerms),
        place: &Place,
        slot: &mut Slot,
    ) -> Result<(), Error> {
        let body = self.body();
        slot.advance(&body, &terms.stake(host))?;
        if env.ledger().timestamp() < terms.calendar().question_s(self.decided - 1) {
            return Err(Error::TooEarly);
        }
        let message = signed_message(env, RECEIPT_LABEL, place, &body.encode());
        env.crypto().ed25519_verify(&terms.receipt_key(self.key)?, &message, &self.signature);
        Ok(())
    }
}

impl Revision {
    fn body(&self) -> RevisionBody {
        let (number, first_window, leaves) = (self.number, self.first_window, self.leaves);
        RevisionBody { number, first_window, data_root: self.data_root.to_array(), leaves }
    }

    /// The data of `window` by this revision, which is not older than what the slot has seen.
    fn data(
        &self,
        env: &Env,
        (terms, host): (&EscrowTerms, &HostTerms),
        place: &Place,
        window: u32,
    ) -> Result<Data, Error> {
        let is_plain = (1..=MAX_REVISION).contains(&self.number)
            && self.first_window <= window
            && self.leaves <= MAX_LEAVES;
        if !is_plain {
            return Err(Error::BadStatement);
        }
        let message = signed_message(env, REVISION_LABEL, place, &self.body().encode());
        env.crypto().ed25519_verify(&terms.receipt_key(self.key)?, &message, &self.owner_signature);
        env.crypto().ed25519_verify(&host.receipt_key, &message, &self.host_signature);
        Ok(Data { root: self.data_root.clone(), leaves: self.leaves })
    }
}

impl Closing {
    /// How the part is divided, if both signed that.
    pub(crate) fn division(
        &self,
        env: &Env,
        (terms, host): (&EscrowTerms, &HostTerms),
        place: &Place,
        slot: &Slot,
    ) -> Result<Division, Error> {
        if env.ledger().timestamp() > self.until_s {
            return Err(Error::TooLate);
        }
        let division = slot.divided(&terms.stake(host), self.to_host)?;
        let message = signed_message(env, CLOSING_LABEL, place, &closing_body(self.to_host, self.until_s));
        env.crypto().ed25519_verify(&terms.receipt_key(self.key)?, &message, &self.owner_signature);
        env.crypto().ed25519_verify(&host.receipt_key, &message, &self.host_signature);
        Ok(division)
    }
}

impl EscrowTerms {
    fn receipt_key(&self, key: u32) -> Result<BytesN<32>, Error> {
        self.receipt_keys.get(key).ok_or(Error::NoSuchKey)
    }
}

/// The data that `window` asks for: that of the revision shown, or of the terms.
pub(crate) fn data_of(
    env: &Env,
    (terms, host): (&EscrowTerms, &HostTerms),
    place: &Place,
    (window, revision): (u32, Option<&Revision>),
) -> Result<Data, Error> {
    match revision {
        Some(revision) => revision.data(env, (terms, host), place, window),
        None => Ok(Data { root: host.data_root.clone(), leaves: host.leaves }),
    }
}

/// The bytes that are signed. See the module's head.
fn signed_message(env: &Env, label: &str, place: &Place, body: &[u8]) -> Bytes {
    let mut message = Bytes::from_slice(env, label.as_bytes());
    message.push_back(0);
    message.append(env.ledger().network_id().as_ref());
    message.append(&env.current_contract_address().to_xdr(env));
    message.append(place.id.as_ref());
    message.push_back(place.host);
    message.extend_from_slice(body);
    message
}
