use layr_ledger::Account;
use layr_ledger::agreement::HostTerms;
use layr_library::{
    AgreementData, AgreementRecord, AgreementRole, AgreementState, Entropy, EscrowPlace, LedgerTransaction,
    Library, TransactionState,
};

use super::{Holdings, OwnerId, PeerId, count_open, report};
use crate::agreements::{FirstWindow, calendar, terms};
use crate::api::{
    AgreementInfo, AgreementPhase, AgreementSide, AgreementWindow, AgreementsReport, SpendingReport,
};
use crate::error::{ErrorCode, NodeError};
use crate::wire::{WireSeat, WireTerms};

const OWN: OwnerId = OwnerId::from_bytes([1; 32]);
const OTHER_OWNER: [u8; 32] = [2; 32];
const HOST: [u8; 32] = [3; 32];
const WINDOWS: u32 = 13;
const DAY_S: u64 = 86_400;
const BEGIN_S: u64 = 1_000 * 7 * DAY_S;

fn library() -> (tempfile::TempDir, Library) {
    let dir = tempfile::tempdir().unwrap();
    let library = Library::create(&dir.path().join("library"), OWN, Entropy::system(), 1).unwrap();
    (dir, library)
}

/// Half a lumen deposited and a tenth of that as collateral, a fifth of the deposit earned by 2 windows of 4.
fn record(role: AgreementRole, state: AgreementState, weeks_later: u64) -> AgreementRecord {
    let calendar = calendar(BEGIN_S + weeks_later * 7 * DAY_S, FirstWindow::Soonest);
    let number = u8::try_from(weeks_later).unwrap();
    let terms = terms(Account::from_bytes([4; 32]), [5; 32], calendar, [number; 16]);
    let host = HostTerms {
        account: Account::from_bytes([6; 32]),
        receipt_key: HOST,
        price_stroops_per_gib: 700_000,
        deposit_stroops: 5_000_000,
        collateral_stroops: 500_000,
        proof_refund_stroops: 0,
        data_root: [7; 32],
        leaves: 2048,
    };
    AgreementRecord {
        id: 0,
        role,
        network_id: [0; 32],
        contract: [0; 32],
        other: match role {
            AgreementRole::Owner => HOST,
            AgreementRole::Host => OTHER_OWNER,
        },
        terms: minicbor::to_vec(WireTerms::of(&terms)).unwrap(),
        seat: minicbor::to_vec(WireSeat::of(&host)).unwrap(),
        consent: Vec::new(),
        consent_until_ledger: 0,
        place: Some(EscrowPlace { escrow: [number; 32], host: 0, path: Vec::new(), hosts: 1 }),
        state,
        is_told: true,
        decided: 4,
        proven: 0b0110,
        earned_stroops: 1_000_000,
        revision: 0,
        receipt: None,
        closing: None,
        begin_unix_s: calendar.begin_s(0),
        end_unix_s: calendar.begin_s(calendar.windows),
        asked: 0,
    }
}

fn written(library: &Library, records: &[AgreementRecord]) -> Vec<i64> {
    let records: Vec<_> = records.iter().map(|record| (record.clone(), None)).collect();
    library.write_agreements(&records).unwrap()
}

fn told(library: &Library, id: Option<&str>, now_unix_s: u64) -> Result<AgreementsReport, NodeError> {
    let limits = SpendingReport {
        max_price_xlm_per_gib_month: "0".to_owned(),
        monthly_cap_xlm: "0".to_owned(),
        auto_renew: false,
    };
    report(library, Some(OWN), id, (limits, Some(NETWORK), now_unix_s))
}

/// The network that agreements are of here.
const NETWORK: [u8; 32] = [0; 32];

fn list(library: &Library) -> Vec<AgreementInfo> {
    told(library, None, BEGIN_S).unwrap().agreements
}

fn states(infos: &[AgreementInfo]) -> Vec<AgreementPhase> {
    infos.iter().map(|info| info.state).collect()
}

