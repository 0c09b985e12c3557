//! Every cheat of the analysis, and how it ends.

use layr_agreement::EXCUSE_AFTER_S;
use soroban_sdk::testutils::Ledger as _;
use soroban_sdk::{Bytes, BytesN, FromVal, IntoVal, Vec};
use storage_agreement::Error;

use crate::data::Data;
use crate::scene::Scene;
use crate::shown::{Answer, Closing, Receipt, Revision, or_nothing};
use crate::world::{DAY_S, Refusal, World};

/// An answer to the owner's question.
fn answer_to_owner(two: &Scene, window: u32, seed: [u8; 32]) -> Answer {
    let question = World::question(&two.terms, two.place(0), window, Some(seed));
    let leaves = two.data[0].answer(&two.world.env, &question, two.terms.samples);
    Answer { to_owner: true, leaves, ..two.answer(0, window) }
}

fn prove_revised(two: &Scene, answer: Answer, revision: Revision) -> Result<(), Refusal> {
    two.prove_with((two.host(0), 0), answer, (Some(revision), None))
}

#[test]
fn each_host_and_each_window_is_asked_something_else() {
    let two = Scene::two();
    let mut asked: std::vec::Vec<[u8; 32]> = std::vec::Vec::new();
    for window in 0..5 {
        asked.extend([0, 1].map(|host| World::question(&two.terms, two.place(host), window, None)));
    }
    asked.sort_unstable();
    asked.dedup();
    assert_eq!(asked.len(), 10);
}

#[test]
fn a_host_without_the_data_cannot_prove_it() {
    let two = Scene::two();
    two.to_window(0);
    let question = World::question(&two.terms, two.place(0), 0, None);
    let other = Data::new(77, 100).answer(&two.world.env, &question, 4);
    assert_eq!(two.prove(0, Answer { leaves: other, ..two.answer(0, 0) }), Err(Error::BadProof.into()));
}

#[test]
fn withheld_receipts_gain_the_owner_nothing() {
    let two = Scene::two();
    two.to_window(0);
    let receipt = two.world.receipt(two.place(0), (1, 1, 100, 0));
    // From here on the owner is silent.
    two.to_window(1);
    two.prove_with((two.host(0), 0), two.answer(0, 1), (None, Some(receipt))).unwrap();
    for window in 2..5 {
        two.to_window(window);
        two.prove(0, two.answer(0, window)).unwrap();
    }
    two.to_settling();
    two.settle(0, None).unwrap();
    assert_eq!(two.gained(0).1, 5 * 100 + 4 * 7, "all rent, and what proving on chain cost");
}

#[test]
fn a_receipt_shown_late_still_counts_and_an_older_one_takes_nothing_back() {
    let two = Scene::two();
    two.to_window(4);
    let old = two.world.receipt(two.place(0), (2, 3, 200, 0));
    let new = two.world.receipt(two.place(0), (5, 31, 500, 0));
    two.to_settling();
    two.claim(0, new.clone()).unwrap();
    assert_eq!(two.claim(0, old), Err(Error::GoesBack.into()));
    two.claim(0, new).unwrap();
    two.settle(0, None).unwrap();
    assert_eq!(two.gained(0).1, 500);
}

#[test]
fn a_receipt_takes_back_neither_a_decision_nor_a_revision() {
    let two = Scene::two();
    two.to_window(2);
    let receipt = |said| two.world.receipt(two.place(0), said);
    two.claim(0, receipt((3, 0b001, 100, 2))).unwrap();
    assert_eq!(
        two.claim(0, receipt((2, 0b011, 200, 2))),
        Err(Error::GoesBack.into()),
        "fewer windows decided"
    );
    assert_eq!(two.claim(0, receipt((3, 0b011, 200, 1))), Err(Error::GoesBack.into()), "an older revision");
    assert_eq!(two.claim(0, receipt((3, 0b011, 99, 2))), Err(Error::GoesBack.into()), "less earned");
    two.claim(0, receipt((3, 0b011, 200, 2))).unwrap();
}

