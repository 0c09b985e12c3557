//! What owner and host agree on.

use std::fmt;

use layr_agreement::{
    Calendar, EscrowTermsBody, HOST_TERMS_BYTES, HostTermsBody, MAX_AMOUNT_STROOPS, MAX_HOSTS, MAX_LEAVES,
    MAX_PARTS_SETTLED, MAX_PRICE_STROOPS, MAX_RECEIPT_KEYS, MAX_SAMPLES, Stake,
};
use layr_proof::{Node, Path, Step, leaf_digest, root_of, subtree_path};
use sha2::{Digest, Sha256};
use stellar_xdr as xdr;

use crate::address::Account;
use crate::agreement::value::{account, bytes, encoded};
use crate::error::LedgerError;

/// Names an escrow: digest of its terms and of all its hosts'.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EscrowId(pub [u8; 32]);

impl fmt::Display for EscrowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for EscrowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EscrowId({self})")
    }
}

/// What is the same for all hosts of an escrow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EscrowTerms {
    /// Account that pays, and that what is left goes back to.
    pub owner: Account,
    /// Ed25519 keys that sign for the owner off chain: its own, and a delegate's if there is one.
    pub receipt_keys: Vec<[u8; 32]>,
    /// The windows.
    pub calendar: Calendar,
    /// Leaves that an answer shows.
    pub samples: u32,
    /// Windows that a host may miss without losing collateral.
    pub missed_allowed: u32,
    /// Makes the escrow unique. Never used twice.
    pub nonce: [u8; 16],
}

/// What one host agreed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostTerms {
    /// Account that the collateral comes from and that is paid.
    pub account: Account,
    /// Ed25519 key that signs for the host off chain.
    pub receipt_key: [u8; 32],
    /// Stroops for a GiB (2^20 leaves) and window.
    pub price_stroops_per_gib: u64,
    /// The owner's stroops for this host: the most that it can earn.
    pub deposit_stroops: u64,
    /// The host's own stroops at stake.
    pub collateral_stroops: u64,
    /// Stroops that the host gets for each window that it had to prove on chain.
    pub proof_refund_stroops: u64,
    /// Root over the leaves of all shards, in revision 0.
    pub data_root: [u8; 32],
    /// Number of these leaves.
    pub leaves: u64,
}

/// A host's terms with the proof of their place in the escrow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// The host's terms.
    pub terms: HostTerms,
    /// Path of their digest to the root over all hosts' terms.
    pub path: Path,
}

/// Why terms are none that the contract takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TermsError {
    /// A number is out of its bounds.
    #[error("the {what} of the agreement is out of its bounds")]
    OutOfBounds {
        /// Which.
        what: &'static str,
    },
    /// More parts than are settled at once.
    #[error("{parts} parts are settled in transactions of at most {MAX_PARTS_SETTLED}")]
    PartCount {
        /// How many.
        parts: usize,
    },
    /// There are no hosts, or more than an escrow takes.
    #[error("an agreement has 1 to {MAX_HOSTS} hosts, not {hosts}")]
    HostCount {
        /// How many.
        hosts: usize,
    },
}

impl EscrowTerms {
    /// # Errors
    /// What the contract would refuse.
    pub fn check(&self) -> Result<(), TermsError> {
        let keys = u32::try_from(self.receipt_keys.len()).unwrap_or(u32::MAX);
        within((1..=MAX_RECEIPT_KEYS).contains(&keys), "number of receipt keys")?;
        within(self.calendar.is_sound(), "calendar")?;
        within((1..=MAX_SAMPLES).contains(&self.samples), "number of samples")?;
        within(self.missed_allowed <= self.calendar.windows, "number of windows that may be missed")
    }

    /// What is at stake between owner and this host.
    pub fn stake(&self, host: &HostTerms) -> Stake {
        Stake {
            deposit: host.deposit_stroops,
            collateral: host.collateral_stroops,
            missed_allowed: self.missed_allowed,
        }
    }

    /// What a host signs that joins: the escrow without the other hosts, which the owner may still change.
    ///
    /// # Errors
    /// None in practice: an account always fits.
    pub fn digest(&self) -> Result<[u8; 32], LedgerError> {
        Ok(Sha256::digest(addressed(self.owner, &self.to_bytes())?).into())
    }

    /// The id of the escrow with these hosts, in this order.
    ///
    /// # Errors
    /// No hosts, or too many.
    pub fn id(&self, hosts: &[HostTerms]) -> Result<EscrowId, LedgerError> {
        let root =
            root_of(&nodes(hosts)?).ok().flatten().ok_or(TermsError::HostCount { hosts: hosts.len() })?;
        self.id_over(&root)
    }

