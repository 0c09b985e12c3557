//! Messages of storage agreements: what is agreed on and revised, a window's question, receipts, the end.
//!
//! * `Agree`: → [`super::Request::Agree`]; ← `Accepted` or a refusal; → its shards, [`LISTED_SHARD_BYTES`] raw bytes each, by root; ←
//!   `Consent`, `Lacking` or a refusal.
//! * `Opened`: one frame each way.
//! * `Window`: → [`super::Request::Window`]; ← `Answering` or a refusal; ← one [`super::LeafAnswer`] a leaf, in the question's order, with paths
//!   to the data root; → a [`WireReceipt`]; ← `Taken` or a refusal. An owner that is not satisfied ends the stream instead.
//! * `Close`: one frame each way.
//! * `Revise`: → [`super::Request::Revise`]; ← `Accepted`, `Revised` where the host has signed just that before, or a refusal; → its shards as
//!   for `Agree`, which may be none; ← `Revised`, `Lacking` or a refusal.

use layr_agreement::{
    Calendar, MAX_LEAVES, MAX_RECEIPT_KEYS, MAX_REVISION, MAX_WINDOWS, ReceiptBody, RevisionBody,
};
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

/// What an owner signs of a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct WireRevision {
    #[n(0)]
    number: u32,
    #[n(1)]
    first_window: u32,
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    data_root: [u8; 32],
    #[n(3)]
    leaves: u64,
    /// Which of the escrow's receipt keys signed.
    #[n(4)]
    pub key: u32,
    /// The owner's signature.
    #[n(5)]
    #[cbor(with = "minicbor::bytes")]
    pub signature: [u8; 64],
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

impl WireRevision {
    /// As it goes over the wire.
    pub fn of(body: &RevisionBody, key: u32, signature: [u8; 64]) -> Self {
        let RevisionBody { number, first_window, data_root, leaves } = *body;
        Self { number, first_window, data_root, leaves, key, signature }
    }

