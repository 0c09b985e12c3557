//! Each call: what it does, and when it is refused.

use layr_agreement::SETTLE_AFTER_S;
use soroban_sdk::{BytesN, Vec};
use storage_agreement::Error;

use crate::data::Data;
use crate::scene::Scene;
use crate::shown::{Answer, Closing, EscrowTerms, Group, HostTerms, Offer};
use crate::world::{Approval, DAY_S, Refusal, World};

#[test]
fn opening_takes_deposits_and_the_collateral_of_those_who_join() {
    let two = Scene::two();
    assert_eq!(two.gained(0), (-2000, -200));
    assert_eq!(two.gained(1).1, 0);
    assert_eq!(two.world.balance(&two.world.contract), 2200);
    assert_eq!(two.world.escrow(&two.id).unwrap().held, 2200);
}

#[test]
fn nobody_opens_or_joins_for_another() {
    let world = World::new(1);
    let host = world.host_terms(0, &Data::new(1, 8));
    let (terms, offers) = (world.terms(1), [Offer { terms: host.clone(), joins: true }]);
    let mut args = terms.values(&world.env);
    args.append(&Offer::values(&world.env, &offers));
    let both = world.opening(&terms, &offers);
    for missing in 0..2 {
        let some: std::vec::Vec<_> = both.iter().enumerate().filter(|(index, _)| *index != missing).collect();
        let some: std::vec::Vec<_> = some
            .into_iter()
            .map(|(_, approval)| Approval {
                by: approval.by.clone(),
                args: approval.args.clone(),
                pays: approval.pays,
            })
            .collect();
        assert_eq!(world.call::<BytesN<32>>("open", args.clone(), &some), Err(Refusal::Host));
    }
    // A host's consent to other terms of its own is none to these.
    let cheaper = HostTerms { price: 1, ..host };
    let swapped = [Offer { terms: cheaper, joins: true }];
    let mut approvals = world.opening(&terms, &swapped);
    approvals[1] = world.joining(&terms, &offers[0].terms);
    let mut args = terms.values(&world.env);
    args.append(&Offer::values(&world.env, &swapped));
    assert_eq!(world.call::<BytesN<32>>("open", args, &approvals), Err(Refusal::Host));
}

#[test]
fn a_host_accepts_once_and_in_time() {
    let two = Scene::two();
    assert_eq!(two.accept(0), Err(Error::WrongState.into()), "it joined already");
    two.world.pass_until(two.terms.calendar().begin_s(0) + DAY_S - 1);
    two.accept(1).unwrap();
    assert_eq!(two.gained(1).1, -200);
    assert_eq!(two.accept(1), Err(Error::WrongState.into()));

    let late = Scene::two();
    late.world.pass_until(late.terms.calendar().begin_s(0) + DAY_S);
    assert_eq!(late.accept(1), Err(Error::TooLate.into()));
}

#[test]
fn what_a_host_did_not_accept_the_owner_takes_back() {
    let two = Scene::two();
    assert_eq!(two.about("withdraw", 1, two.host(1)), Err(Refusal::Host), "only the owner");
    assert_eq!(two.about("withdraw", 0, two.owner()), Err(Error::WrongState.into()), "this one joined");
    two.about("withdraw", 1, two.owner()).unwrap();
    assert_eq!(two.gained(1), (-1000, 0));
    assert_eq!(two.about("withdraw", 1, two.owner()), Err(Error::WrongState.into()));
    assert_eq!(two.accept(1), Err(Error::WrongState.into()));
}

#[test]
fn what_is_offered_and_overdue_anybody_sends_back() {
    let two = Scene::two();
    assert_eq!(two.settle(1, None), Err(Error::TooEarly.into()));
    two.world.pass_until(two.terms.calendar().begin_s(0) + DAY_S);
    two.settle(1, None).unwrap();
    assert_eq!(two.gained(1), (-1000, 0));
}

#[test]
fn a_proven_window_earns_its_rent_and_the_refund() {
    let two = Scene::two();
    two.to_window(0);
    two.prove(0, two.answer(0, 0)).unwrap();
    let kept = two.world.escrow(&two.id).unwrap();
    let (_, slot) = kept.slots.into_iter().find(|(host, _)| *host == 0).unwrap();
    assert_eq!((slot.decided, slot.proven, slot.earned), (1, 1, 100 + 7));
    assert_eq!(two.prove(0, two.answer(0, 0)), Err(Error::AlreadyCounted.into()));
}

#[test]
fn a_proof_counts_in_the_response_time_alone() {
    let two = Scene::two();
    two.world.pass_until(two.terms.calendar().question_s(0) - 1);
    // The round itself is not out yet, but its number and its leaves are known to this test.
    two.world.publish(&two.terms, 0).unwrap();
    let answer = two.answer(0, 0);
    assert_eq!(two.prove(0, answer.clone()), Err(Error::TooEarly.into()));
    two.world.pass_until(two.terms.calendar().begin_s(1));
    assert_eq!(two.prove(0, answer), Err(Error::TooLate.into()));

    let intime = Scene::two();
    let answer = intime.answer(0, 0);
    intime.world.pass_until(intime.terms.calendar().begin_s(1) - 1);
    assert_eq!(intime.prove(0, answer.clone()), Err(Error::NoQuestion.into()));
    intime.world.publish(&intime.terms, 0).unwrap();
    intime.prove(0, answer).unwrap();
}

