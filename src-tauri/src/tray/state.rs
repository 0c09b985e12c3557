//! What the tray says of the node: one state, the most urgent of all that hold, and a line of words for it.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use layr_node::api::{HealthState, StatusReport, Transfer, TransferKind, TransferState, TransfersReport};
use layr_node::operation::OperationKind;

use crate::try_out;
use crate::view::NodeView;

/// States of the tray, the most urgent first: one icon can show only one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TrayState {
    /// Something waits for the person, or is not as safe as it should be.
    ActionNeeded,
    /// Agreements are to be renewed, or money is missing for them.
    Renewal,
    // Conflicts have their place here when there are any.
    /// The person paused what would move.
    Paused,
    /// Nobody is connected.
    Offline,
    /// Something moves or will.
    Syncing,
    /// Nothing is wrong, and nothing is there that could be called safe.
    Idle,
    /// Everything is stored.
    Safe,
}

/// What waits for the person elsewhere than in the queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Needs {
    /// Something without which nothing goes on.
    pub(super) needs_action: bool,
    /// Agreements that are to be renewed, or paid.
    pub(super) renewals_due: bool,
}

/// A state and its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) state: TrayState,
    pub(super) line: String,
}

/// The state of a node that looks like `view` with `report` as its queue. `waiting` is what waits for
/// the person elsewhere. Times of day are those of `zone`.
pub(super) fn status(
    view: &NodeView,
    report: Option<&TransfersReport>,
    waiting: Needs,
    zone: &TimeZone,
) -> Status {
    let all = [
        needing_person(view, report, waiting.needs_action),
        waiting.renewals_due.then(|| said(TrayState::Renewal, "Renewals due: see Agreements")),
        report.filter(|report| !repairs_all_the_same(view, report)).and_then(|report| paused(report, zone)),
        offline(view, report),
        report.and_then(|report| unfinished(view, report)),
    ];
    // The first one holds.
    all.into_iter().flatten().next().unwrap_or_else(|| safe(view))
}

fn said(state: TrayState, line: impl Into<String>) -> Status {
    Status { state, line: line.into() }
}

fn needing_person(view: &NodeView, report: Option<&TransfersReport>, needs_action: bool) -> Option<Status> {
    let line = match view {
        NodeView::NoIdentity { .. } => "Needs you: there is no identity yet",
        NodeView::HomeInUse { .. } => "Needs you: another Layr uses this home",
        NodeView::Locked { .. } => "Needs you: the keys are locked",
        NodeView::KeysGone { .. } => "Needs you: the keys are gone",
        NodeView::Failed { .. } => "Needs you: the node could not start",
        NodeView::Running { status_error: Some(_), .. } => {
            "Needs you: the node runs, but cannot say how it is"
        }
        NodeView::Starting | NodeView::Running { .. } => {
            let failed = report.map_or(0, |report| count(report, TransferState::Failed));
            let health = status_of(view).and_then(|status| Some(status.health?.state));
            let is_repairing = is_repairing(view);
            // In the order of the page's status.
            let line = match (health, failed) {
                (Some(HealthState::Lost), _) => {
                    "Needs you: a file has fewer parts left than it needs".to_owned()
                }
                // That something waits in Activity is said of it as well, which is less.
                (Some(HealthState::AtRisk), _) if is_repairing => "At risk: a repair is under way".to_owned(),
                (Some(HealthState::AtRisk), _) => "At risk: a file has few parts to spare".to_owned(),
                _ if needs_action => "Needs you: see Activity".to_owned(),
                (_, 1) => "Needs you: a transfer failed".to_owned(),
                (_, 2..) => format!("Needs you: {failed} transfers failed"),
                _ => return None,
            };
            return Some(said(TrayState::ActionNeeded, line));
        }
    };
    Some(said(TrayState::ActionNeeded, line))
}

fn paused(report: &TransfersReport, zone: &TimeZone) -> Option<Status> {
    if !report.paused_all {
        let is_all_there_is = count(report, TransferState::Paused) > 0 && !is_moving(report);
        return is_all_there_is.then(|| said(TrayState::Paused, "Paused by you"));
    }
    // The person let one go on by itself.
    if count(report, TransferState::Running) > 0 {
        return None;
    }
    let end = report.paused_until.as_deref().and_then(|end| time_of_day(end, zone));
    Some(match end {
        Some(end) => said(TrayState::Paused, format!("Paused by you until {end}")),
        None => said(TrayState::Paused, "Paused by you"),
    })
}

fn time_of_day(rfc3339: &str, zone: &TimeZone) -> Option<String> {
    let time: Timestamp = rfc3339.parse().ok()?;
    Some(time.to_zoned(zone.clone()).strftime("%H:%M").to_string())
}

