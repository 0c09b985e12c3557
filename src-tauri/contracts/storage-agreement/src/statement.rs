//! What owner and host sign off chain, and show to the contract only when they have to.
//!
//! Each is signed with Ed25519 over `label ‖ 0x00 ‖ network id (32) ‖ contract (its ScVal XDR, 40) ‖ escrow id (32) ‖ host u8 ‖
//! body`, numbers big-endian, so that none is worth anything elsewhere.

use soroban_sdk::{Bytes, BytesN, Env, contracttype, xdr::ToXdr};

use crate::Error;
use crate::slot::{Division, Slot};
use crate::terms::{EscrowTerms, HostTerms, MAX_LEAVES, Place};

/// Label of a [`Receipt`].
pub const RECEIPT_LABEL: &[u8] = b"layr/v1/agreement-receipt";
/// Label of a [`Revision`].
pub const REVISION_LABEL: &[u8] = b"layr/v1/agreement-revision";
/// Label of a [`Closing`].
pub const CLOSING_LABEL: &[u8] = b"layr/v1/agreement-closing";

/// Highest number of a revision: three bytes of a slot.
pub const MAX_REVISION: u32 = (1 << 24) - 1;

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

/// Both sides' word on how a part is divided, at any time. Body: to host u64.
#[contracttype]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// Stroops of deposit and collateral that the host gets; the owner gets the rest.
    pub to_host: u64,
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
    fn body(&self, env: &Env) -> Bytes {
        let mut body = Bytes::from_slice(env, &self.decided.to_be_bytes()[3..]);
        body.extend_from_slice(&self.proven.to_be_bytes());
        body.extend_from_slice(&self.earned.to_be_bytes());
        body.extend_from_slice(&self.revision.to_be_bytes());
        body
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
        let is_plain = self.decided >= 1
            && self.decided <= slot.windows
            && self.proven.checked_shr(self.decided).unwrap_or(0) == 0
            && self.earned <= host.deposit
            && self.revision <= MAX_REVISION;
        if !is_plain {
            return Err(Error::BadStatement);
        }
        if env.ledger().timestamp() < terms.question_s(self.decided - 1) {
            return Err(Error::TooEarly);
        }
        let is_forward = self.decided >= slot.decided
            && self.proven & slot.proven == slot.proven
            && self.earned >= slot.earned
            && self.revision >= slot.revision;
        if !is_forward {
            return Err(Error::GoesBack);
        }
        let message = signed_message(env, RECEIPT_LABEL, place, &self.body(env));
        env.crypto().ed25519_verify(&terms.receipt_key(self.key)?, &message, &self.signature);
        slot.decided = self.decided;
        slot.proven = self.proven;
        slot.earned = self.earned;
        slot.revision = self.revision;
        Ok(())
    }
}

impl Revision {
    fn body(&self, env: &Env) -> Bytes {
        let mut body = Bytes::from_slice(env, &self.number.to_be_bytes());
        body.extend_from_slice(&self.first_window.to_be_bytes()[3..]);
        body.append(self.data_root.as_ref());
        body.extend_from_slice(&self.leaves.to_be_bytes());
        body
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
        let message = signed_message(env, REVISION_LABEL, place, &self.body(env));
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
        let division = Division::of(slot.held(host), self.to_host)?;
        let body = Bytes::from_slice(env, &self.to_host.to_be_bytes());
        let message = signed_message(env, CLOSING_LABEL, place, &body);
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

/// The data that `window` asks for: that of the revision shown, or of the terms where the slot has seen none.
pub(crate) fn data_of(
    env: &Env,
    (terms, host): (&EscrowTerms, &HostTerms),
    place: &Place,
    slot: &mut Slot,
    (window, revision): (u32, Option<&Revision>),
) -> Result<Data, Error> {
    let number = revision.map_or(0, |revision| revision.number);
    if number < slot.revision {
        return Err(Error::GoesBack);
    }
    slot.revision = number;
    match revision {
        Some(revision) => revision.data(env, (terms, host), place, window),
        None => Ok(Data { root: host.data_root.clone(), leaves: host.leaves }),
    }
}

/// The bytes that are signed. See the module's head.
fn signed_message(env: &Env, label: &[u8], place: &Place, body: &Bytes) -> Bytes {
    let mut message = Bytes::from_slice(env, label);
    message.push_back(0);
    message.append(env.ledger().network_id().as_ref());
    message.append(&env.current_contract_address().to_xdr(env));
    message.append(place.id.as_ref());
    message.push_back(place.host);
    message.append(body);
    message
}
