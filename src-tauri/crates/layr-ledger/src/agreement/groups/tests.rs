#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use layr_agreement::HOST_TERMS_BYTES;
use layr_proof::{leaf_digest, subtree_path};

use super::*;
use crate::address::Account;
use crate::agreement::statement::Closing;

fn hosts(count: u8) -> Vec<HostTerms> {
    let host = |number: u8| HostTerms {
        account: Account::from_bytes([number; 32]),
        receipt_key: [number; 32],
        price_stroops_per_gib: 1,
        deposit_stroops: u64::from(number) + 1,
        collateral_stroops: 2,
        proof_refund_stroops: 0,
        data_root: [9; 32],
        leaves: 4,
    };
    (0..count).map(host).collect()
}

fn agreed() -> Ending {
    let (owner_signature, host_signature) = ([1; 64], [2; 64]);
    let closing = Closing { to_host_stroops: 1, until_unix_s: 2, key: 0, owner_signature, host_signature };
    Ending::Agreed(closing)
}

fn items(value: &xdr::ScVal) -> Vec<xdr::ScVal> {
    let xdr::ScVal::Vec(Some(items)) = value else { panic!("{value:?} is no list") };
    items.to_vec()
}

/// Of each group the path of its subtree, and the bytes of its closings.
fn groups(hosts: &[HostTerms], parts: &[(u8, Ending)]) -> Vec<(usize, Vec<u8>, usize)> {
    let part = |(host, ending): &(u8, Ending)| (Seat::of(hosts, *host).unwrap(), ending.clone());
    let parts: Vec<_> = parts.iter().map(part).collect();
    let group = |group: &xdr::ScVal| {
        let [accounts, xdr::ScVal::Bytes(seat), xdr::ScVal::Bytes(closings)] = &items(group)[..] else {
            panic!("{group:?} is no group")
        };
        let count = items(accounts).len();
        (count, seat[count * HOST_TERMS_BYTES..].to_vec(), closings.len())
    };
    items(&groups_of(&parts).unwrap()).iter().map(group).collect()
}

fn path_of(hosts: &[HostTerms], first: usize, count: usize) -> Vec<u8> {
    let nodes: Vec<_> = hosts.iter().map(|host| Node::leaf(host.digest().unwrap())).collect();
    encoded_steps(subtree_path(&nodes, first, count).unwrap().1.steps()).unwrap()
}

#[test]
fn a_whole_escrow_is_one_group_without_a_path_in_whatever_order() {
    let hosts = hosts(30);
    let parts: Vec<_> = (0..30).rev().map(|host| (host, agreed())).collect();
    assert_eq!(groups(&hosts, &parts), [(30, Vec::new(), 30 * 145)]);
}

#[test]
fn some_hosts_are_the_largest_subtrees_of_those_that_end_alike() {
    let hosts = hosts(7);
    let parts = [0, 1, 2, 3, 4, 6].map(|host| (host, agreed()));
    let expected = [(4, 0, 4 * 145), (1, 4, 145), (1, 6, 145)]
        .map(|(count, first, closings)| (count, path_of(&hosts, first, count), closings));
    assert_eq!(groups(&hosts, &parts), expected);
    let mixed = [(4, agreed()), (5, Ending::Overdue)];
    let expected = [(4, 145), (5, 0)].map(|(first, closings)| (1, path_of(&hosts, first, 1), closings));
    assert_eq!(groups(&hosts, &mixed), expected);
}

#[test]
fn seats_of_two_escrows_or_one_host_twice_are_no_groups() {
    let (seven, six) = (hosts(7), hosts(6));
    let seat = |hosts: &[HostTerms], host| (Seat::of(hosts, host).unwrap(), agreed());
    assert!(groups_of(&[seat(&seven, 0), seat(&seven, 1)]).is_ok());
    assert!(groups_of(&[seat(&seven, 0), seat(&six, 1)]).is_err());
    assert!(groups_of(&[seat(&seven, 0), seat(&seven, 0)]).is_err());
    let leaf = Node::leaf(leaf_digest(b"other"));
    let mut odd = seat(&seven, 6);
    odd.0.path = layr_proof::Path::new(vec![Step { side: layr_proof::Side::Left, sibling: leaf }]).unwrap();
    assert!(groups_of(&[odd.clone(), seat(&seven, 0)]).is_err());
}