/// Nobody can say that everything is stored before the queue was read.
fn offline(view: &NodeView, report: Option<&TransfersReport>) -> Option<Status> {
    match (view, report) {
        (NodeView::Starting, _) | (NodeView::Running { .. }, None) => {
            Some(said(TrayState::Offline, "Offline: the node is starting"))
        }
        (NodeView::Running { status, .. }, _) if status.peers == 0 => {
            Some(said(TrayState::Offline, "Offline: no peer is connected"))
        }
        _ => None,
    }
}

/// What is not stored yet comes before what is made again, and that before what is only fetched, as in the page's status.
fn unfinished(view: &NodeView, report: &TransfersReport) -> Option<Status> {
    use TransferKind::{Download, Upload};
    use TransferState::{Paused, Running, Waiting};

    let holds =
        |kind, state| report.transfers.iter().any(|one: &Transfer| one.kind == kind && one.state == state);
    let (waiting, repairing) = ("Waiting: see Transfers", "Repairing: a repair is under way");
    let in_order = [
        (holds(Upload, Running), TrayState::Syncing, "Uploading"),
        (holds(Upload, Waiting), TrayState::Syncing, waiting),
        (repairs_all_the_same(view, report), TrayState::Syncing, repairing),
        (holds(Upload, Paused), TrayState::Paused, "Paused by you: an upload"),
        (is_repairing(view), TrayState::Syncing, repairing),
        (holds(Download, Running), TrayState::Syncing, "Downloading"),
        (holds(Download, Waiting), TrayState::Syncing, waiting),
    ];
    let (_, state, line) = in_order.into_iter().find(|(is_so, ..)| *is_so)?;
    Some(said(state, line))
}

fn safe(view: &NodeView) -> Status {
    match status_of(view) {
        Some(status) if status.files == 0 => said(TrayState::Idle, "Connected, no files are listed"),
        Some(status) if status.network == try_out::NAME => {
            said(TrayState::Idle, "Try-out: everything is on this computer only")
        }
        Some(status) if status.health.is_some_and(|health| health.state == HealthState::Waiting) => {
            said(TrayState::Idle, "Waiting: hosts were not checked for 14 days")
        }
        Some(_) => said(TrayState::Safe, "Safe: everything in the library is stored"),
        None => said(TrayState::Idle, "The node is starting"),
    }
}

fn status_of(view: &NodeView) -> Option<&StatusReport> {
    match view {
        NodeView::Running { status, .. } => Some(status),
        _ => None,
    }
}

/// Whether a repair runs while everything is paused: one that somebody asked for, or the last segment of the node's own.
fn repairs_all_the_same(view: &NodeView, report: &TransfersReport) -> bool {
    report.paused_all && is_repairing(view)
}

/// Whether a repair runs, of the node itself or because somebody asked for it.
fn is_repairing(view: &NodeView) -> bool {
    let kind = OperationKind::Repair.name();
    status_of(view).is_some_and(|status| status.transfers.iter().any(|transfer| transfer.kind == kind))
}

fn count(report: &TransfersReport, state: TransferState) -> usize {
    report.transfers.iter().filter(|transfer| transfer.state == state).count()
}

/// Whether anything runs or will.
fn is_moving(report: &TransfersReport) -> bool {
    count(report, TransferState::Running) + count(report, TransferState::Waiting) > 0
}

#[cfg(test)]
mod tests {
    use TransferState::{Done, Failed, Paused, Running, Waiting};
    use layr_node::api::Health;

    use super::super::examples::{report, running, transfer};
    use super::*;
    use crate::home::ChosenHome;
    use crate::view::NodeView;

    fn of(view: &NodeView, report: &TransfersReport, needs_action: bool) -> (TrayState, String) {
        let waiting = Needs { needs_action, ..Needs::default() };
        let Status { state, line } = status(view, Some(report), waiting, &TimeZone::UTC);
        (state, line)
    }

    fn state_of(view: &NodeView, report: &TransfersReport) -> TrayState {
        of(view, report, false).0
    }

    const REPAIRING: &str = "Repairing: a repair is under way";

    /// A node that repairs, with files that are like this.
    fn repairing(peers: u64, state: HealthState) -> NodeView {
        let mut view = running(peers, 1);
        let NodeView::Running { status, .. } = &mut view else { unreachable!() };
        status.health = Some(Health { alive: 13, needed: 10, total: 30, state });
        let transfers = layr_node::operation::Transfers::default();
        let _repair = transfers.begin(OperationKind::Repair, "/");
        status.transfers = transfers.list();
        view
    }