#[test]
fn wrong_leaves_prove_nothing() {
    let two = Scene::two();
    two.to_window(0);
    let good = two.answer(0, 0);
    let env = &two.world.env;
    let change = |change: &dyn Fn(&mut Answer)| {
        let mut answer = good.clone();
        change(&mut answer);
        two.prove(0, answer)
    };
    let fewer = change(&|answer| {
        answer.leaves.pop_back();
    });
    assert_eq!(fewer, Err(Error::WrongLeafCount.into()));
    let none = change(&|answer| answer.leaves = Vec::new(env));
    assert_eq!(none, Err(Error::WrongLeafCount.into()));
    let swapped = change(&|answer| {
        let last = answer.leaves.pop_back().unwrap();
        answer.leaves.push_front(last);
    });
    assert_eq!(swapped, Err(Error::BadProof.into()));
    let other_data = change(&|answer| answer.leaves.set(0, Data::new(9, 100).leaf(env, 3)));
    assert_eq!(other_data, Err(Error::BadProof.into()));
    let steps = |steps: u8| {
        change(&|answer| {
            let mut leaf = answer.leaves.get(1).unwrap();
            leaf.set(0, steps);
            answer.leaves.set(1, leaf);
        })
    };
    assert_eq!(steps(4), Err(Error::BadProof.into()), "a step less, and a leaf that begins with it");
    assert_eq!(steps(8), Err(Refusal::Host), "steps that are not there");
    let long_leaf = change(&|answer| {
        let mut leaf = answer.leaves.get(1).unwrap();
        leaf.extend_from_slice(&[0; 1100]);
        answer.leaves.set(1, leaf);
    });
    assert_eq!(long_leaf, Err(Error::BadProof.into()));
    two.prove(0, good).unwrap();
}

#[test]
fn a_part_ends_with_the_window_after_the_one_that_runs() {
    let two = Scene::two();
    assert_eq!(two.about("terminate", 0, two.host(0)), Err(Refusal::Host), "only the owner");
    assert_eq!(
        two.about("terminate", 1, two.owner()),
        Err(Error::WrongState.into()),
        "an offer is withdrawn"
    );
    two.to_window(1);
    two.about("terminate", 0, two.owner()).unwrap();
    assert_eq!(two.world.escrow(&two.id).unwrap().slots[1].1.windows, 3);
    assert_eq!(two.about("terminate", 0, two.owner()), Err(Error::TooLate.into()), "nothing would change");
    two.prove(0, two.answer(0, 1)).unwrap();
    two.to_window(2);
    two.prove(0, two.answer(0, 2)).unwrap();
    two.to_window(3);
    assert_eq!(two.prove(0, two.answer(0, 3)), Err(Error::NoSuchWindow.into()));
    assert_eq!(two.settle(0, None), Err(Error::TooEarly.into()));
    two.world.pass_until(two.terms.calendar().begin_s(3) + SETTLE_AFTER_S);
    two.settle(0, None).unwrap();
    // Two of three proven, one missed, one allowed.
    assert_eq!(two.gained(0).1, 2 * 107);
}

#[test]
fn before_it_begins_an_end_leaves_one_window() {
    let two = Scene::two();
    two.about("terminate", 0, two.owner()).unwrap();
    two.to_window(1);
    assert_eq!(two.prove(0, two.answer(0, 1)), Err(Error::NoSuchWindow.into()));
}

#[test]
fn a_term_that_was_kept_is_paid_and_the_collateral_comes_back() {
    let two = Scene::two();
    for window in 0..5 {
        two.to_window(window);
        two.prove(0, two.answer(0, window)).unwrap();
    }
    two.to_settling();
    two.settle(0, None).unwrap();
    two.settle(1, None).unwrap();
    assert_eq!(two.gained(0), (-5 * 107, 5 * 107));
    assert_eq!(two.world.balance(&two.world.contract), 0);
    assert!(two.world.escrow(&two.id).is_none(), "nothing is left on the ledger");
}

#[test]
fn missed_windows_cost_collateral_by_their_share_beyond_those_allowed() {
    for (proven, slash) in
        [([true; 5], 0), ([true, false, true, true, true], 0), ([true, false, true, false, true], 40)]
    {
        let two = Scene::two();
        for (window, keeps) in (0..).zip(proven) {
            two.to_window(window);
            if keeps {
                two.prove(0, two.answer(0, window)).unwrap();
            }
        }
        two.to_settling();
        two.settle(0, None).unwrap();
        let kept = i64::try_from(proven.iter().filter(|keeps| **keeps).count()).unwrap();
        assert_eq!(two.gained(0).1, kept * 107 - slash);
    }
}

