//! Windows that nobody asked for, and what an excuse for one may not do.

use layr_agreement::{EXCUSE_AFTER_S, EXCUSE_UNTIL_S, Slot};
use storage_agreement::Error;

use crate::data::Data;
use crate::scene::Scene;
use crate::shown::{Answer, Revision};
use crate::world::{DAY_S, World};

#[test]
fn an_owner_that_asked_is_not_answered_with_an_excuse() {
    let two = Scene::two();
    two.world.pass_until(two.terms.calendar().question_s(0));
    two.challenge(two.owner(), 0, [5; 32]).unwrap();
    two.world.pass_until(two.terms.calendar().begin_s(1) + EXCUSE_AFTER_S);
    assert_eq!(two.excuse(0, 0, None), Err(Error::Answerable.into()));
}

#[test]
fn who_withholds_the_beacon_is_not_excused_once_anybody_shows_a_newer_one() {
    let two = Scene::two();
    two.world.pass_until(two.terms.calendar().begin_s(1) + DAY_S);
    two.world.publish(&two.terms, 1).unwrap();
    two.world.pass_until(two.terms.calendar().begin_s(1) + EXCUSE_AFTER_S);
    assert_eq!(two.excuse(0, 0, None), Err(Error::Answerable.into()));
}

#[test]
fn a_window_that_a_receipt_decided_is_not_excused() {
    let two = Scene::two();
    two.world.pass_until(two.terms.calendar().question_s(2));
    two.claim(0, two.world.receipt(two.place(0), (2, 0b01, 100, 0))).unwrap();
    two.world.pass_until(two.terms.calendar().begin_s(3) + EXCUSE_AFTER_S);
    assert_eq!(two.excuse(0, 1, None), Err(Error::AlreadyCounted.into()));
    two.excuse(0, 2, None).unwrap();
}

#[test]
fn an_excuse_is_too_late_after_a_month() {
    let two = Scene::two();
    two.world.pass_until(two.terms.calendar().begin_s(1) + EXCUSE_UNTIL_S + 1);
    assert_eq!(two.excuse(0, 0, None), Err(Error::TooLate.into()));
    let asked = Scene::two();
    asked.world.pass_until(asked.terms.calendar().question_s(0));
    asked.challenge(asked.owner(), 0, [5; 32]).unwrap();
    asked.world.pass_until(asked.terms.calendar().begin_s(1) + EXCUSE_UNTIL_S);
    assert_eq!(asked.excuse(0, 0, None), Err(Error::Answerable.into()), "the question is still known");
}

/// Window 1 proven to the owner's question by this revision.
fn proven_by(two: &Scene, data: &Data, revision: Revision) {
    two.world.pass_until(two.terms.calendar().question_s(1));
    two.challenge(two.owner(), 1, [5; 32]).unwrap();
    let question = World::question(&two.terms, two.place(0), 1, Some([5; 32]));
    let leaves = data.answer(&two.world.env, &question, 4);
    let answer = Answer { to_owner: true, leaves, ..two.answer(0, 1) };
    two.prove_with((two.host(0), 0), answer, (Some(revision), None)).unwrap();
}

fn excused_slot(two: &Scene) -> Slot {
    let (_, slot) = two.world.escrow(&two.id).unwrap().slots[1];
    slot
}

#[test]
fn a_window_before_a_revision_is_excused_with_the_data_of_its_time_and_not_paid() {
    let two = Scene::two();
    let later = Data::new(8, 120);
    proven_by(&two, &later, two.world.revision(two.place(0), (1, 1), &later));
    two.world.pass_until(two.terms.calendar().begin_s(1) + EXCUSE_AFTER_S);
    two.excuse(0, 0, None).unwrap();
    let slot = excused_slot(&two);
    assert_eq!((slot.revision, slot.proven, slot.earned), (1, 0b11, 120 + 7), "it is no missed one");
}

#[test]
fn an_older_larger_revision_earns_nothing_by_an_excuse() {
    let two = Scene::two();
    let (larger, smaller) = (Data::new(8, 120), Data::new(9, 60));
    let [older, newer] = [(1, &larger), (2, &smaller)]
        .map(|(number, data)| two.world.revision(two.place(0), (number, 0), data));
    proven_by(&two, &smaller, newer.clone());
    two.world.pass_until(two.terms.calendar().begin_s(3) + EXCUSE_AFTER_S);
    two.excuse(0, 2, Some(older)).unwrap();
    let slot = excused_slot(&two);
    assert_eq!((slot.revision, slot.proven, slot.earned), (2, 0b110, 60 + 7), "not what is larger");
    two.excuse(0, 0, Some(newer)).unwrap();
    assert_eq!(excused_slot(&two).earned, 60 + 7 + 60);
}

#[test]
fn an_excuse_shuts_no_receipt_out() {
    let two = Scene::two();
    let receipt = two.world.receipt(two.place(0), (2, 0b11, 150, 0));
    let revision = two.world.revision(two.place(0), (1, 0), &Data::new(8, 120));
    two.world.pass_until(two.terms.calendar().begin_s(2) + EXCUSE_AFTER_S);
    two.excuse(0, 1, Some(revision)).unwrap();
    assert_eq!((excused_slot(&two).revision, excused_slot(&two).earned), (0, 120));
    two.claim(0, receipt).unwrap();
    assert_eq!(excused_slot(&two).earned, 150);
}
