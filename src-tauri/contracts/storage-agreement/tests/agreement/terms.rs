//! What terms an escrow is opened with.

use layr_agreement::{
    MAX_AMOUNT_STROOPS, MAX_HOSTS, MAX_LEAD_S, MAX_LEAVES, MAX_PRICE_STROOPS, MAX_SAMPLES, MAX_WINDOWS,
};
use soroban_sdk::testutils::storage::Persistent as _;
use soroban_sdk::{Bytes, BytesN, FromVal};
use storage_agreement::Error;

use crate::data::Data;
use crate::shown::{EscrowTerms, HostTerms, Offer};
use crate::world::{DAY_S, WINDOW_S, World};

#[test]
fn terms_out_of_their_bounds_are_refused() {
    let world = World::new(1);
    let host = world.host_terms(0, &Data::new(1, 8));
    let offers = [Offer { terms: host, joins: false }];
    let refused: [fn(&mut EscrowTerms); 13] = [
        |terms| terms.receipt_keys.clear(),
        |terms| terms.receipt_keys = std::vec![terms.receipt_keys[0]; 3],
        |terms| terms.windows = 0,
        |terms| terms.windows = MAX_WINDOWS + 1,
        |terms| terms.windows = 18,
        |terms| terms.window_s = 0,
        |terms| terms.response_s = 0,
        |terms| terms.response_s = 29,
        |terms| terms.response_s = WINDOW_S,
        |terms| terms.samples = 0,
        |terms| terms.samples = MAX_SAMPLES + 1,
        |terms| terms.missed_allowed = 6,
        |terms| terms.first_window = u32::MAX,
    ];
    for (number, change) in refused.into_iter().enumerate() {
        let mut terms = world.terms(1);
        change(&mut terms);
        let expected = if number == 12 { Error::TooEarly } else { Error::BadTerms };
        assert_eq!(world.open(&terms, &offers), Err(expected.into()), "change {number}");
    }
    world.open(&world.terms(1), &offers).unwrap();
}

#[test]
fn terms_of_a_host_out_of_their_bounds_are_refused() {
    let world = World::new(1);
    let refused: [fn(&mut HostTerms); 6] = [
        |host| host.price = MAX_PRICE_STROOPS + 1,
        |host| host.deposit = 0,
        |host| host.deposit = MAX_AMOUNT_STROOPS + 1,
        |host| host.collateral = MAX_AMOUNT_STROOPS + 1,
        |host| host.proof_refund = host.deposit + 1,
        |host| host.leaves = MAX_LEAVES + 1,
    ];
    for (number, change) in refused.into_iter().enumerate() {
        let mut host = world.host_terms(0, &Data::new(1, 8));
        change(&mut host);
        let refused = world.open(&world.terms(1), &[Offer { terms: host, joins: false }]);
        assert_eq!(refused, Err(Error::BadHostTerms.into()), "change {number}");
    }
}

#[test]
fn an_escrow_holds_no_more_than_its_numbers_do() {
    let world = World::new(2);
    let host = |host, deposit| {
        let terms = HostTerms { deposit, collateral: 0, ..world.host_terms(host, &Data::new(1, 8)) };
        Offer { terms, joins: false }
    };
    let too_much = [host(0, MAX_AMOUNT_STROOPS), host(1, 1000)];
    assert_eq!(world.open(&world.terms(1), &too_much), Err(Error::BadTerms.into()));
    let both = HostTerms { collateral: 1, ..host(0, MAX_AMOUNT_STROOPS).terms };
    let refused = world.open(&world.terms(1), &[Offer { terms: both, joins: false }]);
    assert_eq!(refused, Err(Error::BadHostTerms.into()));
}

#[test]
fn an_escrow_has_one_to_sixty_four_hosts() {
    let count = u8::try_from(MAX_HOSTS).unwrap() + 1;
    let world = World::new(count);
    let data = Data::new(1, 8);
    let offers: std::vec::Vec<_> = (0..usize::from(count))
        .map(|host| Offer { terms: world.host_terms(host, &data), joins: host % 2 == 0 })
        .collect();
    assert_eq!(world.open(&world.terms(1), &[]), Err(Error::BadHostCount.into()));
    assert_eq!(world.open(&world.terms(1), &offers), Err(Error::BadHostCount.into()));
    let mut longer = world.terms(1).values(&world.env);
    let mut values = Offer::values(&world.env, &offers[..1]);
    let mut hosts = Bytes::from_val(&world.env, &values.get(1).unwrap());
    hosts.push_back(0);
    values.set(1, hosts.to_val());
    longer.append(&values);
    let approvals = world.opening(&world.terms(1), &offers[..1]);
    let refused = world.call::<BytesN<32>>("open", longer, &approvals);
    assert_eq!(refused, Err(Error::BadHostCount.into()), "bytes behind the terms");
    let id = world.open(&world.terms(1), &offers[..64]).unwrap();
    let view = world.escrow(&id).unwrap();
    assert_eq!(view.held, 64 * 1000 + 32 * 200);
    assert_eq!(view.slots.len(), 32, "those that joined take no space");
}

#[test]
fn an_escrow_is_opened_once_and_in_time() {
    let world = World::new(1);
    let host = world.host_terms(0, &Data::new(1, 8));
    let offers = [Offer { terms: host, joins: true }];
    world.open(&world.terms(1), &offers).unwrap();
    assert_eq!(world.open(&world.terms(1), &offers), Err(Error::AlreadyOpen.into()));

    let far = EscrowTerms { first_window: world.terms(2).first_window + 5, ..world.terms(2) };
    assert!(far.calendar().begin_s(0) > world.now_s() + MAX_LEAD_S);
    assert_eq!(world.open(&far, &offers), Err(Error::TooEarly.into()));

    let terms = world.terms(3);
    world.pass_until(terms.calendar().begin_s(0) + DAY_S - 1);
    world.open(&terms, &offers).unwrap();
    world.pass(1);
    assert_eq!(world.open(&world.terms(4), &offers), Err(Error::TooLate.into()));
}

#[test]
fn an_entry_lives_through_its_term_and_a_month() {
    let world = World::new(1);
    let host = world.host_terms(0, &Data::new(1, 8));
    let offers = [Offer { terms: host, joins: true }];
    let long = EscrowTerms { windows: 17, ..world.terms(1) };
    let id = world.open(&long, &offers).unwrap();
    let ledgers = world.env.as_contract(&world.contract, || world.env.storage().persistent().get_ttl(&id));
    let end_s = long.calendar().begin_s(17) + 30 * DAY_S;
    assert!(world.now_s() + 5 * u64::from(ledgers) >= end_s, "{ledgers} ledgers are too few");
}
