//! `verify`, `audit`, `repair`, `hosts`, `status`: how the data and the node are.

use layr_control::{AuditParams, HostsParams, RepairParams, VerifyParams};
use layr_node::api::{
    AuditsBehind, CheckReport, CheckResult, HealthState, HostInfo, HostsReport, RepairPlan, RepairReport,
    Reputation, StatusReport, WaitReason,
};
use layr_node::error::ErrorCode;
use serde_json::Value;

use crate::args::{AuditArgs, HostsArgs, RepairArgs, VerifyArgs};
use crate::failure::{Finished, Outcome};
use crate::output::{Table, print};
use crate::quantity::{bytes, counted};
use crate::session::Session;

pub(crate) async fn verify(session: &Session, args: VerifyArgs) -> Outcome<Finished> {
    let params = VerifyParams { names: args.names, quick: args.quick };
    tell(session, &session.call("verify", &params).await?)
}

pub(crate) async fn audit(session: &Session, args: AuditArgs) -> Outcome<Finished> {
    let params = AuditParams { names: args.names, leaves: Some(args.leaves.0) };
    tell(session, &session.call("audit", &params).await?)
}

fn tell(session: &Session, report: &CheckReport) -> Outcome<Finished> {
    print(session.json, report, check_words)?;
    if report.failed + report.unreachable + report.short_segments == 0 {
        return Ok(Finished::Done);
    }
    Ok(Finished::Problems { code: ErrorCode::Damaged, words: problem_words(report) })
}

fn problem_words(report: &CheckReport) -> String {
    let are = if report.failed == 1 { "is" } else { "are" };
    let words = format!(
        "{} {are} missing or corrupt, {} unreachable; `layr info NAME` shows which",
        counted(report.failed, "shard"),
        report.unreachable
    );
    match report.short_segments {
        0 => words,
        1 => format!("{words}; 1 segment cannot be brought back: too few of its shards lie anywhere"),
        short => {
            format!("{words}; {short} segments cannot be brought back: too few of their shards lie anywhere")
        }
    }
}

fn check_words(report: &CheckReport) -> String {
    let mut table = Table::new(&["SEGMENT", ">SHARD", "RESULT", "HOST"]);
    for shard in report.shards.iter().filter(|shard| shard.result != CheckResult::Passed) {
        table.row(vec![
            shard.segment.clone(),
            shard.index.to_string(),
            format!("{:?}", shard.result).to_lowercase(),
            shard.host.clone(),
        ]);
    }
    let leaves = match report.leaves {
        0 => String::new(),
        1 => " 1 leaf proven,".to_owned(),
        count => format!(" {count} leaves proven,"),
    };
    let summary = format!(
        "{} passed, {} missing or corrupt, {} unreachable;{leaves} {} read in {:.1} s",
        counted(report.passed, "shard"),
        report.failed,
        report.unreachable,
        bytes(report.bytes_received),
        report.duration_s
    );
    let doubt = if report.nobody_answered {
        "\nNo host answered. Your own connection may be away, so nothing is held against any."
    } else {
        ""
    };
    format!("{}\n{summary}{doubt}", table.render()).trim_start().to_owned()
}

pub(crate) async fn repair(session: &Session, args: RepairArgs) -> Outcome<Finished> {
    let is_now = args.now;
    let params = RepairParams { names: args.names, now: is_now };
    if args.dry_run {
        let plan: RepairPlan = session.call("repair_plan", &params).await?;
        print(session.json, &plan, |plan| plan_words(plan, is_now))?;
        return Ok(Finished::Done);
    }
    let report: RepairReport = session.call("repair", &params).await?;
    print(session.json, &report, |report| repair_words(report, is_now))?;
    let waiting = |reason| report.waiting.iter().filter(|segment| segment.reason == reason).count();
    let lost = waiting(WaitReason::TooFewShards) + waiting(WaitReason::Damaged);
    let short = waiting(WaitReason::NotEnoughHosts);
    if lost > 0 {
        let words = format!(
            "{} cannot be repaired: fewer shards answer than it takes, or they do not fit together",
            counted(lost, "segment")
        );
        return Ok(Finished::Problems { code: ErrorCode::Damaged, words });
    }
    if short > 0 {
        let words = if short == 1 {
            "1 segment waits for hosts that hold nothing of it yet and have room".to_owned()
        } else {
            format!("{short} segments wait for hosts that hold nothing of them yet and have room")
        };
        return Ok(Finished::Problems { code: ErrorCode::NotEnoughHosts, words });
    }
    Ok(Finished::Done)
}

