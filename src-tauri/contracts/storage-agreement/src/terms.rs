//! What owner and host agree on. All of it is passed with every call; the contract keeps only its digest.

use layr_agreement::{
    Calendar, MAX_AMOUNT_STROOPS, MAX_LEAVES, MAX_PRICE_STROOPS, MAX_RECEIPT_KEYS, MAX_SAMPLES, Stake,
};
use layr_proof::{Node, TreeBuilder};
use soroban_sdk::{Address, Bytes, BytesN, Env, Vec, contracttype, xdr::ToXdr};

use crate::Error;
use crate::hash::HostSha256;

/// What is the same for all hosts of an escrow.
#[contracttype]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EscrowTerms {
    /// Account that pays, and that what is left goes back to.
    pub owner: Address,
    /// Ed25519 keys that sign for the owner off chain: at least one, at most two.
    pub receipt_keys: Vec<BytesN<32>>,
    /// Number of the first window on the calendar: it begins at `first_window` × `window_s` seconds after 1970.
    pub first_window: u32,
    /// Number of windows, 1 to 32, and 120 days in all.
    pub windows: u32,
    /// Length of a window in seconds.
    pub window_s: u32,
    /// The last seconds of a window, in which its question is known and must be answered.
    pub response_s: u32,
    /// Leaves that an answer shows, 1 to 64. Positions may repeat.
    pub samples: u32,
    /// Windows that a host may miss without losing collateral.
    pub missed_allowed: u32,
    /// Makes the escrow unique.
    pub nonce: BytesN<16>,
}

/// What one host agreed to.
#[contracttype]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostTerms {
    /// Account that the collateral comes from and that is paid.
    pub account: Address,
    /// Ed25519 key that signs for the host off chain.
    pub receipt_key: BytesN<32>,
    /// Price in stroops for a GiB (2^20 leaves) and window.
    pub price: u64,
    /// The owner's stroops for this host: the most that it can earn. At least 1.
    pub deposit: u64,
    /// The host's own stroops at stake.
    pub collateral: u64,
    /// Stroops that the host gets out of the deposit for each window that it had to prove on chain: the cost of that.
    pub proof_refund: u64,
    /// Root over the leaves of all shards, in revision 0.
    pub data_root: BytesN<32>,
    /// Number of these leaves.
    pub leaves: u64,
}

/// A host's terms with the proof of their place in the escrow.
#[contracttype]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// The host's terms.
    pub terms: HostTerms,
    /// Path of their digest to the root over all hosts' terms, as `layr-proof` encodes paths.
    pub path: Bytes,
}

/// A host's place in an escrow, proven.
pub(crate) struct Place {
    /// Which escrow.
    pub(crate) id: BytesN<32>,
    /// Which of its hosts.
    pub(crate) host: u8,
}

impl EscrowTerms {
    /// The windows of the term.
    pub const fn calendar(&self) -> Calendar {
        let Self { first_window, windows, window_s, response_s, .. } = *self;
        Calendar { first_window, windows, window_s, response_s }
    }

    /// What is at stake between owner and this host.
    pub(crate) const fn stake(&self, host: &HostTerms) -> Stake {
        Stake { deposit: host.deposit, collateral: host.collateral, missed_allowed: self.missed_allowed }
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let keys = self.receipt_keys.len();
        let is_sound = (1..=MAX_RECEIPT_KEYS).contains(&keys)
            && self.calendar().is_sound()
            && (1..=MAX_SAMPLES).contains(&self.samples)
            && self.missed_allowed <= self.windows;
        if is_sound { Ok(()) } else { Err(Error::BadTerms) }
    }

    /// What a host signs that joins: the escrow without the other hosts, which the owner may still change.
    pub(crate) fn digest(&self, env: &Env) -> BytesN<32> {
        env.crypto().sha256(&self.clone().to_xdr(env)).to_bytes()
    }

    /// SHA-256(digest of the terms ‖ root over the hosts' terms ‖ number of hosts as a byte).
    fn id(&self, env: &Env, hosts: Node) -> Result<BytesN<32>, Error> {
        let count = u8::try_from(hosts.leaf_count).map_err(|_| Error::BadHostCount)?;
        let mut message: Bytes = self.digest(env).into();
        message.extend_from_slice(&hosts.hash);
        message.push_back(count);
        Ok(env.crypto().sha256(&message).to_bytes())
    }

    /// The id of the escrow over these terms and these hosts, in this order.
    pub fn id_with(&self, env: &Env, hosts: impl Iterator<Item = HostTerms>) -> Result<BytesN<32>, Error> {
        let mut tree = TreeBuilder::hashing_with(HostSha256 { env });
        for host in hosts {
            tree.push(host.node(env)?).map_err(|_| Error::BadHostCount)?;
        }
        let root = tree.finish().map_err(|_| Error::BadHostCount)?.ok_or(Error::BadHostCount)?;
        self.id(env, root)
    }

    /// Where this seat is, if its path leads anywhere.
    pub(crate) fn place(&self, env: &Env, seat: &Seat) -> Result<Place, Error> {
        let proven = crate::hash::climb(env, seat.terms.node(env)?, &seat.path).ok_or(Error::NoSuchEscrow)?;
        let host = u8::try_from(proven.first_leaf).map_err(|_| Error::NoSuchEscrow)?;
        Ok(Place { id: self.id(env, proven.root)?, host })
    }
}

impl HostTerms {
    pub(crate) fn check(&self) -> Result<(), Error> {
        let is_sound = self.price <= MAX_PRICE_STROOPS
            && (1..=MAX_AMOUNT_STROOPS).contains(&self.deposit)
            && self.collateral <= MAX_AMOUNT_STROOPS - self.deposit
            && self.proof_refund <= self.deposit
            && self.leaves <= MAX_LEAVES;
        if is_sound { Ok(()) } else { Err(Error::BadHostTerms) }
    }

    /// What a host signs of itself.
    pub(crate) fn digest(&self, env: &Env) -> BytesN<32> {
        env.crypto().sha256(&self.clone().to_xdr(env)).to_bytes()
    }

    /// The leaf that stands for these terms in the tree over the hosts.
    fn node(&self, env: &Env) -> Result<Node, Error> {
        crate::hash::leaf_node(env, &self.clone().to_xdr(env)).ok_or(Error::BadHostTerms)
    }
}
