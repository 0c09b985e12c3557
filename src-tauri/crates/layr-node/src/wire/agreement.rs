//! Messages of storage agreements: what is agreed on, a window's question, receipts, the end.
//!
//! * `Agree`: → [`super::Request::Agree`]; ← `Accepted` or a refusal; → its shards, [`LISTED_SHARD_BYTES`] raw bytes each, by root; ←
//!   `Consent`, `Lacking` or a refusal.
//! * `Opened`: one frame each way.
//! * `Window`: → [`super::Request::Window`]; ← `Answering` or a refusal; ← one [`super::LeafAnswer`] a leaf, in the question's order, with paths
//!   to the data root; → a [`WireReceipt`]; ← `Taken` or a refusal. An owner that is not satisfied ends the stream instead.
//! * `Close`: one frame each way.

use layr_agreement::{Calendar, MAX_RECEIPT_KEYS, ReceiptBody};
use layr_codec::ShardRoot;
use layr_ledger::Account;
use layr_ledger::agreement::{EscrowTerms, HostTerms, Receipt};
use minicbor::{Decode, Encode};

/// Most shards of an agreement: a TiB in shards of 4 MiB. Their list has 9 MiB.
pub const MAX_AGREED_SHARDS: u32 = 1 << 18;
/// Bytes of a shard in the list: its root, and its leaves as u32 big-endian.
pub const LISTED_SHARD_BYTES: usize = 36;

/// A list element: 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct WireKey(
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub [u8; 32],
);

/// [`EscrowTerms`].
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct WireTerms {
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    owner: [u8; 32],
    #[n(1)]
    receipt_keys: Vec<WireKey>,
    #[n(2)]
    first_window: u32,
    #[n(3)]
    windows: u32,
    #[n(4)]
    window_s: u32,
    #[n(5)]
    response_s: u32,
    #[n(6)]
    samples: u32,
    #[n(7)]
    missed_allowed: u32,
    #[n(8)]
    #[cbor(with = "minicbor::bytes")]
    nonce: [u8; 16],
}

/// [`HostTerms`].
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct WireSeat {
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    account: [u8; 32],
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    receipt_key: [u8; 32],
    #[n(2)]
    price: u64,
    #[n(3)]
    deposit: u64,
    #[n(4)]
    collateral: u64,
    #[n(5)]
    proof_refund: u64,
    #[n(6)]
    #[cbor(with = "minicbor::bytes")]
    data_root: [u8; 32],
    #[n(7)]
    leaves: u64,
}

/// [`Receipt`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct WireReceipt {
    #[n(0)]
    decided: u32,
    #[n(1)]
    proven: u32,
    #[n(2)]
    earned: u64,
    #[n(3)]
    revision: u32,
    #[n(4)]
    key: u32,
    #[n(5)]
    #[cbor(with = "minicbor::bytes")]
    signature: [u8; 64],
}

impl WireTerms {
    /// As they go over the wire.
    pub fn of(terms: &EscrowTerms) -> Self {
        let Calendar { first_window, windows, window_s, response_s } = terms.calendar;
        Self {
            owner: *terms.owner.as_bytes(),
            receipt_keys: terms.receipt_keys.iter().copied().map(WireKey).collect(),
            first_window,
            windows,
            window_s,
            response_s,
            samples: terms.samples,
            missed_allowed: terms.missed_allowed,
            nonce: terms.nonce,
        }
    }

    /// The terms, if the contract takes such.
    pub fn terms(&self) -> Option<EscrowTerms> {
        // Before anything is copied.
        if self.receipt_keys.len() > MAX_RECEIPT_KEYS as usize {
            return None;
        }
        let terms = EscrowTerms {
            owner: Account::from_bytes(self.owner),
            receipt_keys: self.receipt_keys.iter().map(|key| key.0).collect(),
            calendar: Calendar {
                first_window: self.first_window,
                windows: self.windows,
                window_s: self.window_s,
                response_s: self.response_s,
            },
            samples: self.samples,
            missed_allowed: self.missed_allowed,
            nonce: self.nonce,
        };
        terms.check().is_ok().then_some(terms)
    }
}

impl WireSeat {
    /// As they go over the wire.
    pub fn of(terms: &HostTerms) -> Self {
        Self {
            account: *terms.account.as_bytes(),
            receipt_key: terms.receipt_key,
            price: terms.price_stroops_per_gib,
            deposit: terms.deposit_stroops,
            collateral: terms.collateral_stroops,
            proof_refund: terms.proof_refund_stroops,
            data_root: terms.data_root,
            leaves: terms.leaves,
        }
    }

    /// The terms, if the contract takes such.
    pub fn terms(&self) -> Option<HostTerms> {
        let terms = HostTerms {
            account: Account::from_bytes(self.account),
            receipt_key: self.receipt_key,
            price_stroops_per_gib: self.price,
            deposit_stroops: self.deposit,
            collateral_stroops: self.collateral,
            proof_refund_stroops: self.proof_refund,
            data_root: self.data_root,
            leaves: self.leaves,
        };
        terms.check().is_ok().then_some(terms)
    }
}

impl WireReceipt {
    /// As it goes over the wire.
    pub fn of(receipt: &Receipt) -> Self {
        let ReceiptBody { decided, proven, earned, revision } = receipt.body;
        Self { decided, proven, earned, revision, key: receipt.key, signature: receipt.signature }
    }

    /// The receipt; whether its signature is right is still to be seen.
    pub fn receipt(&self) -> Receipt {
        Receipt {
            body: ReceiptBody {
                decided: self.decided,
                proven: self.proven,
                earned: self.earned,
                revision: self.revision,
            },
            key: self.key,
            signature: self.signature,
        }
    }
}

/// A shard as a list has it.
pub fn listed_shard(root: &ShardRoot, leaves: u32) -> [u8; LISTED_SHARD_BYTES] {
    let mut bytes = [0; LISTED_SHARD_BYTES];
    let (start, end) = bytes.split_at_mut(32);
    start.copy_from_slice(root.as_bytes());
    end.copy_from_slice(&leaves.to_be_bytes());
    bytes
}

/// Reads a list: roots ascend, so that none comes twice, and each has leaves.
pub fn read_listed_shards(bytes: &[u8]) -> Option<Vec<(ShardRoot, u32)>> {
    let (listed, rest) = bytes.as_chunks::<LISTED_SHARD_BYTES>();
    let shard = |[root @ .., a, b, c, d]: &[u8; LISTED_SHARD_BYTES]| {
        (ShardRoot::from_bytes(*root), u32::from_be_bytes([*a, *b, *c, *d]))
    };
    let shards: Vec<(ShardRoot, u32)> = listed.iter().map(shard).collect();
    let is_sound = rest.is_empty()
        && shards.iter().all(|(_, leaves)| *leaves > 0)
        && shards.is_sorted_by(|(a, _), (b, _)| a.as_bytes() < b.as_bytes());
    is_sound.then_some(shards)
}
