//! The beacon, with the real one's key.

use soroban_sdk::testutils::Address as _;
use soroban_sdk::{Address, Bytes, BytesN, Env, IntoVal, bytesn};
use storage_agreement::{Error, StorageAgreementClient};

use crate::built::register;
use crate::world::{GENESIS_S, PERIOD_S, Refusal, World, beacon, beacon_key, ledger, sha256, signature_of};

/// Its period and when it began.
const QUICKNET: (u32, u64) = (3, 1_692_803_367);

/// drand's quicknet: its key, and round 1000 as its servers publish it, both as uncompressed points.
fn quicknet(env: &Env) -> (Bytes, BytesN<96>) {
    let key = bytesn!(
        env,
        0x03cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a01a714f2edb74119a2f2b0d5a7c75ba902d163700a61bc224ededd8e63aef7be1aaf8e93d7a9718b047ccddb3eb5d68b0e5db2b6bfbb01c867749cadffca88b36c24f3012ba09fc4d3022c5c37dce0f977d3adb5d183c7477c442b1f04515273
    );
    let signature = bytesn!(
        env,
        0x144679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e3911f92e4521ef54f047b64b85fa98db2d46f0f44add1f60b93f8a0dbddd63b34f238657c2d93aed18b90bddd60a01b6d2
    );
    (beacon(env, &key, QUICKNET), signature)
}

#[test]
fn the_real_beacon_is_taken_and_its_randomness_is_the_published_one() {
    let env = ledger();
    let (beacon, signature) = quicknet(&env);
    let contract = register(&env, (&Address::generate(&env), &beacon));
    let client = StorageAgreementClient::new(&env, &contract);
    client.beacon(&1000, &signature);
    assert_eq!(client.newest_round(), 1000);
    let randomness: BytesN<32> =
        env.as_contract(&contract, || env.storage().temporary().get(&1000_u64).unwrap());
    let published = bytesn!(&env, 0xfe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd);
    assert_eq!(randomness, published);
}

#[test]
fn another_round_key_or_bit_is_refused() {
    let env = ledger();
    let (beacon, signature) = quicknet(&env);
    let contract = register(&env, (&Address::generate(&env), &beacon));
    let client = StorageAgreementClient::new(&env, &contract);
    assert_eq!(client.try_beacon(&1001, &signature), Err(Ok(Error::BadBeacon.into())));
    let mut bits = signature.to_array();
    bits[50] ^= 1;
    assert!(client.try_beacon(&1000, &BytesN::from_array(&env, &bits)).is_err());
    let ours = super::world::beacon(&env, &beacon_key(&env), QUICKNET);
    let contract = register(&env, (&Address::generate(&env), &ours));
    let refused = StorageAgreementClient::new(&env, &contract).try_beacon(&1000, &signature);
    assert_eq!(refused, Err(Ok(Error::BadBeacon.into())));
}

#[test]
fn the_point_at_infinity_signs_nothing() {
    let world = World::new(1);
    let mut infinity = [0; 96];
    infinity[0] = 0x40;
    let args = (5_u64, BytesN::from_array(&world.env, &infinity)).into_val(&world.env);
    assert_eq!(world.call::<()>("beacon", args, &[]), Err(Refusal::Contract(Error::BadBeacon)));
}

#[test]
fn the_round_of_a_window_is_the_first_from_its_question_on() {
    let world = World::new(1);
    let terms = world.terms(1);
    for window in 0..terms.windows {
        let round = World::round_of(&terms, window);
        let published_s = GENESIS_S + (round - 1) * u64::from(PERIOD_S);
        assert!(published_s >= terms.calendar().question_s(window), "known before the question");
        assert!(published_s < terms.calendar().question_s(window) + u64::from(PERIOD_S));
    }
}

#[test]
fn rounds_come_in_any_order_and_the_newest_stays() {
    let world = World::new(1);
    let publish = |round: u64| {
        let signature = BytesN::from_array(&world.env, &signature_of(round));
        world.call::<()>("beacon", (round, signature).into_val(&world.env), &[])
    };
    for (round, newest) in [(7, 7), (3, 7), (9, 9), (9, 9)] {
        publish(round).unwrap();
        assert_eq!(world.views().newest_round(), newest);
    }
    assert_ne!(sha256(&signature_of(7)), sha256(&signature_of(9)));
}