#[test]
fn both_sides_together_close_at_once() {
    let two = Scene::two();
    two.to_window(2);
    let closing = two.world.closing(two.place(0), 450);
    two.settle(0, Some(closing.clone())).unwrap();
    assert_eq!(two.gained(0).1, 250);
    assert_eq!(two.settle(0, Some(closing)), Err(Error::WrongState.into()), "once");
}

#[test]
fn a_closing_needs_both_signatures() {
    let two = Scene::two();
    let good = two.world.closing(two.place(0), 450);
    let by_owner_alone = Closing { host_signature: good.owner_signature, ..good.clone() };
    let by_host_alone = Closing { owner_signature: good.host_signature, ..good.clone() };
    for closing in [by_owner_alone, by_host_alone] {
        assert_eq!(two.settle(0, Some(closing)), Err(Refusal::Host));
    }
    two.settle(0, Some(good)).unwrap();
}

#[test]
fn data_of_another_number_of_leaves_is_other_data() {
    let two = Scene::two_with(|host| host.leaves -= 1);
    two.to_window(0);
    let question = World::question(&two.terms, two.place(0), 0, None);
    let mut leaves = Vec::new(&two.world.env);
    for position in layr_proof::positions(&question, 99, two.terms.samples) {
        leaves.push_back(two.data[0].leaf(&two.world.env, position));
    }
    let answer = Answer { window: 0, to_owner: false, leaves };
    assert_eq!(two.prove(0, answer), Err(Error::BadProof.into()));
}

#[test]
fn a_closing_gives_away_no_more_than_is_held() {
    let two = Scene::two();
    let all = two.world.closing(two.place(0), 1200);
    let more = two.world.closing(two.place(0), 1201);
    assert_eq!(two.settle(0, Some(more)), Err(Error::BadStatement.into()));
    two.settle(0, Some(all)).unwrap();
    assert_eq!(two.gained(0), (-2000, 1000));
}

#[test]
fn the_next_term_begins_with_the_end_of_the_last_or_not_at_all() {
    let two = Scene::two();
    two.about("withdraw", 1, two.owner()).unwrap();
    let world = &two.world;
    let next = EscrowTerms { first_window: two.terms.first_window + 5, ..world.terms(2) };
    world.pass_until(next.calendar().begin_s(0) + 600);
    let offers = [Offer { terms: world.host_terms(0, &two.data[0]), joins: true }];
    let closing = world.closing(two.place(0), 700);
    let renew = |closing: Closing, next: &EscrowTerms, names_the_old: bool| {
        let groups = [Group::of_one(&two.seats[0], Some(closing))];
        let mut args = two.terms.values(&world.env);
        args.set(0, next.owner.to_val());
        args.push_back(Group::values(&world.env, &groups));
        args.push_back(next.values(&world.env).last().unwrap());
        args.append(&Offer::values(&world.env, &offers));
        let mut approvals = world.opening(next, &offers);
        if names_the_old {
            approvals[0].args.push_back(two.id.to_val());
        }
        world.call::<BytesN<32>>("renew", args, &approvals)
    };
    let forged = Closing { to_host: 701, ..closing.clone() };
    assert_eq!(renew(forged, &next, true), Err(Refusal::Host));
    let dear = EscrowTerms { windows: 0, ..next.clone() };
    assert_eq!(renew(closing.clone(), &dear, true), Err(Error::BadTerms.into()));
    assert_eq!(renew(closing.clone(), &next, false), Err(Refusal::Host), "consent to the new one alone");
    assert_eq!(two.world.escrow(&two.id).unwrap().held, 1200, "the old one is untouched");
    // One owner for both: the end of another's term is nobody's to put into a transaction of its own with the next one.
    let another = EscrowTerms { owner: world.stranger.account.clone(), ..next.clone() };
    assert_eq!(renew(closing.clone(), &another, true), Err(Error::NoSuchEscrow.into()));
    let id = renew(closing, &next, true).unwrap();
    assert_eq!(world.escrow(&id).unwrap().held, 1200);
    assert!(world.escrow(&two.id).is_none());
    assert_eq!(two.gained(0), (-500 - 1000, 500 - 200));
}

#[test]
fn what_was_settled_before_its_term_is_not_opened_again() {
    let two = Scene::two();
    two.about("withdraw", 1, two.owner()).unwrap();
    two.settle(0, Some(two.world.closing(two.place(0), 200))).unwrap();
    assert_eq!(two.gained(0), (0, 0));
    let hosts = two.seats.iter().map(|seat| Offer { terms: seat.terms.clone(), joins: true });
    let offers: std::vec::Vec<_> = hosts.collect();
    assert_eq!(two.world.open(&two.terms, &offers), Err(Error::AlreadyOpen.into()));
}
