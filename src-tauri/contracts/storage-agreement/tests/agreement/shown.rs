//! What the calls are given, in names, and the bytes that the contract takes of each.

use layr_agreement::{Calendar, EscrowTermsBody, HostTermsBody};
use soroban_sdk::xdr::ToXdr;
use soroban_sdk::{Address, Bytes, BytesN, Env, IntoVal, Val, Vec, vec};

use crate::world::{bytes_of, sha256};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EscrowTerms {
    pub(crate) owner: Address,
    pub(crate) receipt_keys: std::vec::Vec<[u8; 32]>,
    pub(crate) first_window: u32,
    pub(crate) windows: u32,
    pub(crate) window_s: u32,
    pub(crate) response_s: u32,
    pub(crate) samples: u32,
    pub(crate) missed_allowed: u32,
    pub(crate) nonce: [u8; 16],
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostTerms {
    pub(crate) account: Address,
    pub(crate) receipt_key: [u8; 32],
    pub(crate) price: u64,
    pub(crate) deposit: u64,
    pub(crate) collateral: u64,
    pub(crate) proof_refund: u64,
    pub(crate) data_root: [u8; 32],
    pub(crate) leaves: u64,
}

/// A host's terms, and the steps of their path to the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seat {
    pub(crate) terms: HostTerms,
    pub(crate) path: std::vec::Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) terms: HostTerms,
    pub(crate) joins: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) window: u32,
    pub(crate) to_owner: bool,
    pub(crate) leaves: Vec<Bytes>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Receipt {
    pub(crate) decided: u32,
    pub(crate) proven: u32,
    pub(crate) earned: u64,
    pub(crate) revision: u32,
    pub(crate) key: u8,
    pub(crate) signature: [u8; 64],
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Revision {
    pub(crate) number: u32,
    pub(crate) first_window: u32,
    pub(crate) data_root: [u8; 32],
    pub(crate) leaves: u64,
    pub(crate) key: u8,
    pub(crate) owner_signature: [u8; 64],
    pub(crate) host_signature: [u8; 64],
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Closing {
    pub(crate) to_host: u64,
    pub(crate) until_s: u64,
    pub(crate) key: u8,
    pub(crate) owner_signature: [u8; 64],
    pub(crate) host_signature: [u8; 64],
}

/// Hosts that are a subtree of an escrow's, with the path of that subtree, and the closings of all of them or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) hosts: std::vec::Vec<HostTerms>,
    pub(crate) path: std::vec::Vec<u8>,
    pub(crate) closings: std::vec::Vec<Closing>,
}

impl EscrowTerms {
    pub(crate) const fn calendar(&self) -> Calendar {
        let Self { first_window, windows, window_s, response_s, .. } = *self;
        Calendar { first_window, windows, window_s, response_s }
    }

    pub(crate) fn bytes(&self) -> std::vec::Vec<u8> {
        let Self { samples, missed_allowed, nonce, .. } = *self;
        let body = EscrowTermsBody { calendar: self.calendar(), samples, missed_allowed, nonce };
        [&body.encode()[..], &self.receipt_keys.concat()].concat()
    }

    pub(crate) fn digest(&self) -> [u8; 32] {
        sha256(&[xdr_of(&self.owner), self.bytes()].concat())
    }

    /// The id of the escrow over these terms and these hosts, in this order.
    pub(crate) fn id(&self, hosts: &[HostTerms]) -> [u8; 32] {
        let root = layr_proof::root_of(&nodes(hosts)).unwrap().unwrap();
        sha256(&[&self.digest()[..], &root.hash, &root.leaf_count.to_be_bytes()].concat())
    }

    /// What every call begins with.
    pub(crate) fn values(&self, env: &Env) -> Vec<Val> {
        vec![env, self.owner.to_val(), bytes(env, &self.bytes()).to_val()]
    }

    /// What a call about a host's part begins with.
    pub(crate) fn values_with(&self, env: &Env, seat: &Seat) -> Vec<Val> {
        let mut values = self.values(env);
        let shown = [seat.terms.bytes(), seat.path.clone()].concat();
        values.append(&vec![env, seat.terms.account.to_val(), bytes(env, &shown).to_val()]);
        values
    }
}

impl HostTerms {
    pub(crate) fn bytes(&self) -> std::vec::Vec<u8> {
        let Self { receipt_key, data_root, leaves, price, deposit, collateral, proof_refund, .. } = *self;
        let body = HostTermsBody { receipt_key, data_root, leaves, price, deposit, collateral, proof_refund };
        body.encode().to_vec()
    }

    pub(crate) fn digest(&self) -> [u8; 32] {
        layr_proof::leaf_digest(&[xdr_of(&self.account), self.bytes()].concat())
    }
}

impl Offer {
    /// Accounts, terms and who joins.
    pub(crate) fn values(env: &Env, offers: &[Self]) -> Vec<Val> {
        let joins = offers.iter().enumerate().fold(0_u64, |bits, (number, offer)| {
            bits | u64::from(offer.joins).checked_shl(number as u32).unwrap_or(0)
        });
        let hosts: std::vec::Vec<_> = offers.iter().map(|offer| offer.terms.clone()).collect();
        let (accounts, terms) = listed(env, &hosts);
        vec![env, accounts, bytes(env, &terms).to_val(), joins.into_val(env)]
    }
}

impl Receipt {
    pub(crate) fn body(&self) -> std::vec::Vec<u8> {
        let mut body = std::vec![u8::try_from(self.decided).unwrap_or(u8::MAX)];
        body.extend(self.proven.to_be_bytes());
        body.extend(self.earned.to_be_bytes());
        body.extend(self.revision.to_be_bytes());
        body
    }

    pub(crate) fn value(&self, env: &Env) -> Val {
        bytes(env, &[&self.body()[..], &[self.key], &self.signature].concat()).to_val()
    }
}

impl Revision {
    pub(crate) fn body(&self) -> std::vec::Vec<u8> {
        let mut body = self.number.to_be_bytes().to_vec();
        body.push(u8::try_from(self.first_window).unwrap_or(u8::MAX));
        body.extend(self.data_root);
        body.extend(self.leaves.to_be_bytes());
        body
    }

    pub(crate) fn value(&self, env: &Env) -> Val {
        let signatures = [self.owner_signature, self.host_signature].concat();
        bytes(env, &[&self.body()[..], &[self.key], &signatures].concat()).to_val()
    }
}

impl Closing {
    pub(crate) fn body(&self) -> std::vec::Vec<u8> {
        [self.to_host.to_be_bytes(), self.until_s.to_be_bytes()].concat()
    }

    fn bytes(&self) -> std::vec::Vec<u8> {
        let signatures = [self.owner_signature, self.host_signature].concat();
        [&self.body()[..], &[self.key], &signatures].concat()
    }
}

impl Group {
    /// One host, and its closing if there is one.
    pub(crate) fn of_one(seat: &Seat, closing: Option<Closing>) -> Self {
        let closings = closing.into_iter().collect();
        Self { hosts: std::vec![seat.terms.clone()], path: seat.path.clone(), closings }
    }

    pub(crate) fn values(env: &Env, groups: &[Self]) -> Val {
        let mut values = Vec::<Val>::new(env);
        for group in groups {
            let (accounts, terms) = listed(env, &group.hosts);
            let closings: std::vec::Vec<_> = group.closings.iter().flat_map(Closing::bytes).collect();
            let seat = bytes(env, &[terms, group.path.clone()].concat());
            let group = vec![env, accounts, seat.to_val(), bytes(env, &closings).to_val()];
            values.push_back(group.to_val());
        }
        values.to_val()
    }
}

/// The nodes of hosts in the tree over them.
pub(crate) fn nodes(hosts: &[HostTerms]) -> std::vec::Vec<layr_proof::Node> {
    hosts.iter().map(|host| layr_proof::Node::leaf(host.digest())).collect()
}

/// The steps of a path, without their number.
pub(crate) fn steps(path: &layr_proof::Path) -> std::vec::Vec<u8> {
    path.encode().split_off(1)
}

/// What was shown, or nothing.
pub(crate) fn or_nothing(env: &Env, value: Option<Val>) -> Val {
    value.unwrap_or_else(|| Bytes::new(env).to_val())
}

pub(crate) fn fixed<const N: usize>(env: &Env, array: &[u8; N]) -> BytesN<N> {
    BytesN::from_array(env, array)
}

fn listed(env: &Env, hosts: &[HostTerms]) -> (Val, std::vec::Vec<u8>) {
    let mut accounts = Vec::new(env);
    for host in hosts {
        accounts.push_back(host.account.clone());
    }
    (accounts.to_val(), hosts.iter().flat_map(HostTerms::bytes).collect())
}

fn xdr_of(account: &Address) -> std::vec::Vec<u8> {
    bytes_of(&account.clone().to_xdr(account.env()))
}

pub(crate) fn bytes(env: &Env, bytes: &[u8]) -> Bytes {
    Bytes::from_slice(env, bytes)
}