    #[test]
    fn of_all_that_holds_the_most_urgent_is_shown() {
        use TrayState::{ActionNeeded, Offline, Safe, Syncing};
        let (connected, alone) = (running(3, 1), running(0, 1));
        let nothing = report(&[Done]);
        let paused = TransfersReport { paused_all: true, ..report(&[TransferState::Paused]) };
        let failed = TransfersReport { paused_all: true, ..report(&[Failed, Running]) };
        assert_eq!(state_of(&connected, &nothing), Safe);
        let due = |needs_action| Needs { needs_action, renewals_due: true };
        let with_due = |needs_action, report: &TransfersReport| {
            status(&alone, Some(report), due(needs_action), &TimeZone::UTC).state
        };
        assert_eq!(with_due(true, &paused), ActionNeeded);
        assert_eq!(with_due(false, &paused), TrayState::Renewal, "before what is paused, and who is alone");
        assert_eq!(state_of(&connected, &report(&[Running])), Syncing);
        assert_eq!(state_of(&connected, &report(&[Waiting, Paused])), Syncing);
        assert_eq!(state_of(&alone, &report(&[Running])), Offline);
        assert_eq!(state_of(&alone, &paused), TrayState::Paused);
        assert_eq!(state_of(&alone, &report(&[Paused, Done])), TrayState::Paused);
        let one_goes_on = TransfersReport { paused_all: true, ..report(&[Running, TransferState::Paused]) };
        assert_eq!(state_of(&connected, &one_goes_on), Syncing);
        assert_eq!(state_of(&alone, &one_goes_on), Offline);
        assert_eq!(state_of(&alone, &failed), ActionNeeded);
        assert_eq!(of(&alone, &paused, true).0, ActionNeeded);
        assert!(ActionNeeded < TrayState::Paused && TrayState::Paused < Offline);
        assert!(Offline < Syncing && Syncing < Safe);
    }

    #[test]
    fn what_nobody_keeps_elsewhere_is_not_called_safe() {
        let try_out = |files| {
            let mut view = running(3, files);
            let NodeView::Running { status, .. } = &mut view else { unreachable!() };
            try_out::NAME.clone_into(&mut status.network);
            view
        };
        for view in [running(3, 0), try_out(0), try_out(1)] {
            assert_eq!(state_of(&view, &report(&[])), TrayState::Idle, "{view:?}");
        }
        assert!(of(&try_out(1), &report(&[]), false).1.starts_with("Try-out"));
    }

    #[test]
    fn a_node_that_does_not_run_is_never_safe() {
        use layr_node::error::ErrorCode::{Locked, NoIdentity};

        let home = ChosenHome::named("/srv/layr".into());
        let error = |code| layr_node::error::NodeError::new(code, "");
        let locked = NodeView::of_key_error(&home, layr_node::home::KeyStoreKind::Keyring, error(Locked));
        let failed = NodeView::of_node_error(&home, error(NoIdentity));
        for view in [locked, failed] {
            assert_eq!(status(&view, None, Needs::default(), &TimeZone::UTC).state, TrayState::ActionNeeded);
        }
        for view in [NodeView::Starting, running(3, 1)] {
            assert_eq!(
                status(&view, None, Needs::default(), &TimeZone::UTC).state,
                TrayState::Offline,
                "{view:?}"
            );
        }
    }

    #[test]
    fn a_node_that_cannot_say_how_it_is_is_never_safe_and_not_called_stopped() {
        let NodeView::Running { status, .. } = running(3, 1) else { unreachable!() };
        let error = layr_node::error::NodeError::new(layr_node::error::ErrorCode::DatabaseUnusable, "");
        let unread = NodeView::running_unread(&ChosenHome::named("/srv/layr".into()), *status, error);
        let (state, line) = of(&unread, &report(&[Running]), false);
        assert_eq!(state, TrayState::ActionNeeded);
        assert!(line.contains("the node runs"), "{line}");
    }

    #[test]
    fn a_library_that_lost_shards_is_never_safe() {
        let with = |state| {
            let mut view = running(3, 1);
            let NodeView::Running { status, .. } = &mut view else { unreachable!() };
            status.health = Some(Health { alive: 13, needed: 10, total: 30, state });
            of(&view, &report(&[]), false)
        };
        assert_eq!(with(HealthState::Safe).0, TrayState::Safe);
        let waiting = (TrayState::Idle, "Waiting: hosts were not checked for 14 days".to_owned());
        assert_eq!(with(HealthState::Waiting), waiting);
        let near = with(HealthState::AtRisk);
        assert_eq!(near, (TrayState::ActionNeeded, "At risk: a file has few parts to spare".to_owned()));
        // Also where Activity says the same, as it does of all that is at risk.
        let mut view = running(3, 1);
        let NodeView::Running { status, .. } = &mut view else { unreachable!() };
        let alive = Health { alive: 13, needed: 10, total: 30, state: HealthState::AtRisk };
        status.health = Some(alive);
        assert_eq!(of(&view, &report(&[Failed]), true), near);
        let lost = with(HealthState::Lost);
        assert_eq!(lost.0, TrayState::ActionNeeded);
        assert_eq!(lost.1, "Needs you: a file has fewer parts left than it needs");
    }

