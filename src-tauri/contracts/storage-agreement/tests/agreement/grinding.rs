//! Attacks on the choice of leaves: a contract of the host's own calls this one, and undoes all of it when it does not like the outcome.

use layr_agreement::EXCUSE_AFTER_S;
use layr_proof::positions;
use soroban_sdk::{Address, BytesN, Env, IntoVal, Symbol, Val, Vec, contract, contractimpl, vec};
use storage_agreement::{Error, StorageAgreementClient};

use crate::scene::Scene;
use crate::shown::{Answer, or_nothing};
use crate::world::{Refusal, World, sha256, signature_of};

const TRIES: u32 = 40;

/// A host's own contract. Whatever it calls leaves no trace when it traps.
#[contract]
struct Chooser;

#[contractimpl]
#[allow(unreachable_pub, reason = "the macro exports what is public")]
impl Chooser {
    /// Publishes a round and proves by it, or does neither.
    pub fn grind(env: Env, agreement: Address, round: u64, signature: BytesN<96>, proof: Vec<Val>) {
        StorageAgreementClient::new(&env, &agreement).beacon(&round, &signature);
        env.invoke_contract::<()>(&agreement, &Symbol::new(&env, "prove"), proof);
    }

    /// Publishes a round and undoes it.
    pub fn abort(env: Env, agreement: Address, round: u64, signature: BytesN<96>) {
        StorageAgreementClient::new(&env, &agreement).beacon(&round, &signature);
        panic!("its question is none that the host can answer");
    }
}

/// An answer of a host that has all leaves but these.
fn answer_without(scene: &Scene, window: u32, lacks: impl Fn(u64) -> bool) -> Answer {
    let env = &scene.world.env;
    let question = World::question(&scene.terms, scene.place(0), window, None);
    let mut leaves = Vec::new(env);
    for position in positions(&question, scene.data[0].leaf_count(), scene.terms.samples) {
        // Instead of what it lacks it shows the first leaf, for it must show something.
        let shown = if lacks(position) { 0 } else { position };
        leaves.push_back(scene.data[0].leaf(env, shown));
    }
    Answer { window, to_owner: false, leaves }
}

/// Publishes and proves by the host's own contract.
fn grind(scene: &Scene, chooser: &Address, answer: Answer) -> Result<(), Refusal> {
    let (world, env) = (&scene.world, &scene.world.env);
    let round = World::round_of(&scene.terms, answer.window);
    let nothing = or_nothing(env, None);
    let shown = [answer.window.into(), false.into(), answer.leaves.to_val(), nothing, nothing];
    let approved = scene.approved(0, &[answer.window.into(), nothing, nothing]);
    let signature = BytesN::from_array(env, &signature_of(round));
    let proof = scene.args(0, &shown).to_val();
    let args = vec![env, world.contract.to_val(), round.into_val(env), signature.to_val(), proof];
    world.call_by((chooser, "grind"), args, ("prove", &Scene::by(scene.host(0), approved)))
}

#[test]
fn grinding_finds_no_ledger_in_which_a_lacking_leaf_is_not_asked_for() {
    let two = Scene::two();
    let chooser = two.world.env.register(Chooser, ());
    two.world.pass_until(two.terms.calendar().question_s(0));
    let question = World::question(&two.terms, two.place(0), 0, None);
    // 99 of its 100 leaves are there.
    let lacking = positions(&question, 100, two.terms.samples).last().unwrap();
    for _ in 0..TRIES {
        assert!(grind(&two, &chooser, answer_without(&two, 0, |position| position == lacking)).is_err());
        assert_eq!(two.world.views().newest_round(), 0, "no trace is left");
        two.world.pass(5);
    }
    assert_eq!(World::question(&two.terms, two.place(0), 0, None), question);
    grind(&two, &chooser, answer_without(&two, 0, |_| false)).expect("with the last one it is a proof");
    let (_, slot) = two.world.escrow(&two.id).unwrap().slots[1];
    assert_eq!((slot.proven, slot.decided, slot.earned), (1, 1, 107));
}

#[test]
fn aborting_takes_back_a_round_and_not_its_question() {
    let two = Scene::two();
    let (world, env) = (&two.world, &two.world.env);
    let chooser = env.register(Chooser, ());
    world.pass_until(two.terms.calendar().question_s(0));
    let round = World::round_of(&two.terms, 0);
    let signature = BytesN::from_array(env, &signature_of(round));
    let lacking = positions(&World::question(&two.terms, two.place(0), 0, None), 100, 4).next().unwrap();
    let poor = || answer_without(&two, 0, |position| position == lacking);
    for _ in 0..TRIES {
        let args = vec![env, world.contract.to_val(), round.into_val(env), signature.to_val()];
        let aborted = world.call_by::<()>((&chooser, "abort"), args, ("beacon", &[]));
        assert_eq!(aborted, Err(Refusal::Host));
        assert_eq!(two.prove(0, poor()), Err(Error::NoQuestion.into()));
        world.pass(5);
    }
    // Anybody publishes it: the very question that was taken back. Once it is out, there is no excuse either.
    world.publish(&two.terms, 0).unwrap();
    assert_eq!(two.prove(0, poor()), Err(Error::BadProof.into()));
    world.pass_until(two.terms.calendar().begin_s(1) + EXCUSE_AFTER_S);
    assert_eq!(two.excuse(0, 0, None), Err(Error::Answerable.into()));
    two.to_settling();
    two.settle(0, None).unwrap();
    assert_eq!(two.gained(0).1, -160, "five missed, one allowed: four fifths of the collateral");
}

/// How many of many questions ask for none of the leaves that a host lacks which has this share of them, in hundredths.
fn answerable(kept: u64, samples: u32) -> u32 {
    let is_kept =
        |question: u32| positions(&sha256(&question.to_be_bytes()), 100, samples).all(|at| at < kept);
    (0..10_000).map(|question| u32::from(is_kept(question))).sum()
}

#[test]
fn of_a_share_of_the_data_the_share_to_the_power_of_the_samples_is_proven() {
    // 0.9⁴ and 0.8⁴, 0.9⁸ and 0.8⁸, in ten thousandths.
    for (kept, samples, expected) in [(90, 4, 6561), (80, 4, 4096), (90, 8, 4305), (80, 8, 1678)] {
        let counted = answerable(kept, samples);
        assert!(counted.abs_diff(expected) < 150, "{kept} of 100 leaves, {samples} samples: {counted}");
    }
}

#[test]
fn a_host_with_part_of_the_data_is_paid_for_the_windows_that_ask_for_no_other_leaf() {
    let term = Scene::of(&[true], 14, |_| {});
    let kept = 90;
    let mut proven = 0_u32;
    for window in 0..14 {
        term.to_window(window);
        let question = World::question(&term.terms, term.place(0), window, None);
        let is_lucky = positions(&question, 100, 4).all(|position| position < kept);
        let shown = term.prove(0, answer_without(&term, window, |position| position >= kept));
        let expected = if is_lucky { Ok(()) } else { Err(Error::BadProof.into()) };
        assert_eq!(shown, expected, "window {window}");
        proven += u32::from(is_lucky);
    }
    assert_eq!(proven, 8);
    term.to_settling();
    term.settle(0, None).unwrap();
    // Six missed, one allowed, of fourteen.
    assert_eq!(term.gained(0).1, 8 * 107 - 200 * 5 / 14);
}
