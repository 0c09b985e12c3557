//! What owner and host agree on. All of it is passed with every call; the contract keeps only its digest. The bytes are those of
//! `layr_agreement`'s `EscrowTermsBody` and `HostTermsBody`.

use layr_agreement::{
    Calendar, ESCROW_TERMS_BYTES, HOST_TERMS_BYTES, MAX_AMOUNT_STROOPS, MAX_LEAVES, MAX_PRICE_STROOPS,
    MAX_RECEIPT_KEYS, MAX_SAMPLES, Stake,
};
use soroban_sdk::{Address, Bytes, Vec, xdr::ToXdr};

use crate::bytes::{length, number, short};
use crate::error::{Error, must};
use crate::tree::{Node, digest};

const KEYS_AT: u32 = length(ESCROW_TERMS_BYTES);
const KEY_BYTES: u32 = 32;
const HOST_BYTES: u32 = length(HOST_TERMS_BYTES);

/// What is the same for all hosts of an escrow.
pub(crate) struct Terms {
    /// Account that pays, and that what is left goes back to.
    pub(crate) owner: Address,
    bytes: Bytes,
    pub(crate) calendar: Calendar,
    /// Leaves that an answer shows.
    pub(crate) samples: u32,
    missed_allowed: u32,
}

/// What one host agreed to.
pub(crate) struct Host {
    /// Account that the collateral comes from and that is paid.
    pub(crate) account: Address,
    bytes: Bytes,
    pub(crate) price: u64,
    pub(crate) deposit: u64,
    pub(crate) collateral: u64,
    pub(crate) proof_refund: u64,
}

/// Hosts that are a subtree of the tree over an escrow's hosts: their accounts, and one after the other the rest of their terms, then the
/// path to the root.
pub(crate) struct Hosts {
    pub(crate) accounts: Vec<Address>,
    pub(crate) bytes: Bytes,
}

impl Terms {
    #[inline(never)]
    pub(crate) fn read(owner: Address, bytes: Bytes) -> Self {
        let field = |index: u32| short(&bytes, 4 * index, 4);
        let calendar =
            Calendar { first_window: field(0), windows: field(1), window_s: field(2), response_s: field(3) };
        let (samples, missed_allowed) = (field(4), field(5));
        Self { owner, bytes, calendar, samples, missed_allowed }
    }

    pub(crate) fn check(&self) {
        let keys = self.bytes.len() - KEYS_AT;
        let is_sound = keys.is_multiple_of(KEY_BYTES)
            && (1..=MAX_RECEIPT_KEYS).contains(&(keys / KEY_BYTES))
            && self.calendar.is_sound()
            && (1..=MAX_SAMPLES).contains(&self.samples)
            && self.missed_allowed <= self.calendar.windows;
        must(self.bytes.env(), is_sound, Error::BadTerms);
    }

    /// What is at stake between owner and this host.
    pub(crate) const fn stake(&self, host: &Host) -> Stake {
        Stake { deposit: host.deposit, collateral: host.collateral, missed_allowed: self.missed_allowed }
    }

    /// What a host signs that joins: the escrow without the other hosts, which the owner may still change.
    #[inline(never)]
    pub(crate) fn digest(&self) -> Bytes {
        digest(&addressed(&self.owner, &self.bytes))
    }

    /// SHA-256(digest of the terms ‖ root over the hosts' terms ‖ number of hosts u64).
    #[inline(never)]
    pub(crate) fn id(&self, root: &Node) -> Bytes {
        let mut message = self.digest();
        message.append(&root.bytes);
        digest(&message)
    }

    pub(crate) fn receipt_key(&self, key: u32) -> Bytes {
        let at = KEYS_AT + key * KEY_BYTES;
        must(self.bytes.env(), at < self.bytes.len(), Error::NoSuchKey);
        self.bytes.slice(at..at + KEY_BYTES)
    }
}

impl Host {
    pub(crate) fn check(&self) {
        let is_sound = self.price <= MAX_PRICE_STROOPS
            && (1..=MAX_AMOUNT_STROOPS).contains(&self.deposit)
            && self.collateral <= MAX_AMOUNT_STROOPS - self.deposit
            && self.proof_refund <= self.deposit
            && number(&self.bytes, 64, 8) <= MAX_LEAVES;
        must(self.bytes.env(), is_sound, Error::BadHostTerms);
    }

    pub(crate) fn receipt_key(&self) -> Bytes {
        self.bytes.slice(..KEY_BYTES)
    }

    /// The root over the leaves of all shards, in revision 0.
    pub(crate) fn data(&self) -> Bytes {
        self.bytes.slice(KEY_BYTES..72)
    }

    /// The leaf that stands for these terms in the tree over the hosts.
    #[inline(never)]
    pub(crate) fn node(&self) -> Node {
        Node::leaf(&addressed(&self.account, &self.bytes))
    }

    /// The leaf's hash, which a host signs that joins.
    #[inline(never)]
    pub(crate) fn digest(&self) -> Bytes {
        self.node().hash()
    }
}

impl Hosts {
    #[inline(never)]
    pub(crate) fn host(&self, index: u32) -> Host {
        let bytes = self.bytes.slice(HOST_BYTES * index..HOST_BYTES * (index + 1));
        let field = |index: u32| number(&bytes, 72 + 8 * index, 8);
        let (price, deposit, collateral, proof_refund) = (field(0), field(1), field(2), field(3));
        Host { account: self.accounts.get_unchecked(index), price, deposit, collateral, proof_refund, bytes }
    }

    /// The root over `count` hosts from `first` on.
    pub(crate) fn root(&self, first: u32, count: u32) -> Node {
        if count < 2 {
            return self.host(first).node();
        }
        let left = 1 << (count - 1).ilog2();
        Node::join(&self.root(first, left), &self.root(first + left, count - left))
    }

    /// Id of the escrow that these hosts are of, and the number of the first of them there.
    #[inline(never)]
    pub(crate) fn place(&self, terms: &Terms) -> (Bytes, u64) {
        let count = self.accounts.len();
        let (root, first) = self.root(0, count).climb(&self.bytes, HOST_BYTES * count, self.bytes.len());
        (terms.id(&root), first)
    }

    /// The hosts' terms are all that there is: no path.
    pub(crate) fn are_all(&self) -> bool {
        self.bytes.len() == HOST_BYTES * self.accounts.len()
    }
}

/// The XDR of an account's `ScVal`, and behind it bytes.
#[inline(never)]
fn addressed(account: &Address, bytes: &Bytes) -> Bytes {
    let mut message = account.to_xdr(bytes.env());
    message.append(bytes);
    message
}
