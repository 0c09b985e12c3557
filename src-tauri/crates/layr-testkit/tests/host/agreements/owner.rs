//! The other side of an excuse: an owner's node among three hosts that are paid.

use layr_agreement::{Calendar, EXCUSE_AFTER_S};
use layr_ledger::Stroops;
use layr_ledger::agreement::round_of;
use layr_node::api::{AgreementInfo, AgreementsCheckReport, AgreementsRequest, PutRequest, SpendingSettings};
use layr_node::clock::Clock as _;
use layr_node::operation::OperationKind;
use layr_testkit::SimNode;

use super::market::{MIB, Market, REFUND, WEEK_S, priced};

const DAY_S: u64 = 86_400;
/// What a contract's first round of the beacon costs at most, in stroops: 0.050 lumens were measured, most of them for the life of the newest
/// round's entry.
const MOST_FOR_A_ROUND: u64 = 600_000;
/// What a question of the owner's costs at most, in stroops.
const MOST_FOR_A_QUESTION: u64 = 400_000;

/// A market in which a node pays three hosts, of which the market's is one.
struct Paid {
    market: Market,
    owner: SimNode,
    others: [SimNode; 2],
    calendar: Calendar,
}

impl Paid {
    async fn start() -> Self {
        let mut market = Market::open().await;
        let others = [paid_host(&mut market).await, paid_host(&mut market).await];
        let owner = market.network.add_owner().await;
        market.ledger.fund(owner.owner_keys().stellar_account().into()).await.unwrap();
        let spending = SpendingSettings {
            max_price_xlm_per_gib_month: Some("3".to_owned()),
            monthly_cap_xlm: Some("100".to_owned()),
            auto_renew: None,
        };
        owner.spending_set(spending).await.unwrap();
        let path = market.network.scratch().join("film.bin");
        std::fs::write(&path, noise(2 * MIB)).unwrap();
        let request = PutRequest { paths: vec![path], to: None, redundancy: None, dry_run: false };
        let operation = owner.operation(OperationKind::Put, "test");
        owner.put(request, &operation).await.unwrap();
        let opened = owner.agreements_check().await.unwrap();
        assert!(opened.opened == 3 && opened.obstacles.is_empty(), "{opened:?}");
        let first_window = u32::try_from(market.now_s().await / WEEK_S).unwrap();
        let calendar = Calendar { first_window, windows: 13, window_s: 604_800, response_s: 172_800 };
        Self { market, owner, others, calendar }
    }

    /// The owner looks; how, and what that cost it in stroops.
    async fn check(&self) -> (AgreementsCheckReport, u64) {
        let before = self.balance().await;
        let report = self.owner.agreements_check().await.unwrap();
        (report, before - self.balance().await)
    }

    async fn balance(&self) -> u64 {
        let account = self.owner.owner_keys().stellar_account().into();
        self.market.ledger.account(account).await.unwrap().balance.stroops()
    }

    async fn newest_round(&self) -> u64 {
        self.market.contract.newest_round(&self.market.ledger).await.unwrap()
    }

    /// Windows that count by what the market's host knows.
    async fn counted(&self) -> u32 {
        let report = self.market.host.agreements(AgreementsRequest { id: None }).await.unwrap();
        let [agreement] = &report.agreements[..] else { panic!("{report:?}") };
        agreement.windows_proven
    }
}

pub(super) async fn paid_host(market: &mut Market) -> SimNode {
    let host = market.network.add_host(64 * MIB as u64).await;
    market.ledger.fund(host.owner_keys().stellar_account().into()).await.unwrap();
    host.host_set(priced("3")).await.unwrap();
    host
}

/// Bytes that no compression makes smaller.
pub(super) fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut byte = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    (0..length).map(|_| byte()).collect()
}