#[test]
fn both_sides_of_an_agreement_are_told_with_its_money() {
    let (_dir, library) = library();
    written(
        &library,
        &[
            record(AgreementRole::Host, AgreementState::Open, 0),
            record(AgreementRole::Owner, AgreementState::Open, 1),
        ],
    );
    let listed = list(&library);
    let [as_host, as_owner] = listed.as_slice() else { panic!("{listed:?}") };
    assert_eq!((as_host.role, as_owner.role), (AgreementSide::Host, AgreementSide::Owner));
    let host = PeerId::from_bytes(HOST).to_string();
    assert_eq!((&as_host.host, &as_owner.host), (&host, &host));
    let owners = [OwnerId::from_bytes(OTHER_OWNER), OWN].map(|owner| owner.to_string());
    assert_eq!([&as_host.owner, &as_owner.owner], [&owners[0], &owners[1]]);
    assert_eq!((as_owner.windows_total, as_owner.windows_proven, as_owner.windows_missed), (WINDOWS, 2, 2));
    let money = [&as_owner.deposit_xlm, &as_owner.collateral_xlm, &as_owner.paid_xlm].map(String::as_str);
    assert_eq!(money, ["0.5", "0.05", "0.1"]);
    assert_eq!((as_owner.held_xlm.as_str(), as_owner.left_xlm.as_str()), ("0.55", "0.4"));
    assert_eq!((as_owner.price_xlm_per_gib_month.as_str(), as_owner.leaf_count), ("0.3", 2048));
    assert_eq!(as_host.start, "1989-03-02T00:00:00Z");
    assert_eq!(
        told(&library, Some(&as_owner.id), BEGIN_S).unwrap().agreements,
        std::slice::from_ref(as_owner)
    );
    for missing in ["0", "7", "", "x"] {
        assert_eq!(
            told(&library, Some(missing), BEGIN_S).unwrap_err().code,
            ErrorCode::NotFound,
            "{missing}"
        );
    }
}

#[test]
fn an_agreement_is_told_as_far_as_it_has_come() {
    let (_dir, library) = library();
    let open = |weeks| record(AgreementRole::Owner, AgreementState::Open, weeks);
    written(
        &library,
        &[
            record(AgreementRole::Owner, AgreementState::Consented, 0),
            open(1),
            AgreementRecord { decided: WINDOWS, ..open(2) },
            AgreementRecord { closing: Some(vec![1]), ..open(3) },
            record(AgreementRole::Owner, AgreementState::Settled, 4),
            record(AgreementRole::Owner, AgreementState::Dropped, 5),
        ],
    );
    let listed = list(&library);
    let expected = [
        AgreementPhase::Opening,
        AgreementPhase::Active,
        AgreementPhase::Ending,
        AgreementPhase::Ending,
        AgreementPhase::Grace,
        AgreementPhase::Dropped,
    ];
    assert_eq!(states(&listed), expected);
    let money: Vec<_> = listed.iter().map(|info| (info.paid_xlm.as_str(), info.held_xlm.as_str())).collect();
    assert_eq!(
        money,
        [("0", "0"), ("0.1", "0.55"), ("0.1", "0.55"), ("0.1", "0.55"), ("0.1", "0"), ("0", "0")]
    );
    assert_eq!(count_open(&library).unwrap(), 4);
}