#[test]
fn an_owner_cannot_spoil_a_host_with_a_receipt_or_a_proof_of_its_own() {
    let two = Scene::two();
    two.to_window(3);
    let poor = two.world.receipt(two.place(0), (4, 0, 0, 0));
    let env = &two.world.env;
    let args = two.args(0, &[poor.value(env)]);
    let approved = Scene::by(two.owner(), two.approved(0, &[poor.value(env)]));
    assert_eq!(two.world.call::<()>("claim", args, &approved), Err(Refusal::Host));
    assert_eq!(two.prove_as(two.owner(), 0, two.answer(0, 3)), Err(Refusal::Host));
    // The host has a better one.
    two.claim(0, two.world.receipt(two.place(0), (3, 7, 300, 0))).unwrap();
    assert_eq!(two.claim(0, poor), Err(Error::GoesBack.into()));
    two.prove(0, two.answer(0, 3)).unwrap();
}

#[test]
fn receipts_are_worth_nothing_elsewhere() {
    let two = Scene::two();
    two.accept(1).unwrap();
    two.to_window(0);
    let receipt = two.world.receipt(two.place(0), (1, 1, 100, 0));
    assert_eq!(two.claim(1, receipt.clone()), Err(Refusal::Host), "another host's");
    let id = BytesN::from_array(&two.world.env, &[3; 32]);
    let elsewhere = two.world.receipt((&id, 0), (1, 1, 100, 0));
    assert_eq!(two.claim(0, elsewhere), Err(Refusal::Host), "another escrow's");
    for changed in [
        Receipt { earned: 101, ..receipt.clone() },
        Receipt { revision: 1, ..receipt.clone() },
        Receipt { proven: 0, ..receipt.clone() },
    ] {
        assert_eq!(two.claim(0, changed), Err(Refusal::Host), "another sum");
    }
    assert_eq!(two.claim(0, Receipt { key: 1, ..receipt.clone() }), Err(Error::NoSuchKey.into()));
    let network = two.world.env.ledger().network_id().to_array();
    let join = |id: [u8; 32]| two.world.env.ledger().with_mut(|ledger| ledger.network_id = id);
    join([7; 32]);
    assert_eq!(two.claim(0, receipt.clone()), Err(Refusal::Host), "another network's");
    join(network);
    two.claim(0, receipt).unwrap();
}

#[test]
fn statements_are_worth_nothing_at_another_contract_of_the_same_network() {
    let two = Scene::two();
    // The same terms have the same id there: only the contract's own address tells the two apart.
    let twin = two.at_another_contract();
    assert_eq!(twin.id, two.id);
    two.to_window(0);
    twin.world.publish(&twin.terms, 0).unwrap();
    for (here, there) in [(&two, &twin), (&twin, &two)] {
        let receipt = there.world.receipt(there.place(0), (1, 1, 100, 0));
        assert_eq!(here.claim(0, receipt), Err(Refusal::Host), "a receipt");
        let data = Data::new(8, 120);
        let revision = there.world.revision(there.place(0), (1, 0), &data);
        let question = World::question(&here.terms, here.place(0), 0, None);
        let leaves = data.answer(&here.world.env, &question, 4);
        let answer = Answer { leaves, ..here.answer(0, 0) };
        assert_eq!(prove_revised(here, answer, revision), Err(Refusal::Host), "a revision");
        let closing = there.world.closing(there.place(0), 300);
        assert_eq!(here.settle(0, Some(closing)), Err(Refusal::Host), "a closing");
    }
    for scene in [&two, &twin] {
        scene.claim(0, scene.world.receipt(scene.place(0), (1, 1, 100, 0))).unwrap();
        scene.settle(0, Some(scene.world.closing(scene.place(0), 300))).unwrap();
        assert_eq!(scene.world.balance(&scene.world.contract), 1000, "the other host's part");
    }
}

#[test]
fn a_statement_ends_with_its_signatures() {
    let two = Scene::two();
    two.to_window(0);
    let env = &two.world.env;
    let receipt = two.world.receipt(two.place(0), (1, 1, 100, 0)).value(env);
    let claim = |shown: Bytes| {
        let shown = [shown.to_val()];
        let approved = Scene::by(two.host(0), two.approved(0, &shown));
        two.world.call::<()>("claim", two.args(0, &shown), &approved)
    };
    let mut longer = Bytes::from_val(env, &receipt);
    let shorter = longer.slice(..longer.len() - 1);
    longer.push_back(0);
    assert_eq!(claim(longer), Err(Error::BadStatement.into()));
    assert_eq!(claim(shorter), Err(Refusal::Host));
    claim(Bytes::from_val(env, &receipt)).unwrap();
}