/// That there is nothing to repair, and what a repair that is asked for at once would take besides.
fn nothing_due(is_now: bool) -> &'static str {
    if is_now {
        "Nothing is due: no shard that can be made again is lost or out of reach, as far as is known."
    } else {
        "Nothing is due. With `--now` a repair also replaces what is lost where enough is left, and what is out of reach."
    }
}

fn plan_words(plan: &RepairPlan, is_now: bool) -> String {
    let mut lines = Vec::new();
    if plan.shards > 0 {
        lines.push(format!(
            "Would make {} again, in {}; reads {}, sends {}",
            counted(plan.shards, "shard"),
            counted(plan.segments, "segment"),
            bytes(plan.read_bytes),
            bytes(plan.sent_bytes)
        ));
    } else if plan.shards_without_host + plan.short_segments == 0 {
        lines.push(nothing_due(is_now).to_owned());
    } else {
        lines.push("Would make no shard again".to_owned());
    }
    lines.extend(lack_words(plan));
    lines.join("\n")
}

/// What a repair would lack, a line each.
fn lack_words(plan: &RepairPlan) -> impl Iterator<Item = String> {
    let lacks = [
        (
            plan.shards_without_host,
            "shard waits for hosts that hold nothing of its segment yet and have room",
            "shards wait for hosts that hold nothing of their segment yet and have room",
        ),
        (
            plan.short_segments,
            "segment has fewer healthy shards than it takes: only a try tells whether more answer",
            "segments have fewer healthy shards than it takes: only a try tells whether more answer",
        ),
        (
            plan.segments_of_others,
            "segment was stored by somebody else, who repairs it",
            "segments were stored by somebody else, who repairs them",
        ),
    ];
    lacks.into_iter().filter(|(count, ..)| *count > 0).map(|(count, one, several)| {
        let words = if count == 1 { one } else { several };
        format!("{count} {words}")
    })
}

fn repair_words(report: &RepairReport, is_now: bool) -> String {
    if report.rebuilt == 0 && report.waiting.is_empty() {
        return nothing_due(is_now).to_owned();
    }
    let mut table = Table::new(&["SEGMENT", ">SHARDS", "WAITS FOR"]);
    for segment in &report.waiting {
        let waits_for = match segment.reason {
            WaitReason::NotEnoughHosts => "more hosts with room",
            WaitReason::TooFewShards => "shards that cannot be reached",
            WaitReason::Busy => "an upload that is sending it",
            WaitReason::Damaged => "nothing: what answers does not fit together",
        };
        table.row(vec![segment.segment.clone(), segment.shards.to_string(), waits_for.to_owned()]);
    }
    let summary = format!(
        "{} made again, in {}; {} read, {} sent, in {:.1} s",
        counted(report.rebuilt, "shard"),
        counted(report.health.len(), "segment"),
        bytes(report.bytes_received),
        bytes(report.bytes_sent),
        report.duration_s
    );
    format!("{}\n{summary}", table.render()).trim_start().to_owned()
}