#[test]
fn what_nobody_has_signed_is_a_proposal_and_counts_as_no_agreement() {
    let (_dir, library) = library();
    let consented = |role, weeks| record(role, AgreementState::Consented, weeks);
    let proposed = AgreementRecord { place: None, ..consented(AgreementRole::Owner, 0) };
    written(&library, std::slice::from_ref(&proposed));
    let listed = list(&library);
    assert_eq!(states(&listed), [AgreementPhase::Proposed]);
    let info = &listed[0];
    assert_eq!((info.paid_xlm.as_str(), info.held_xlm.as_str(), &info.escrow), ("0", "0", &None));
    assert_eq!(count_open(&library).unwrap(), 0);
    assert_eq!(Holdings::of(&library).unwrap(), Holdings::default());
    assert_eq!(told(&library, None, BEGIN_S).unwrap().runway_days, None);

    // A host writes down what it signed, before it knows its place; an owner its hosts' consents with their places.
    let signed = AgreementRecord { place: None, ..consented(AgreementRole::Host, 1) };
    written(&library, &[signed, consented(AgreementRole::Owner, 2)]);
    let states = states(&list(&library));
    assert_eq!(states, [AgreementPhase::Proposed, AgreementPhase::Opening, AgreementPhase::Opening]);
    assert_eq!(count_open(&library).unwrap(), 2);
}

#[test]
fn fees_of_the_last_30_days_are_told_whatever_they_were_for_as_long_as_it_was_an_agreement() {
    let (_dir, library) = library();
    let now_s = BEGIN_S + 40 * DAY_S;
    let valid_s = |days_ago: u64| now_s - days_ago * DAY_S + layr_ledger::VALID_FOR_S;
    let transaction = |key: &str, valid_until_unix_s, state| LedgerTransaction {
        network_id: NETWORK,
        key: key.to_owned(),
        intent: [1; 32],
        account: [2; 32],
        sequence: 1,
        envelope: vec![0; 8],
        hashes: vec![[3; 32]],
        earlier_hashes: Vec::new(),
        from_ledger: 5,
        valid_until_unix_s,
        fee_cap_stroops: 1 << 20,
        state,
    };
    let settled = |fee_stroops| TransactionState::Settled { ledger: 9, fee_stroops, returned: None };
    for (key, days_ago, fee) in [
        ("open:a", 0, 1),
        ("settle:a:b", 30, 2),
        ("challenge:a:0:1", 29, 4),
        ("beacon:7", 29, 8),
        ("terminate:a:0", 29, 16),
        ("prove:a:0:1", 29, 32),
        ("claim:a:0:c", 29, 64),
        ("excuse:a:0:1", 29, 128),
        // Longer ago, and what a person said yes to.
        ("open:b", 31, 256),
        ("send:a", 0, 512),
        ("keep:restore:C:7", 0, 1024),
    ] {
        library.write_ledger_transaction(&transaction(key, valid_s(days_ago), settled(fee))).unwrap();
    }
    let failed = TransactionState::Failed { ledger: 9, fee_stroops: Some(2048), code: "txFailed".to_owned() };
    library.write_ledger_transaction(&transaction("open:c", valid_s(1), failed)).unwrap();
    // What is in doubt is no fee that was paid.
    library.write_ledger_transaction(&transaction("open:d", valid_s(0), TransactionState::Signed)).unwrap();
    let told = |now_s| told(&library, None, now_s).unwrap().month_fees_xlm;
    assert_eq!(told(now_s), "0.0002303", "255 + 2048 stroops");
    assert_eq!(told(now_s + 60 * DAY_S), "0");
}

#[test]
fn a_newer_revision_says_how_much_an_agreement_is_about() {
    let (_dir, library) = library();
    let newer = AgreementRecord { revision: 2, ..record(AgreementRole::Host, AgreementState::Open, 0) };
    let data = |revision: u32, leaves: u64| AgreementData {
        revision,
        first_window: revision,
        data_root: [0; 32],
        leaves,
        shards: Vec::new(),
        signatures: Vec::new(),
    };
    let id = library.write_agreements(&[(newer.clone(), Some(data(0, 2048)))]).unwrap()[0];
    library.write_agreements(&[(AgreementRecord { id, ..newer }, Some(data(2, 4096)))]).unwrap();
    assert_eq!(list(&library)[0].leaf_count, 4096);
}

