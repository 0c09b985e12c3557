//! Accounts that cannot be paid: closed, or made full on purpose. Nobody waits for them, and what is theirs waits for them.

use storage_agreement::Error;

use crate::scene::Scene;

#[test]
fn a_host_that_takes_no_payment_holds_nobody_up_and_is_paid_later() {
    let two = Scene::two();
    two.accept(1).unwrap();
    for window in 0..5 {
        two.to_window(window);
        two.prove(0, two.answer(0, window)).unwrap();
        two.prove(1, two.answer(1, window)).unwrap();
    }
    two.to_settling();
    two.world.takes_payments(two.host(0), false);
    two.settle(0, None).unwrap();
    two.settle(1, None).unwrap();
    assert_eq!(two.gained(0), (-5 * 107 - 5 * 57, -200));
    assert_eq!(two.gained(1).1, 5 * 57);
    assert_eq!(two.world.escrow(&two.id).unwrap().held, 535 + 200, "what is its own waits for it");
    two.settle(0, None).unwrap();
    assert_eq!(two.world.escrow(&two.id).unwrap().held, 535 + 200);
    two.world.takes_payments(two.host(0), true);
    two.settle(0, None).unwrap();
    assert_eq!(two.gained(0).1, 535);
    assert_eq!(two.world.balance(&two.world.contract), 0);
    assert!(two.world.escrow(&two.id).is_none());
}

#[test]
fn what_an_owner_cannot_be_paid_back_stays_offered_until_anybody_settles_it() {
    let two = Scene::two();
    two.world.takes_payments(two.owner(), false);
    assert_eq!(two.about("withdraw", 1, two.owner()), Err(Error::Unpayable.into()));
    assert_eq!(two.world.escrow(&two.id).unwrap().held, 2200, "nothing is lost");
    two.accept(1).expect("and the part is still offered");

    let late = Scene::two();
    late.world.takes_payments(late.owner(), false);
    late.world.pass_until(late.terms.calendar().joining_ends_s());
    late.settle(1, None).unwrap();
    assert_eq!(late.world.escrow(&late.id).unwrap().held, 2200, "it waits for the owner");
    late.world.takes_payments(late.owner(), true);
    late.settle(1, None).unwrap();
    assert_eq!(late.gained(1), (-1000, 0));
}

#[test]
fn an_owner_that_takes_no_payment_holds_nobody_up_and_is_paid_later() {
    let two = Scene::two();
    two.to_settling();
    two.world.takes_payments(two.owner(), false);
    two.settle(0, None).unwrap();
    assert_eq!(two.gained(0), (-2000, -160), "the host has its collateral less the slash");
    two.settle(1, None).unwrap();
    assert_eq!(two.world.escrow(&two.id).unwrap().held, 1000 + 160 + 1000);
    two.world.takes_payments(two.owner(), true);
    two.settle(1, None).unwrap();
    assert_eq!(two.gained(0).0, 160);
    assert_eq!(two.settle(1, None), Err(Error::NoSuchEscrow.into()), "nothing is left");
}