    #[test]
    fn a_repair_is_said_and_makes_nothing_greener() {
        let with = |state| of(&repairing(3, state), &report(&[]), false);
        assert_eq!(with(HealthState::Safe), (TrayState::Syncing, REPAIRING.to_owned()));
        let at_risk = (TrayState::ActionNeeded, "At risk: a repair is under way".to_owned());
        assert_eq!(with(HealthState::AtRisk), at_risk);
        assert_eq!(with(HealthState::Lost).1, "Needs you: a file has fewer parts left than it needs");
    }

    #[test]
    fn a_repair_has_its_place_between_uploads_and_downloads() {
        use TransferKind::{Download, Upload};

        let beside = |kind, state| {
            let transfers = vec![Transfer { kind, ..transfer(state) }];
            let queue = TransfersReport { transfers, ..report(&[]) };
            of(&repairing(3, HealthState::Safe), &queue, false).1
        };
        for (state, line) in
            [(Running, "Uploading"), (Waiting, "Waiting: see Transfers"), (Paused, "Paused by you")]
        {
            assert_eq!(beside(Upload, state), line);
        }
        for state in [Running, Waiting] {
            assert_eq!(beside(Download, state), REPAIRING);
        }
    }

    #[test]
    fn a_repair_that_runs_while_everything_is_paused_is_said() {
        let all_paused = |states: &[TransferState]| TransfersReport { paused_all: true, ..report(states) };
        let line = |peers, states: &[TransferState]| {
            of(&repairing(peers, HealthState::Safe), &all_paused(states), false).1
        };
        for states in [&[][..], &[Paused], &[Done, Paused]] {
            assert_eq!(line(3, states), REPAIRING, "{states:?}");
        }
        // One that was let go on by itself moves as well.
        assert_eq!(line(3, &[Running, Paused]), "Uploading");
        assert_eq!(line(0, &[]), "Offline: no peer is connected");
        assert_eq!(of(&running(3, 1), &all_paused(&[Paused]), false).1, "Paused by you");
    }

    #[test]
    fn what_becomes_of_uploads_is_said_before_downloads() {
        use TransferKind::{Download, Upload};

        let of_each = |each: &[(TransferKind, TransferState)]| {
            let transfers = each.iter().map(|&(kind, state)| Transfer { kind, ..transfer(state) }).collect();
            of(&running(3, 1), &TransfersReport { transfers, ..report(&[]) }, false)
        };
        let syncing = |line: &str| (TrayState::Syncing, line.to_owned());
        let waiting = || syncing("Waiting: see Transfers");
        let paused = |line: &str| (TrayState::Paused, line.to_owned());
        assert_eq!(of_each(&[(Download, Running)]), syncing("Downloading"));
        assert_eq!(of_each(&[(Download, Running), (Upload, Running)]), syncing("Uploading"));
        assert_eq!(of_each(&[(Download, Running), (Upload, Waiting)]), waiting());
        assert_eq!(of_each(&[(Upload, Paused), (Download, Running)]), paused("Paused by you: an upload"));
        assert_eq!(of_each(&[(Upload, Paused), (Download, Waiting)]), paused("Paused by you: an upload"));
        assert_eq!(of_each(&[(Download, Paused), (Download, Waiting)]), waiting());
        assert_eq!(of_each(&[(Download, Paused)]), paused("Paused by you"));
    }

    #[test]
    fn the_words_say_why() {
        let connected = running(3, 1);
        let line = |report: &TransfersReport| of(&connected, report, false).1;
        assert_eq!(line(&report(&[Done])), "Safe: everything in the library is stored");
        assert_eq!(of(&running(3, 0), &report(&[]), false).1, "Connected, no files are listed");
        assert_eq!(line(&report(&[Running])), "Uploading");
        assert_eq!(line(&report(&[Failed, Failed])), "Needs you: 2 transfers failed");
        let for_a_while = TransfersReport {
            paused_all: true,
            paused_until: Some("2026-01-01T14:30:59Z".to_owned()),
            ..report(&[])
        };
        assert_eq!(line(&for_a_while), "Paused by you until 14:30");
        let odd = TransfersReport { paused_until: Some("soon".to_owned()), ..for_a_while };
        assert_eq!(line(&odd), "Paused by you");
    }
}