#[test]
fn a_receipt_says_nothing_of_windows_to_come() {
    let two = Scene::two();
    two.to_window(1);
    let place = two.place(0);
    assert_eq!(two.claim(0, two.world.receipt(place, (3, 7, 300, 0))), Err(Error::TooEarly.into()));
    assert_eq!(two.claim(0, two.world.receipt(place, (2, 7, 300, 0))), Err(Error::BadStatement.into()));
    assert_eq!(two.claim(0, two.world.receipt(place, (2, 3, 1001, 0))), Err(Error::BadStatement.into()));
    assert_eq!(two.claim(0, two.world.receipt(place, (6, 3, 10, 0))), Err(Error::BadStatement.into()));
    assert_eq!(two.claim(0, two.world.receipt(place, (0, 0, 10, 0))), Err(Error::BadStatement.into()));
}

#[test]
fn late_proofs_and_windows_before_decided_ones_are_lost() {
    let two = Scene::two();
    two.to_window(0);
    let first = two.answer(0, 0);
    two.to_window(1);
    assert_eq!(two.prove(0, first.clone()), Err(Error::TooLate.into()));
    two.prove(0, two.answer(0, 1)).unwrap();
    assert_eq!(two.prove(0, first), Err(Error::AlreadyCounted.into()));
}

#[test]
fn who_vanishes_and_comes_back_finds_it_ended() {
    let two = Scene::two();
    two.to_window(0);
    two.prove(0, two.answer(0, 0)).unwrap();
    two.to_window(4);
    assert_eq!(two.prove(0, two.answer(0, 4)), Err(Error::Ended.into()));
    two.to_settling();
    two.settle(0, None).unwrap();
    // Four missed, one allowed: three fifths of the collateral.
    assert_eq!(two.gained(0).1, 107 - 120);
}

#[test]
fn a_host_that_never_proves_loses_its_collateral_and_is_paid_nothing() {
    let two = Scene::two();
    two.to_settling();
    two.settle(0, None).unwrap();
    assert_eq!(two.gained(0), (-1000 - 40 - 160 + 200 + 160, -160), "four fifths, to the owner");
}

#[test]
fn an_owner_that_vanishes_pays_all_the_same() {
    let two = Scene::two();
    for window in 0..5 {
        two.to_window(window);
        two.prove(0, two.answer(0, window)).unwrap();
    }
    two.world.pass(400 * DAY_S);
    two.settle(0, None).unwrap();
    assert_eq!(two.gained(0).1, 5 * 107);
}

#[test]
fn without_a_beacon_the_owner_asks_and_without_both_the_host_is_excused() {
    let two = Scene::two();
    two.world.pass_until(two.terms.calendar().question_s(0));
    let seed = [5; 32];
    assert_eq!(two.challenge(two.host(0), 0, seed), Err(Refusal::Host), "only the owner asks");
    two.challenge(two.owner(), 0, seed).unwrap();
    assert_eq!(two.challenge(two.owner(), 0, [6; 32]), Err(Error::AlreadyAsked.into()));
    two.prove(0, answer_to_owner(&two, 0, seed)).unwrap();

    // The next window has neither.
    two.world.pass_until(two.terms.calendar().begin_s(2) + EXCUSE_AFTER_S - 1);
    assert_eq!(two.excuse(0, 1, None), Err(Error::TooEarly.into()));
    two.world.pass(1);
    two.excuse(0, 1, None).unwrap();
    assert_eq!(two.excuse(0, 1, None), Err(Error::AlreadyCounted.into()));
    let (_, slot) = two.world.escrow(&two.id).unwrap().slots[1];
    assert_eq!((slot.proven, slot.earned), (3, 107 + 100), "the rent, and no refund of a proof");
}

#[test]
fn a_question_can_be_answered_in_half_the_response_time_at_least() {
    let two = Scene::two();
    let question_s = two.terms.calendar().question_s(0);
    two.world.pass_until(question_s - 1);
    assert_eq!(two.challenge(two.owner(), 0, [5; 32]), Err(Error::TooEarly.into()));
    two.world.pass_until(question_s + DAY_S);
    assert_eq!(two.challenge(two.owner(), 0, [5; 32]), Err(Error::TooLate.into()));
    assert_eq!(two.challenge(two.owner(), 5, [5; 32]), Err(Error::NoSuchWindow.into()));
}