pub(crate) async fn hosts(session: &Session, args: HostsArgs) -> Outcome<()> {
    let report: HostsReport = session.call("hosts", &HostsParams { offers: args.offers }).await?;
    print(session.json, &report, |report| {
        let mut table = Table::new(&[
            "HOST",
            ">FREE",
            ">XLM/GIB·MONTH",
            ">OUR SHARDS",
            ">OUR BYTES",
            ">SCORE",
            "REPUTATION",
            "REACHED",
        ]);
        for host in &report.hosts {
            let dash = || "–".to_owned();
            table.row(vec![
                host.peer_id.clone(),
                host.offer.as_ref().map_or_else(dash, |offer| bytes(offer.free_bytes)),
                host.offer.as_ref().map_or_else(dash, |offer| offer.price_xlm_per_gib_month.clone()),
                host.shards.to_string(),
                bytes(host.bytes),
                host.score.map_or_else(dash, |score| format!("{score:.2}")),
                standing_words(host),
                if host.relayed_only { "only by a relay: gets no shards" } else { "" }.to_owned(),
            ]);
        }
        if report.hosts.is_empty() { "No hosts known yet.".to_owned() } else { table.render() }
    })?;
    Ok(())
}

/// Who leaves gets nothing new, however well it is reputed.
fn standing_words(host: &HostInfo) -> String {
    let leaving = |at: &String| format!("leaving by {at}: gets nothing new");
    host.leaves_at.as_ref().map_or_else(|| reputation_words(host.reputation).to_owned(), leaving)
}

fn reputation_words(reputation: Reputation) -> &'static str {
    match reputation {
        Reputation::New => "new",
        Reputation::Vetted => "vetted",
        Reputation::Poor => "poor: gets nothing new",
    }
}

pub(crate) async fn status(session: &Session) -> Outcome<()> {
    let report: StatusReport = session.call("status", &Value::Null).await?;
    print(session.json, &report, status_words)?;
    Ok(())
}

fn status_words(status: &StatusReport) -> String {
    let mut lines = vec![
        format!("Peer       {}", status.peer_id),
        format!(
            "Network    {}, {} peers, reachability {}",
            status.network, status.peers, status.reachability
        ),
        format!("Library    {} files, {}", status.files, bytes(status.bytes)),
    ];
    if let Some(health) = status.health {
        let waits = health.state == HealthState::Waiting;
        let age = if waits { "waiting, not checked for 14 days: " } else { "" };
        lines.push(format!(
            "Health     {age}the worst file has {} of {} shards, {} needed",
            health.alive, health.total, health.needed
        ));
    }
    if let Some(behind) = status.audits_behind {
        lines.push(format!("Audits     {}", behind_words(behind)));
    }
    lines.extend(status.contract_life.as_ref().and_then(super::ledger::life_words));
    let hosting = &status.hosting;
    if hosting.quota_bytes > 0 {
        lines.push(format!(
            "Hosting    {} used, {} reserved, of {}",
            bytes(hosting.used_bytes),
            bytes(hosting.reserved_bytes),
            bytes(hosting.quota_bytes)
        ));
    }
    for transfer in &status.transfers {
        lines.push(format!(
            "Transfer   {} {}: {} of {}",
            transfer.kind,
            crate::quantity::printable(&transfer.name),
            bytes(transfer.done_bytes),
            bytes(transfer.total_bytes)
        ));
    }
    for address in &status.listening {
        lines.push(format!("Listening  {address}"));
    }
    lines.join("\n")
}

