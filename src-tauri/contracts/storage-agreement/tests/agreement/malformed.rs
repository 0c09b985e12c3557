//! Bytes that are none of the formats: whoever shows them pays for a call that fails, and nothing else comes of it.

use soroban_sdk::{Bytes, Env, FromVal, Symbol, TryFromVal as _, Val, Vec};
use storage_agreement::Error;

use crate::data::Data;
use crate::scene::Scene;
use crate::shown::{Answer, EscrowTerms, Group, Offer};
use crate::world::{Refusal, World, bytes_of};

/// Where a call's bytes are changed: cut off behind so many, or with so many more.
const CUT_AT: [u32; 12] = [0, 1, 7, 8, 16, 24, 32, 39, 72, 103, 104, 145];
const MORE: [u32; 4] = [1, 8, 32, 41];

/// A call of which each argument that is bytes is cut and lengthened; all of these fail, whatever is approved.
fn fails_otherwise(two: &Scene, name: &str, args: &Vec<Val>) {
    for args in others(&two.world.env, args) {
        must_fail(two, name, &args, |name, args| {
            two.world.env.mock_all_auths();
            let called = two.world.env.try_invoke_contract::<Val, Error>(
                &two.world.contract,
                &Symbol::new(&two.world.env, name),
                args,
            );
            two.world.env.set_auths(&[]);
            called.is_ok()
        });
    }
}

/// The arguments with one of them cut or lengthened.
fn others(env: &Env, args: &Vec<Val>) -> std::vec::Vec<Vec<Val>> {
    let mut others = std::vec![];
    for index in 0..args.len() {
        let Ok(good) = Bytes::try_from_val(env, &args.get(index).unwrap()) else { continue };
        let cut = CUT_AT.into_iter().filter(|at| *at < good.len()).map(|at| good.slice(..at));
        let longer = MORE.map(|more| {
            let mut longer = good.clone();
            longer.extend_from_slice(&std::vec![1; more as usize]);
            longer
        });
        for wrong in cut.chain(longer) {
            let mut args = args.clone();
            args.set(index, wrong.to_val());
            others.push(args);
        }
    }
    others
}

fn must_fail(two: &Scene, name: &str, args: &Vec<Val>, is_done: impl Fn(&str, Vec<Val>) -> bool) {
    let before = state(two);
    assert!(!is_done(name, args.clone()), "{name} with {args:?}");
    assert_eq!(state(two), before, "{name}");
}

/// All money, and what the ledger keeps of the escrow.
fn state(two: &Scene) -> (std::vec::Vec<u64>, std::vec::Vec<u8>) {
    let accounts = two.world.everybody().map(|party| &party.account).chain([&two.world.contract]);
    let money = accounts.map(|account| two.world.balance(account)).collect();
    (money, bytes_of(&two.world.views().escrow(&two.id)))
}

#[test]
fn a_call_with_other_bytes_fails_and_moves_nothing() {
    let two = Scene::two();
    let env = &two.world.env;
    fails_otherwise(&two, "accept", &two.args(1, &[]));
    fails_otherwise(&two, "withdraw", &two.args(1, &[]));
    fails_otherwise(&two, "terminate", &two.args(0, &[]));
    two.to_window(1);
    let receipt = two.world.receipt(two.place(0), (1, 1, 100, 0)).value(env);
    let revision = two.world.revision(two.place(0), (1, 1), &two.data[0]).value(env);
    fails_otherwise(&two, "claim", &two.args(0, &[receipt]));
    let Answer { window, to_owner, leaves } = two.answer(0, 1);
    for index in 0..leaves.len() {
        let good = leaves.get(index).unwrap();
        for at in (0..good.len()).step_by(13) {
            let mut leaves = leaves.clone();
            leaves.set(index, good.slice(..at));
            let before = state(&two);
            assert!(two.prove(0, Answer { window, to_owner, leaves }).is_err());
            assert_eq!(state(&two), before);
        }
    }
    for (revision_at, receipt_at) in [(44, 146), (173, 82), (174, 80), (174, 16), (4, 81), (174, 1)] {
        let cut = |value: &Val, at: u32| {
            let bytes = Bytes::from_val(env, value);
            bytes.slice(..at.min(bytes.len())).to_val()
        };
        let (revision, receipt) = (cut(&revision, revision_at), cut(&receipt, receipt_at));
        let approved = two.approved(0, &[window.into(), revision, receipt]);
        let args = two.args(0, &[window.into(), to_owner.into(), leaves.to_val(), revision, receipt]);
        let before = state(&two);
        let called = two.world.call::<Val>("prove", args, &Scene::by(two.host(0), approved));
        assert!(called.is_err(), "{revision_at} {receipt_at}");
        assert_eq!(state(&two), before);
    }
}

