//! A beacon that is fetched from relays: of these any may lie, be silent or have nothing, as long as one has the round.

use layr_ledger::LedgerError;
use layr_ledger::agreement::{DrandSettings, RoundSource};
use layr_node::network_file::BeaconRelays;
use layr_testkit::fake_drand::{FAKE_CHAIN, FakeDrand, Manner};

use super::market::Market;

fn source(relays: &[&FakeDrand]) -> RoundSource {
    let relays = relays.iter().map(|relay| relay.url().to_owned()).collect();
    RoundSource::new(Some(&DrandSettings { chain: FAKE_CHAIN.to_owned(), relays })).unwrap()
}

#[tokio::test]
async fn a_round_is_taken_from_the_first_relay_that_has_the_real_one() {
    let market = Market::open().await;
    let (ledger, beacon) = (&market.ledger, market.ledger.local_beacon().await.unwrap());
    let real = ledger.local_round(3).await.unwrap();
    let honest = FakeDrand::start(ledger, Manner::Honest).await;
    for manner in [Manner::Lying, Manner::Behind, Manner::Oversized, Manner::Refusing] {
        let other = FakeDrand::start(ledger, manner).await;
        let alone = source(&[&other]).round(ledger, &beacon, 3).await;
        assert!(matches!(alone, Err(LedgerError::NoRound { round: 3, .. })), "{manner:?}: {alone:?}");
        let both = source(&[&other, &honest]);
        assert_eq!(both.round(ledger, &beacon, 3).await, Ok(real.clone()), "{manner:?}");
        // Who had it is asked first from then on, and for the same one nobody.
        let asked = (other.asked(), honest.asked());
        both.round(ledger, &beacon, 3).await.unwrap();
        assert_eq!((other.asked(), honest.asked()), asked, "{manner:?}");
        both.round(ledger, &beacon, 4).await.unwrap();
        assert_eq!((other.asked(), honest.asked()), (asked.0, asked.1 + 1), "{manner:?}");
    }
    // What is still to come nobody has.
    let early = source(&[&honest]).round(ledger, &beacon, u64::from(u32::MAX)).await;
    assert!(matches!(early, Err(LedgerError::NoRound { .. })), "{early:?}");
    // And by another key it is none.
    let mut other = beacon.clone();
    other.key = layr_ledger::agreement::BeaconSettings::quicknet().unwrap().key;
    assert!(source(&[&honest]).round(ledger, &other, 3).await.is_err());
}

#[tokio::test]
async fn a_host_proves_by_a_beacon_from_relays_of_which_one_is_silent_and_one_lies() {
    let mut relays = Vec::new();
    let market = Market::open_by(async |ledger| {
        for manner in [Manner::Silent, Manner::Lying, Manner::Honest] {
            relays.push(FakeDrand::start(ledger, manner).await);
        }
        let relays = relays.iter().map(|relay| relay.url().to_owned()).collect();
        Some(BeaconRelays { chain: Some(FAKE_CHAIN.to_owned()), relays })
    })
    .await;
    let opened = market.running(1..4).await;
    market.pass_until(opened.calendar().question_s(0) + 86_400).await;
    market.look().await;
    let slot = market.escrow(opened.place.escrow).await.unwrap().slot(opened.place.host, 13);
    assert_eq!((slot.decided, slot.proven), (1, 1));
    assert!(relays.iter().all(|relay| relay.asked() == 1), "each once, in their order");
}