/// What audits do not get to.
fn behind_words(AuditsBehind { covered_percent, days }: AuditsBehind) -> String {
    match days {
        Some(days) => format!(
            "behind: their budget reads {covered_percent} % of the bytes at hosts in 60 days awake, all in {days}; \
             see [audits] in config.toml"
        ),
        None => "behind: switched off, or no budget left to read shards whole; see [audits] in config.toml"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use layr_node::api::{AuditsBehind, CheckReport, RepairPlan, RepairReport, WaitReason, WaitingSegment};

    use super::{behind_words, check_words, plan_words, problem_words, repair_words};

    #[test]
    fn a_plan_counts_one_as_one() {
        let one = RepairPlan {
            segments: 1,
            shards: 1,
            read_bytes: 2048,
            sent_bytes: 1024,
            shards_without_host: 1,
            short_segments: 1,
            segments_of_others: 1,
        };
        assert_eq!(
            plan_words(&one, false),
            "Would make 1 shard again, in 1 segment; reads 2.0 KiB, sends 1.0 KiB\n\
             1 shard waits for hosts that hold nothing of its segment yet and have room\n\
             1 segment has fewer healthy shards than it takes: only a try tells whether more answer\n\
             1 segment was stored by somebody else, who repairs it"
        );
        let several = RepairPlan { segments: 2, shards: 3, shards_without_host: 2, ..RepairPlan::default() };
        assert_eq!(
            plan_words(&several, false),
            "Would make 3 shards again, in 2 segments; reads 0 B, sends 0 B\n\
             2 shards wait for hosts that hold nothing of their segment yet and have room"
        );
    }

    #[test]
    fn a_plan_without_work_says_whether_any_is_due() {
        let nothing = RepairPlan::default();
        let said = plan_words(&nothing, false);
        assert!(said.starts_with("Nothing is due. With `--now` a repair also replaces"), "{said}");
        let said = plan_words(&nothing, true);
        assert!(said.starts_with("Nothing is due:") && !said.contains("--now"), "{said}");
        let of_others = RepairPlan { segments_of_others: 2, ..nothing };
        let said = plan_words(&of_others, true);
        assert!(said.starts_with("Nothing is due"), "{said}");
        assert!(said.ends_with("2 segments were stored by somebody else, who repairs them"), "{said}");
        for lacking in
            [RepairPlan { short_segments: 1, ..nothing }, RepairPlan { shards_without_host: 1, ..nothing }]
        {
            let said = plan_words(&lacking, false);
            assert!(said.starts_with("Would make no shard again\n1 s"), "{said}");
        }
    }

    #[test]
    fn a_repair_counts_one_as_one_and_says_when_nothing_was_due() {
        assert!(repair_words(&RepairReport::default(), false).starts_with("Nothing is due. With `--now`"));
        let waiting =
            vec![WaitingSegment { segment: "ab".to_owned(), reason: WaitReason::NotEnoughHosts, shards: 1 }];
        let made = RepairReport { rebuilt: 1, ..RepairReport::default() };
        let said = repair_words(&made, false);
        assert!(said.starts_with("1 shard made again, in 0 segments; "), "{said}");
        let said = repair_words(&RepairReport { waiting, ..RepairReport::default() }, false);
        assert!(said.contains("more hosts with room\n0 shards made again, "), "{said}");
    }

    #[test]
    fn what_audits_do_not_get_to_is_said_with_its_share() {
        let half = behind_words(AuditsBehind { covered_percent: 56, days: Some(106) });
        assert!(half.contains("reads 56 % of the bytes at hosts in 60 days awake, all in 106;"), "{half}");
        let off = behind_words(AuditsBehind { covered_percent: 0, days: None });
        assert!(off.starts_with("behind: switched off, or no budget"), "{off}");
    }

    #[test]
    fn a_check_counts_one_as_one() {
        let one =
            CheckReport { passed: 1, failed: 1, leaves: 1, short_segments: 1, ..CheckReport::default() };
        assert_eq!(
            check_words(&one),
            "1 shard passed, 1 missing or corrupt, 0 unreachable; 1 leaf proven, 0 B read in 0.0 s"
        );
        assert_eq!(
            problem_words(&one),
            "1 shard is missing or corrupt, 0 unreachable; `layr info NAME` shows which; 1 segment cannot be \
             brought back: too few of its shards lie anywhere"
        );
        let several = CheckReport { passed: 2, failed: 0, short_segments: 2, ..CheckReport::default() };
        assert!(problem_words(&several).starts_with("0 shards are missing or corrupt, "));
        assert!(problem_words(&several).contains("2 segments cannot be brought back: too few of their"));
    }
}