#[test]
fn asked_by_beacon_and_owner_a_host_may_pick_and_is_paid_once() {
    let two = Scene::two();
    two.world.pass_until(two.terms.calendar().question_s(0));
    let seed = [5; 32];
    two.challenge(two.owner(), 0, seed).unwrap();
    two.world.publish(&two.terms, 0).unwrap();
    let (to_beacon, to_owner) = (two.answer(0, 0), answer_to_owner(&two, 0, seed));
    assert_ne!(to_beacon.leaves, to_owner.leaves);
    // What answers the one question answers the other one not.
    let crossed = [
        Answer { leaves: to_owner.leaves.clone(), ..to_beacon.clone() },
        Answer { leaves: to_beacon.leaves.clone(), ..to_owner.clone() },
    ];
    for answer in crossed {
        assert_eq!(two.prove(0, answer), Err(Error::BadProof.into()));
    }
    two.prove(0, to_owner.clone()).unwrap();
    for answer in [to_owner, to_beacon] {
        assert_eq!(two.prove(0, answer), Err(Error::AlreadyCounted.into()));
    }
    let (_, slot) = two.world.escrow(&two.id).unwrap().slots[1];
    assert_eq!((slot.proven, slot.decided, slot.earned), (1, 1, 107));
    // Nor does the owner's question take the beacon's away.
    two.world.pass_until(two.terms.calendar().question_s(1));
    two.challenge(two.owner(), 1, seed).unwrap();
    two.world.publish(&two.terms, 1).unwrap();
    two.prove(0, two.answer(0, 1)).unwrap();
    assert_eq!(two.world.escrow(&two.id).unwrap().slots[1].1.earned, 2 * 107);
}

#[test]
fn a_revision_is_proven_from_its_window_on_and_never_goes_back() {
    let two = Scene::two();
    let larger = Data::new(8, 120);
    let place = two.place(0);
    let revision = two.world.revision(place, (3, 1), &larger);
    two.to_window(0);
    assert_eq!(
        prove_revised(&two, two.answer(0, 0), revision.clone()),
        Err(Error::BadStatement.into()),
        "too early for it"
    );
    two.prove(0, two.answer(0, 0)).unwrap();
    two.to_window(1);
    let question = World::question(&two.terms, place, 1, None);
    let leaves = larger.answer(&two.world.env, &question, 4);
    prove_revised(&two, Answer { leaves, ..two.answer(0, 1) }, revision).unwrap();
    let (_, slot) = two.world.escrow(&two.id).unwrap().slots[1];
    assert_eq!((slot.revision, slot.earned), (3, 107 + 127));
    two.to_window(2);
    assert_eq!(two.prove(0, two.answer(0, 2)), Err(Error::GoesBack.into()), "the terms' data is gone");
    let older = two.world.revision(place, (2, 1), &Data::new(9, 200));
    assert_eq!(prove_revised(&two, two.answer(0, 2), older), Err(Error::GoesBack.into()));
}

#[test]
fn a_revision_needs_both_signatures() {
    let two = Scene::two();
    two.to_window(1);
    let data = Data::new(8, 120);
    let place = two.place(0);
    let good = two.world.revision(place, (1, 1), &data);
    let question = World::question(&two.terms, place, 1, None);
    let leaves = data.answer(&two.world.env, &question, 4);
    let mut by_host_alone = good.clone();
    by_host_alone.owner_signature = good.host_signature;
    let mut by_owner_alone = good.clone();
    by_owner_alone.host_signature = good.owner_signature;
    let mut more_leaves = good.clone();
    more_leaves.leaves += 1;
    for revision in [by_host_alone, by_owner_alone, more_leaves] {
        let answer = Answer { leaves: leaves.clone(), ..two.answer(0, 1) };
        assert_eq!(prove_revised(&two, answer, revision), Err(Refusal::Host));
    }
    prove_revised(&two, Answer { leaves, ..two.answer(0, 1) }, good).unwrap();
}

#[test]
fn a_host_earns_its_deposit_and_not_a_stroop_more() {
    let two = Scene::two_with(|host| host.deposit = 250);
    for window in 0..4 {
        two.to_window(window);
        two.prove(0, two.answer(0, window)).unwrap();
    }
    assert_eq!(two.world.escrow(&two.id).unwrap().slots[1].1.earned, 250);
    two.to_settling();
    two.settle(0, None).unwrap();
    assert_eq!(two.gained(0).1, 250);
}