    /// The id of the escrow of `hosts` hosts in which a host has this seat, and the host's number. Whether there is such an escrow, the
    /// ledger says.
    ///
    /// # Errors
    /// A path that leads to another number of hosts.
    pub fn id_of_seat(&self, seat: &Seat, hosts: u8) -> Result<(EscrowId, u8), LedgerError> {
        let count = TermsError::HostCount { hosts: hosts.into() };
        let proven = seat.path.root(Node::leaf(seat.terms.digest()?)).map_err(|_| count.clone())?;
        let host = u8::try_from(proven.first_leaf).map_err(|_| count.clone())?;
        if proven.root.leaf_count != u64::from(hosts) || usize::from(hosts) > MAX_HOSTS as usize {
            return Err(count.into());
        }
        Ok((self.id_over(&proven.root)?, host))
    }

    /// The id of the escrow over whose hosts' terms this is the root.
    fn id_over(&self, root: &Node) -> Result<EscrowId, LedgerError> {
        let digest = Sha256::new()
            .chain_update(self.digest()?)
            .chain_update(root.hash)
            .chain_update(root.leaf_count.to_be_bytes());
        Ok(EscrowId(digest.finalize().into()))
    }

    fn to_bytes(&self) -> Vec<u8> {
        let Self { calendar, samples, missed_allowed, nonce, .. } = *self;
        let body = EscrowTermsBody { calendar, samples, missed_allowed, nonce };
        [&body.encode()[..], &self.receipt_keys.concat()].concat()
    }

    /// What a call about the escrow begins with.
    pub(crate) fn to_values(&self) -> Result<Vec<xdr::ScVal>, LedgerError> {
        Ok(vec![account(self.owner), bytes(&self.to_bytes())?])
    }
}

impl HostTerms {
    /// # Errors
    /// What the contract would refuse.
    pub fn check(&self) -> Result<(), TermsError> {
        within(self.price_stroops_per_gib <= MAX_PRICE_STROOPS, "price")?;
        within((1..=MAX_AMOUNT_STROOPS).contains(&self.deposit_stroops), "deposit")?;
        within(self.collateral_stroops <= MAX_AMOUNT_STROOPS - self.deposit_stroops, "collateral")?;
        within(self.proof_refund_stroops <= self.deposit_stroops, "refund of a proof")?;
        within(self.leaves <= MAX_LEAVES, "number of leaves")
    }

    /// What a host signs of itself: the leaf in the tree over all hosts.
    ///
    /// # Errors
    /// None in practice: its terms always fit.
    pub fn digest(&self) -> Result<[u8; 32], LedgerError> {
        Ok(leaf_digest(&addressed(self.account, &self.to_bytes())?))
    }

    /// All but the account.
    pub(crate) fn to_bytes(&self) -> [u8; HOST_TERMS_BYTES] {
        let body = HostTermsBody {
            receipt_key: self.receipt_key,
            data_root: self.data_root,
            leaves: self.leaves,
            price: self.price_stroops_per_gib,
            deposit: self.deposit_stroops,
            collateral: self.collateral_stroops,
            proof_refund: self.proof_refund_stroops,
        };
        body.encode()
    }
}

impl Seat {
    /// The seat of host number `host` among these.
    ///
    /// # Errors
    /// No such host.
    pub fn of(hosts: &[HostTerms], host: u8) -> Result<Self, LedgerError> {
        let index = usize::from(host);
        let none = TermsError::HostCount { hosts: hosts.len() };
        let terms = hosts.get(index).ok_or_else(|| none.clone())?.clone();
        let (_, path) = subtree_path(&nodes(hosts)?, index, 1).map_err(|_| none)?;
        Ok(Self { terms, path })
    }

    /// Account, and the rest of the terms with the path behind it.
    pub(crate) fn to_values(&self) -> Result<Vec<xdr::ScVal>, LedgerError> {
        let shown = [&self.terms.to_bytes()[..], &encoded_steps(self.path.steps())?].concat();
        Ok(vec![account(self.terms.account), bytes(&shown)?])
    }
}

/// Steps of a path without their number, which its length tells.
pub(crate) fn encoded_steps(steps: &[Step]) -> Result<Vec<u8>, LedgerError> {
    let path = Path::new(steps.to_vec()).map_err(|_| TermsError::OutOfBounds { what: "path" })?;
    Ok(path.encode().split_off(1))
}

/// An account as it is in XDR, and what follows it.
fn addressed(of: Account, rest: &[u8]) -> Result<Vec<u8>, LedgerError> {
    Ok([&encoded(&account(of))?[..], rest].concat())
}

fn nodes(hosts: &[HostTerms]) -> Result<Vec<Node>, LedgerError> {
    hosts.iter().map(|host| Ok(Node::leaf(host.digest()?))).collect()
}

fn within(is_within: bool, what: &'static str) -> Result<(), TermsError> {
    if is_within { Ok(()) } else { Err(TermsError::OutOfBounds { what }) }
}