    /// What is signed, if it can be a revision; whether the signature is right is still to be seen.
    pub fn body(&self) -> Option<RevisionBody> {
        let Self { number, first_window, data_root, leaves, .. } = *self;
        let is_plain =
            (1..=MAX_REVISION).contains(&number) && first_window < MAX_WINDOWS && leaves <= MAX_LEAVES;
        is_plain.then_some(RevisionBody { number, first_window, data_root, leaves })
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

#[cfg(test)]
mod tests {
    use layr_agreement::{Calendar, ReceiptBody, RevisionBody};
    use layr_codec::ShardRoot;
    use layr_ledger::Account;
    use layr_ledger::agreement::{EscrowTerms, HostTerms, Receipt};

    use super::{WireKey, WireReceipt, WireRevision, WireSeat, WireTerms, listed_shard, read_listed_shards};
    use crate::wire::{Request, Response, WireRoot, decode_body, encode_frame};

    fn terms() -> EscrowTerms {
        EscrowTerms {
            owner: Account::from_bytes([0x11; 32]),
            receipt_keys: vec![[0x22; 32]],
            calendar: Calendar { first_window: 3142, windows: 13, window_s: 604_800, response_s: 172_800 },
            samples: 8,
            missed_allowed: 1,
            nonce: [0x33; 16],
        }
    }

    fn seat() -> HostTerms {
        HostTerms {
            account: Account::from_bytes([0x44; 32]),
            receipt_key: [0x55; 32],
            price_stroops_per_gib: 7_000_000,
            deposit_stroops: 1_000_000,
            collateral_stroops: 300_000,
            proof_refund_stroops: 200_000,
            data_root: [0x66; 32],
            leaves: 4096,
        }
    }

    fn revision() -> RevisionBody {
        RevisionBody { number: 1, first_window: 3, data_root: [0x66; 32], leaves: 8192 }
    }

    fn key(byte: &str) -> String {
        format!("5820{}", byte.repeat(32))
    }

    /// `docs/formats.md` shows these; a second implementation must make and take the same bytes.
    #[test]
    fn the_encoding_is_the_one_that_is_written_down() {
        let certificate = vec![0xC0];
        let escrow = WireKey([0x77; 32]);
        let hex_terms = format!(
            "89 {} 81 {} 190c46 0d 1a00093a80 1a0002a300 08 01 50{}",
            key("11"),
            key("22"),
            "33".repeat(16)
        );
        let hex_seat = format!(
            "88 {} {} 1a006acfc0 1a000f4240 1a000493e0 1a00030d40 {} 191000",
            key("44"),
            key("55"),
            key("66")
        );
        let (terms, seat) = (WireTerms::of(&terms()), WireSeat::of(&seat()));
        let requests = [
            (
                Request::Agree { certificate: certificate.clone(), terms, seat, shards: 2 },
                format!("820a 84 41c0 {hex_terms} {hex_seat} 02"),
            ),
            (
                Request::Opened { certificate: certificate.clone(), escrow, path: vec![0], hosts: 1 },
                format!("820b 84 41c0 {} 4100 01", key("77")),
            ),
            (
                Request::Window {
                    certificate: certificate.clone(),
                    escrow,
                    host: 0,
                    window: 3,
                    randomness: WireKey([0x88; 32]),
                },
                format!("820c 85 41c0 {} 00 03 {}", key("77"), key("88")),
            ),
            (
                Request::Close {
                    certificate,
                    escrow,
                    host: 0,
                    to_host_stroops: 1_000_000,
                    until_unix_s: 1_900_000_000,
                },
                format!("820d 85 41c0 {} 00 1a000f4240 1a713fb300", key("77")),
            ),
        ];
        for (message, expected) in requests {
            let frame = encode_frame(&message).unwrap();
            assert_eq!(hex::encode(&frame[4..]), expected.replace(' ', ""), "{message:?}");
            assert_eq!(decode_body::<Request>(&frame[4..]).unwrap(), message);
        }
        let responses = [
            (Response::Consent { consent: vec![1], until_ledger: 720 }, "820c 82 4101 1902d0".to_owned()),
            (Response::Lacking { roots: vec![WireRoot([0x11; 32])] }, format!("820d 81 81 {}", key("11"))),
            (Response::Answering, "820e80".to_owned()),
            (Response::Taken, "820f80".to_owned()),
            (Response::Closed { signature: [0x99; 64] }, format!("8210 81 5840{}", "99".repeat(64))),
            (Response::Revised { signature: [0x99; 64] }, format!("8211 81 5840{}", "99".repeat(64))),
        ];
        for (message, expected) in responses {
            let frame = encode_frame(&message).unwrap();
            assert_eq!(hex::encode(&frame[4..]), expected.replace(' ', ""), "{message:?}");
            assert_eq!(decode_body::<Response>(&frame[4..]).unwrap(), message);
        }
    }

    /// As above.
    #[test]
    fn statements_are_encoded_as_is_written_down() {
        let request = Request::Revise {
            certificate: vec![0xC0],
            escrow: WireKey([0x77; 32]),
            host: 0,
            revision: WireRevision::of(&revision(), 0, [0xBB; 64]),
            shards: 2,
        };
        let expected = format!(
            "820e 85 41c0 {} 00 86 01 03 {} 192000 00 5840{} 02",
            key("77"),
            key("66"),
            "bb".repeat(64)
        );
        let frame = encode_frame(&request).unwrap();
        assert_eq!(hex::encode(&frame[4..]), expected.replace(' ', ""));
        assert_eq!(decode_body::<Request>(&frame[4..]).unwrap(), request);
        let body = ReceiptBody { decided: 3, proven: 0b101, earned: 1_000_000, revision: 0 };
        let receipt = Receipt { body, key: 0, signature: [0xAA; 64] };
        let frame = encode_frame(&WireReceipt::of(&receipt)).unwrap();
        assert_eq!(hex::encode(&frame[4..]), format!("8603051a000f424000005840{}", "aa".repeat(64)));
        assert_eq!(decode_body::<WireReceipt>(&frame[4..]).unwrap().receipt(), receipt);
    }

    #[test]
    fn what_no_contract_takes_is_none() {
        assert_eq!(WireTerms::of(&terms()).terms(), Some(terms()));
        assert_eq!(WireSeat::of(&seat()).terms(), Some(seat()));
        let many_keys = EscrowTerms { receipt_keys: vec![[1; 32]; 3], ..terms() };
        assert_eq!(WireTerms::of(&many_keys).terms(), None);
        let no_samples = EscrowTerms { samples: 0, ..terms() };
        assert_eq!(WireTerms::of(&no_samples).terms(), None);
        let dear = HostTerms { price_stroops_per_gib: u64::MAX, ..seat() };
        assert_eq!(WireSeat::of(&dear).terms(), None);
        let body = |body: RevisionBody| WireRevision::of(&body, 0, [0; 64]).body();
        assert_eq!(body(revision()), Some(revision()));
        assert_eq!(body(RevisionBody { number: 0, ..revision() }), None, "that is what the terms say");
        assert_eq!(body(RevisionBody { number: 1 << 24, ..revision() }), None);
        assert_eq!(body(RevisionBody { first_window: 32, ..revision() }), None);
        assert_eq!(body(RevisionBody { leaves: u64::MAX, ..revision() }), None);
    }

    #[test]
    fn a_list_ascends_and_has_leaves_only() {
        let root = |number: u8| ShardRoot::from_bytes([number; 32]);
        let list = |shards: &[(u8, u32)]| {
            let listed = shards.iter().flat_map(|(number, leaves)| listed_shard(&root(*number), *leaves));
            read_listed_shards(&listed.collect::<Vec<u8>>())
        };
        assert_eq!(hex::encode(listed_shard(&root(0x11), 1024)), format!("{}00000400", "11".repeat(32)));
        assert_eq!(list(&[(1, 4), (2, 4096)]), Some(vec![(root(1), 4), (root(2), 4096)]));
        assert_eq!(list(&[(2, 4), (1, 4)]), None);
        assert_eq!(list(&[(1, 4), (1, 4)]), None, "twice");
        assert_eq!(list(&[(1, 0)]), None, "nothing of it");
        assert_eq!(read_listed_shards(&[1; 35]), None);
    }
}
