//! A beacon that is fetched from relays: of these any may lie, be silent or have nothing, as long as one has the round.

use std::time::Duration;

use futures::future::join_all;
use layr_ledger::LedgerError;
use layr_ledger::agreement::{DrandSettings, RoundSource};
use layr_node::network_file::BeaconRelays;
use layr_testkit::fake_drand::{FAKE_CHAIN, FakeDrand, Manner};

use tokio::time::Instant;

use super::market::Market;

/// Longest that a look for a round may take, whatever relays do.
const LOOK: Duration = Duration::from_secs(10);
/// Timers go by whole milliseconds.
const TICK: Duration = Duration::from_millis(10);

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
async fn relays_that_hang_hold_up_one_look_for_a_short_time_and_the_next_not_at_all() {
    let market = Market::open().await;
    let (ledger, beacon) = (&market.ledger, market.ledger.local_beacon().await.unwrap());
    let mut relays = Vec::new();
    for _ in 0..8 {
        relays.push(FakeDrand::start(ledger, Manner::Silent).await);
    }
    let source = source(&relays.iter().collect::<Vec<_>>());
    // From here on nobody but the clock moves.
    tokio::time::pause();
    let start = Instant::now();
    // All who look at once wait once, whichever rounds they look for.
    let looks = join_all([3, 3, 4, 5].map(|round| source.round(ledger, &beacon, round))).await;
    assert!(looks.iter().all(|look| matches!(look, Err(LedgerError::NoRound { .. }))), "{looks:?}");
    assert!((LOOK..LOOK + TICK).contains(&start.elapsed()), "{:?}", start.elapsed());
    let start = Instant::now();
    for round in [3, 4, 5, 6] {
        source.round(ledger, &beacon, round).await.unwrap_err();
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
    // After a while they are asked again.
    tokio::time::advance(Duration::from_secs(30)).await;
    let start = Instant::now();
    source.round(ledger, &beacon, 3).await.unwrap_err();
    assert!((LOOK..LOOK + TICK).contains(&start.elapsed()), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_relay_that_hangs_keeps_nobody_from_the_next_one_nor_from_what_is_known() {
    let market = Market::open().await;
    let (ledger, beacon) = (&market.ledger, market.ledger.local_beacon().await.unwrap());
    let real = ledger.local_round(3).await.unwrap();
    let silent = FakeDrand::start(ledger, Manner::Silent).await;
    let honest = FakeDrand::start(ledger, Manner::Honest).await;
    let relays = source(&[&silent, &honest]);
    let start = std::time::Instant::now();
    assert_eq!(relays.round(ledger, &beacon, 3).await, Ok(real.clone()));
    assert!(start.elapsed() < LOOK / 2, "{:?}", start.elapsed());

    // A look that hangs: the honest one has no round that is still to come, and the other is asked for it after that.
    let asked = silent.asked();
    let early = u64::from(u32::MAX);
    let mut hanging = std::pin::pin!(relays.round(ledger, &beacon, early));
    let until_it_hangs = async {
        while silent.asked() == asked {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        look = &mut hanging => panic!("{look:?}"),
        () = until_it_hangs => {}
    }
    let start = std::time::Instant::now();
    assert_eq!(relays.round(ledger, &beacon, 3).await, Ok(real));
    assert!(start.elapsed() < LOOK / 2, "{:?}", start.elapsed());
    tokio::time::pause();
    hanging.await.unwrap_err();

    // One said something: other rounds are asked for, and this one is not again.
    let start = Instant::now();
    relays.round(ledger, &beacon, early).await.unwrap_err();
    assert_eq!(start.elapsed(), Duration::ZERO);
    tokio::time::resume();
    relays.round(ledger, &beacon, 4).await.unwrap();
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