#[tokio::test]
async fn what_a_host_that_was_away_missed_is_refuted_once_and_it_is_not_excused() {
    let mut paid = Paid::start().await;
    paid.market.network.kill(&mut paid.market.host).await;
    paid.market.pass_until(paid.calendar.question_s(0) + 3600).await;
    assert_eq!(paid.check().await.0.windows_proven, 2);
    paid.market.pass_until(paid.calendar.begin_s(1) + DAY_S - 60).await;
    assert_eq!((paid.check().await.1, paid.newest_round().await), (0, 0), "the host has a day");
    paid.market.pass_until(paid.calendar.begin_s(1) + DAY_S).await;
    let cost = paid.check().await.1;
    assert!((1..MOST_FOR_A_ROUND).contains(&cost), "{cost}");
    let beacon = paid.market.ledger.local_beacon().await.unwrap();
    assert_eq!(paid.newest_round().await, round_of(&beacon, &paid.calendar, 0));
    assert_eq!(paid.check().await.1, 0, "once");
    paid.market.pass_until(paid.calendar.begin_s(1) + EXCUSE_AFTER_S + 60).await;
    paid.market.network.revive(&mut paid.market.host).await;
    paid.market.look().await;
    assert_eq!(paid.counted().await, 0);
}

#[tokio::test]
async fn nothing_is_published_where_all_is_proven() {
    let paid = Paid::start().await;
    paid.market.pass_until(paid.calendar.question_s(0) + 3600).await;
    assert_eq!(paid.check().await.0.windows_proven, 3);
    paid.market.pass_until(paid.calendar.begin_s(1) + 2 * DAY_S).await;
    assert_eq!((paid.check().await.1, paid.newest_round().await), (0, 0));
}

#[tokio::test]
async fn an_owner_asks_itself_where_the_beacon_is_silent_and_its_hosts_can_prove() {
    let mut paid = Paid::start().await;
    paid.market.server.silence_beacon(true);
    paid.market.network.kill(&mut paid.market.host).await;
    paid.market.pass_until(paid.calendar.question_s(0) + 3600).await;
    let (report, cost) = paid.check().await;
    assert_eq!((report.windows_proven, report.obstacles.len(), cost), (0, 3, 0), "the beacon is waited for");
    paid.market.pass_until(paid.calendar.question_s(0) + DAY_S / 2).await;
    let (report, cost) = paid.check().await;
    assert_eq!(report.windows_proven, 2, "{report:?}");
    println!("a question of the owner's: {cost} stroops");
    assert!((1..MOST_FOR_A_QUESTION).contains(&cost), "{cost}");
    assert_eq!(paid.check().await.1, 0, "once");
    // Who was away until now proves to the same question on the ledger.
    paid.market.pass_until(paid.calendar.question_s(0) + DAY_S + 60).await;
    paid.market.network.revive(&mut paid.market.host).await;
    paid.market.look().await;
    assert_eq!(paid.counted().await, 1);
    let (report, cost) = paid.check().await;
    assert_eq!((report.windows_proven, cost), (1, 0), "it takes over what the ledger counts: {report:?}");
}

/// Whoever is not told in time loses files, and a ledger is away for days now and then.
#[tokio::test]
async fn a_term_that_ends_is_told_also_while_the_ledger_is_out_of_sight() {
    let Paid { market, owner, calendar, .. } = Paid::start().await;
    let told = async || {
        let entries = owner.activity().await.unwrap().entries;
        entries
            .into_iter()
            .filter(|entry| entry.kind == "agreements_end")
            .map(|entry| entry.text)
            .collect::<Vec<_>>()
    };
    let until = |before_end_s: u64| {
        let at_s = calendar.begin_s(13) - before_end_s;
        owner.clock().jump(i64::try_from(at_s).unwrap() - i64::try_from(owner.clock().now_unix_s()).unwrap());
    };
    market.server.stop().await;
    until(31 * DAY_S);
    owner.agreements_check().await.unwrap_err();
    assert_eq!(told().await, [""; 0]);
    until(29 * DAY_S + 3600);
    owner.agreements_check().await.unwrap_err();
    let [text] = &told().await[..] else { panic!("{:?}", told().await) };
    assert!(text.starts_with("The agreements with 3 hosts end in 29 days."), "{text}");
    // A computer whose clock goes back takes back nothing.
    until(60 * DAY_S);
    owner.agreements_check().await.unwrap_err();
    assert_eq!(told().await.len(), 1);
}