#[test]
fn an_opening_with_other_bytes_fails_and_takes_nothing() {
    let two = Scene::two();
    let (world, env) = (&two.world, &two.world.env);
    let terms = EscrowTerms { nonce: [7; 16], ..two.terms.clone() };
    let offers: std::vec::Vec<_> =
        two.seats.iter().map(|seat| Offer { terms: seat.terms.clone(), joins: true }).collect();
    let mut args = terms.values(env);
    args.append(&Offer::values(env, &offers));
    let approvals = world.opening(&terms, &offers);
    for args in others(env, &args) {
        must_fail(&two, "open", &args, |name, args| world.call::<Val>(name, args, &approvals).is_ok());
    }
    world.open(&terms, &offers).unwrap();
}

#[test]
fn a_settlement_with_other_bytes_fails_and_pays_nothing() {
    let two = Scene::two();
    let (world, env) = (&two.world, &two.world.env);
    let groups = Group::values(env, &[Group::of_one(&two.seats[0], Some(world.closing(two.place(0), 300)))]);
    let group = Vec::<Val>::from_val(env, &Vec::<Val>::from_val(env, &groups).get(0).unwrap());
    let before = state(&two);
    for index in 1..3 {
        let good = Bytes::from_val(env, &group.get(index).unwrap());
        // No closings at all say that the part is overdue, which it is not.
        for at in (0..good.len()).step_by(3) {
            let mut group = group.clone();
            group.set(index, good.slice(..at).to_val());
            let mut args = two.terms.values(env);
            args.push_back(Vec::<Val>::from_array(env, [group.to_val()]).to_val());
            assert!(world.call::<Val>("settle", args, &[]).is_err(), "{index} {at}");
            assert_eq!(state(&two), before);
        }
    }
    let mut args = two.terms.values(env);
    args.push_back(groups);
    world.call::<()>("settle", args, &[]).unwrap();
}

#[test]
fn a_lone_leaf_and_a_lone_host_have_no_path_and_others_do() {
    let world = World::new(2);
    let data = Data::new(1, 1);
    let host = world.host_terms(0, &data);
    let alone = world.terms(1);
    let id = world.open(&alone, &[Offer { terms: host.clone(), joins: true }]).unwrap();
    let seats = World::seats(std::slice::from_ref(&host));
    assert!(seats[0].path.is_empty());
    let scene = Scene { world: world.into(), terms: alone, id, data: std::vec![data], seats };
    scene.to_window(0);
    let answer = scene.answer(0, 0);
    assert_eq!(answer.leaves.get(0).unwrap().get(0), Some(0), "no step");
    scene.prove(0, answer).unwrap();

    let two = Scene::two();
    two.to_window(0);
    let without = crate::shown::Seat { path: std::vec![], ..two.seats[0].clone() };
    let args = two.terms.values_with(&two.world.env, &without);
    let approved = Scene::by(two.owner(), two.approved(0, &[]));
    assert_eq!(two.world.call::<()>("terminate", args, &approved), Err(Error::NoSuchEscrow.into()));
    let mut answer = two.answer(0, 0);
    let shown = answer.leaves.get(0).unwrap();
    let mut leaf = Bytes::from_array(&two.world.env, &[0]);
    leaf.append(&shown.slice(1 + 41 * u32::from(shown.get(0).unwrap())..));
    answer.leaves.set(0, leaf);
    assert_eq!(two.prove(0, answer), Err(Error::BadProof.into()));
}

#[test]
fn a_refusal_has_a_name_wherever_the_rules_were_broken_and_none_where_bytes_are_missing() {
    let two = Scene::two();
    let env = &two.world.env;
    let mut args = two.args(0, &[]);
    let seat = Bytes::from_val(env, &args.get(3).unwrap());
    let approved = Scene::by(two.owner(), two.approved(0, &[]));
    args.set(3, seat.slice(..103).to_val());
    assert_eq!(two.world.call::<()>("terminate", args.clone(), &approved), Err(Refusal::Host));
    args.set(3, seat.slice(..104).to_val());
    assert_eq!(two.world.call::<()>("terminate", args, &approved), Err(Error::NoSuchEscrow.into()));
}
