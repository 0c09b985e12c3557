//! Hosts that are settled together: any subtree of an escrow's hosts, with one path.

use storage_agreement::Error;

use crate::scene::Scene;
use crate::shown::{Group, HostTerms, nodes, steps};
use crate::world::Refusal;

/// Five hosts that all joined.
fn five() -> (Scene, Vec<HostTerms>) {
    let five = Scene::of(&[true; 5], 5, |_| {});
    let hosts = five.seats.iter().map(|seat| seat.terms.clone()).collect();
    (five, hosts)
}

/// Some of the hosts, each of which gets 300 by a closing that both signed.
fn group(scene: &Scene, hosts: &[HostTerms], (first, count): (u8, usize)) -> Group {
    let (_, path) = layr_proof::subtree_path(&nodes(hosts), first.into(), count).unwrap();
    let closings = (first..).take(count).map(|host| scene.world.closing(scene.place(host), 300)).collect();
    Group { hosts: hosts[first.into()..][..count].to_vec(), path: steps(&path), closings }
}

#[test]
fn all_hosts_of_an_escrow_are_settled_without_a_path() {
    let (five, hosts) = five();
    let all = group(&five, &hosts, (0, 5));
    assert!(all.path.is_empty());
    five.settle_groups(&[all]).unwrap();
    assert_eq!(five.gained(0).0, -5 * 100);
    for host in 0..5 {
        assert_eq!(five.gained(host).1, 100);
    }
    assert!(five.world.escrow(&five.id).is_some(), "it could still be opened anew");
    assert_eq!(five.world.balance(&five.world.contract), 0);
}

#[test]
fn any_subtrees_are_settled_together_and_each_part_once() {
    let (five, hosts) = five();
    let of = |subtree| group(&five, &hosts, subtree);
    five.settle_groups(&[of((2, 2)), of((4, 1)), of((0, 1)), of((2, 1))]).unwrap();
    for (host, gained) in [(0, 100), (1, -200), (2, 100), (3, 100), (4, 100)] {
        assert_eq!(five.gained(host).1, gained);
    }
    assert_eq!(five.world.escrow(&five.id).unwrap().held, 1200, "the part of host 1 is whole");
    assert_eq!(five.settle_groups(&[of((4, 1))]), Err(Error::WrongState.into()));
    five.settle_groups(&[of((1, 1))]).unwrap();
    assert_eq!(five.world.balance(&five.world.contract), 0);
}

#[test]
fn hosts_that_are_no_subtree_or_in_another_order_are_of_no_escrow() {
    let (five, hosts) = five();
    let good = group(&five, &hosts, (0, 4));
    let mut swapped = good.clone();
    swapped.hosts.swap(0, 1);
    let mut fewer = group(&five, &hosts, (0, 5));
    fewer.hosts.pop();
    let mut without_path = good.clone();
    without_path.path.clear();
    for wrong in [swapped, fewer, without_path] {
        assert_eq!(five.settle_groups(&[wrong]), Err(Error::NoSuchEscrow.into()));
    }
    let mut more_path = good.clone();
    more_path.path.push(0);
    let mut other_side = good.clone();
    other_side.path[0] = 2;
    let mut no_leaves = good.clone();
    no_leaves.path[33..41].fill(0);
    assert_eq!(five.settle_groups(&[more_path]), Err(Refusal::Host));
    assert_eq!(five.settle_groups(&[other_side]), Err(Error::BadProof.into()));
    assert_eq!(five.settle_groups(&[no_leaves]), Err(Error::BadProof.into()));
    assert_eq!(five.settle_groups(&[]), Err(Error::NoSuchEscrow.into()));
    five.settle_groups(&[good]).unwrap();
}

#[test]
fn groups_are_of_one_escrow() {
    let (five, hosts) = five();
    let other = Group::of_one(&crate::world::World::seats(&hosts[..1])[0], None);
    assert_eq!(five.settle_groups(&[group(&five, &hosts, (0, 1)), other]), Err(Error::NoSuchEscrow.into()));
}

#[test]
fn a_group_is_agreed_on_by_all_or_overdue() {
    let (five, hosts) = five();
    let mut all = group(&five, &hosts, (0, 5));
    all.closings.pop();
    assert_eq!(five.settle_groups(&[all.clone()]), Err(Refusal::Host), "a closing is missing");
    all.closings.clear();
    assert_eq!(five.settle_groups(&[all.clone()]), Err(Error::TooEarly.into()));
    five.to_settling();
    five.settle_groups(&[all]).unwrap();
    assert_eq!(five.gained(0), (5 * 160, -160));
    assert_eq!(five.world.escrow(&five.id).map(|kept| kept.held), None);
}