/// Owner and beacon are silent from the last window on: what nobody asked for is paid all the same.
#[tokio::test]
async fn an_owner_that_comes_back_settles_when_its_hosts_were_excused() {
    let paid = Paid::start().await;
    let end_s = paid.calendar.begin_s(13);
    for window in 0..12 {
        paid.market.pass_until(paid.calendar.question_s(window) + 3600).await;
        assert_eq!(paid.check().await.0.windows_proven, 3, "window {window}");
    }
    paid.market.server.silence_beacon(true);
    paid.market.pass_until(end_s + 7 * DAY_S + 60).await;
    let report = paid.owner.agreements_check().await.unwrap();
    assert_eq!((report.settled, report.obstacles.is_empty()), (0, false), "{report:?}");
    paid.market.pass_until(end_s + EXCUSE_AFTER_S + 60).await;
    for host in [&paid.market.host, &paid.others[0], &paid.others[1]] {
        host.agreements_check().await.unwrap();
    }
    // More comes back than it costs.
    let report = paid.owner.agreements_check().await.unwrap();
    assert_eq!((report.windows_proven, report.settled), (3, 3), "{report:?}");
    assert_eq!(paid.counted().await, 13);
}

#[tokio::test]
async fn what_only_a_receipt_counts_and_what_only_the_ledger_counts_is_due_together() {
    let mut paid = Paid::start().await;
    let host = paid.market.host.peer().to_string();
    let before = paid.market.network.snapshot(&paid.market.host);
    paid.market.pass_until(paid.calendar.question_s(0) + 3600).await;
    assert_eq!((paid.check().await.0.windows_proven, paid.counted().await), (3, 1));

    // The host's disk is put back to where it has no receipt, and it is too late to prove that window.
    paid.market.pass_until(paid.calendar.begin_s(1)).await;
    paid.market.network.kill(&mut paid.market.host).await;
    paid.market.network.restore(&paid.market.host, &before);
    paid.market.network.revive(&mut paid.market.host).await;
    assert_eq!(paid.counted().await, 0);
    // The owner is away for half of the next: the host proves that one to the ledger, which hears of nothing else.
    paid.market.pass_until(paid.calendar.question_s(1) + DAY_S + 60).await;
    paid.market.look().await;
    assert_eq!(paid.counted().await, 1);

    let of_host = |agreements: Vec<AgreementInfo>| {
        let found = agreements.into_iter().find(|one| one.host == host).unwrap();
        let rent = found.window_rent_xlm.parse::<Stroops>().unwrap().stroops();
        (found.windows_proven, found.paid_xlm.parse::<Stroops>().unwrap().stroops(), rent)
    };
    let (report, _) = paid.check().await;
    assert_eq!(report.windows_proven, 3, "this one of the ledger, and two answers: {report:?}");
    let own = paid.owner.agreements(AgreementsRequest { id: None }).await.unwrap().agreements;
    let (proven, due, rent) = of_host(own);
    assert!(rent > 0);
    assert_eq!((proven, due), (2, 2 * rent + REFUND), "with what the proof cost the host");

    // The next receipt says all of it, and the host takes it.
    paid.market.pass_until(paid.calendar.question_s(2) + 3600).await;
    assert_eq!(paid.check().await.0.windows_proven, 3);
    let at_host = paid.market.host.agreements(AgreementsRequest { id: None }).await.unwrap().agreements;
    assert_eq!(of_host(at_host), (3, 3 * rent + REFUND, rent));
}