#[test]
fn both_colluding_move_their_own_money_alone() {
    let two = Scene::two();
    two.accept(1).unwrap();
    two.settle(0, Some(two.world.closing(two.place(0), 1200))).unwrap();
    assert_eq!(two.world.escrow(&two.id).unwrap().held, 1200, "the other host's part is whole");
    two.to_window(4);
    two.claim(1, two.world.receipt(two.place(1), (5, 31, 250, 0))).unwrap();
    two.to_settling();
    two.settle(1, None).unwrap();
    assert_eq!(two.gained(1).1, 250);
}

#[test]
fn a_seat_of_another_escrow_or_with_other_terms_is_none() {
    let two = Scene::two();
    two.to_window(0);
    let mut richer = two.seats[0].clone();
    richer.terms.price *= 2;
    let mut moved = two.seats[0].clone();
    moved.path = two.seats[1].path.clone();
    for seat in [richer, moved] {
        let env = &two.world.env;
        let nothing = or_nothing(env, None);
        let shown = [0_u32.into(), false.into(), two.answer(0, 0).leaves.to_val(), nothing, nothing];
        let mut args = two.terms.values_with(env, &seat);
        args.extend(shown);
        let approved = Scene::by(two.host(0), two.approved(0, &[0_u32.into(), nothing, nothing]));
        assert_eq!(two.world.call::<()>("prove", args, &approved), Err(Error::NoSuchEscrow.into()));
    }
}

#[test]
fn a_consent_to_show_one_thing_is_none_to_another() {
    let two = Scene::two();
    two.to_window(1);
    let env = &two.world.env;
    let good = two.world.receipt(two.place(0), (2, 3, 200, 0));
    let poor = two.world.receipt(two.place(0), (2, 0, 0, 0));
    let (good_value, nothing) = (good.value(env), or_nothing(env, None));
    // The host consents to its receipt; the owner sends another one of its own in its place.
    let consent = Scene::by(two.host(0), two.approved(0, &[good_value]));
    let args = two.args(0, &[poor.value(env)]);
    assert_eq!(two.world.call::<()>("claim", args, &consent), Err(Refusal::Host));
    // It consents to a proof with its receipt; somebody leaves the receipt out.
    let consent = Scene::by(two.host(0), two.approved(0, &[1_u32.into(), nothing, good_value]));
    let leaves = two.answer(0, 1).leaves.to_val();
    let args = two.args(0, &[1_u32.into(), false.into(), leaves, nothing, nothing]);
    assert_eq!(two.world.call::<()>("prove", args, &consent), Err(Refusal::Host));
    // The owner consents to its question; somebody asks another one in its name.
    let seed = |byte: u8| BytesN::from_array(env, &[byte; 32]);
    let consent = Scene::by(two.owner(), (two.id.clone(), 1_u32, seed(1)).into_val(env));
    let args = two.args(0, &[1_u32.into(), seed(2).to_val()]);
    assert_eq!(two.world.call::<()>("challenge", args, &consent), Err(Refusal::Host));
    two.claim(0, good).unwrap();
}

#[test]
fn a_host_whose_data_the_owner_deleted_keeps_its_collateral() {
    let two = Scene::two();
    let nothing = two.world.revision(two.place(0), (1, 0), &Data::new(1, 0));
    for window in 0..5 {
        two.to_window(window);
        let answer = Answer { leaves: Vec::new(&two.world.env), ..two.answer(0, window) };
        prove_revised(&two, answer, nothing.clone()).unwrap();
    }
    two.to_settling();
    two.settle(0, None).unwrap();
    assert_eq!(two.gained(0).1, 5 * 7, "no rent, and what the proofs cost");
}

#[test]
fn what_both_signed_for_a_moment_is_not_settled_by_later() {
    let two = Scene::two();
    let until_s = two.world.now_s() + 600;
    let closing = two.world.closing_until(two.place(0), 300, until_s);
    two.world.pass(601);
    assert_eq!(two.settle(0, Some(closing.clone())), Err(Error::TooLate.into()));
    let longer = Closing { until_s: until_s + 600, ..closing };
    assert_eq!(two.settle(0, Some(longer)), Err(Refusal::Host));
}

#[test]
fn an_unknown_escrow_is_none() {
    let world = World::new(1);
    let id = BytesN::from_array(&world.env, &[9; 32]);
    assert_eq!(world.views().try_escrow(&id), Err(Ok(Error::NoSuchEscrow.into())));
}