#[test]
fn what_is_in_escrow_is_what_would_come_back_and_lasts_until_the_first_host_is_paid_no_more() {
    let (_dir, library) = library();
    assert_eq!(Holdings::of(&library).unwrap(), Holdings::default());
    assert_eq!(Holdings::default().runway_days(BEGIN_S), None);
    let next = record(AgreementRole::Owner, AgreementState::Open, 2);
    written(
        &library,
        &[
            // One host has its next term already, the other ends before that.
            record(AgreementRole::Owner, AgreementState::Open, 0),
            AgreementRecord { other: [9; 32], ..record(AgreementRole::Owner, AgreementState::Open, 1) },
            next,
            // Neither is paid for by this owner in the future.
            record(AgreementRole::Host, AgreementState::Open, 0),
            record(AgreementRole::Owner, AgreementState::Settled, 3),
            record(AgreementRole::Owner, AgreementState::Consented, 4),
        ],
    );
    let holdings = Holdings::of(&library).unwrap();
    // 0.4 of each of three deposits; 0.05 of collateral and 0.1 earned.
    assert_eq!(holdings.escrow.to_string(), "1.35");
    let days = u64::from(WINDOWS + 1) * 7;
    assert_eq!(holdings.runway_days(BEGIN_S), Some(days));
    assert_eq!(holdings.runway_days(BEGIN_S + 1), Some(days - 1));
    assert_eq!(holdings.runway_days(BEGIN_S + 1_000 * DAY_S), Some(0));
}

#[test]
fn each_window_is_told_by_what_is_decided_and_else_by_the_ledgers_time() {
    use AgreementWindow::{Deciding, Missed, Proven, Running, ToCome};
    let (_dir, library) = library();
    let id = written(&library, &[record(AgreementRole::Host, AgreementState::Open, 0)])[0].to_string();
    let at =
        |window: u64| told(&library, Some(&id), BEGIN_S + window * 7 * DAY_S).unwrap().agreements.remove(0);
    let info = at(5);
    let first = [Missed, Proven, Proven, Missed, Deciding, Running, ToCome];
    assert_eq!((&info.windows[..7], info.windows.len()), (first.as_slice(), 13));
    assert_eq!(at(4).windows[4], Running);
    // The last two days of the window that runs; of one that counts already, those of the next.
    let due = |window| at(window).next_proof.map(|due| (due.from, due.until));
    let days =
        |from: &str, until: &str| Some((format!("1989-{from}T00:00:00Z"), format!("1989-{until}T00:00:00Z")));
    assert_eq!(due(0), days("03-07", "03-09"));
    assert_eq!(due(1), days("03-28", "03-30"));
    assert_eq!(due(13), None);
    assert_eq!(at(13).windows[12], Deciding);
    // 2 MiB for 0.07 lumens a GiB and window; a thirteenth of the collateral.
    assert_eq!((info.window_rent_xlm.as_str(), info.missed_window_xlm.as_str()), ("0.0001367", "0.0038461"));
    assert_eq!((info.misses_allowed, info.renewable_from.as_str()), (1, "1989-05-02T00:00:00Z"));
}

#[test]
fn the_runway_ends_with_the_first_agreement_that_is_paid_for() {
    let (_dir, library) = library();
    assert_eq!(told(&library, None, BEGIN_S).unwrap().runway_days, None);
    written(&library, &[record(AgreementRole::Owner, AgreementState::Open, 0)]);
    let report = told(&library, None, BEGIN_S + DAY_S).unwrap();
    assert_eq!((report.runway_days, report.now.as_str()), (Some(13 * 7 - 1), "1989-03-03T00:00:00Z"));
}

#[test]
fn what_was_agreed_on_is_kept_for_a_week_after_the_term() {
    let (_dir, library) = library();
    written(&library, &[record(AgreementRole::Owner, AgreementState::Settled, 0)]);
    let end_s = library.agreements(AgreementRole::Owner).unwrap()[0].end_unix_s;
    let state = |now_s| told(&library, None, now_s).unwrap().agreements[0].state;
    assert_eq!(state(end_s + 7 * DAY_S - 1), AgreementPhase::Grace);
    assert_eq!(state(end_s + 7 * DAY_S), AgreementPhase::Ended);
}
