//! `verify`, `audit`, `repair`, `hosts`, `status`: how the data and the node are.

use layr_control::{AuditParams, HostsParams, RepairParams, VerifyParams};
use layr_node::api::{
    CheckReport, CheckResult, HostsReport, RepairPlan, RepairReport, Reputation, StatusReport, WaitReason,
};
use layr_node::error::ErrorCode;
use serde_json::Value;

use crate::args::{AuditArgs, HostsArgs, RepairArgs, VerifyArgs};
use crate::failure::{Finished, Outcome};
use crate::output::{Table, print};
use crate::quantity::bytes;
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
    let mut words = format!(
        "{} shards are missing or corrupt, {} unreachable; `layr info NAME` shows which",
        report.failed, report.unreachable
    );
    if report.short_segments > 0 {
        let short = report.short_segments;
        words =
            format!("{words}; {short} segments cannot be brought back: too few of their shards lie anywhere");
    }
    Ok(Finished::Problems { code: ErrorCode::Damaged, words })
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
        count => format!(" {count} leaves proven,"),
    };
    let summary = format!(
        "{} shards passed, {} missing or corrupt, {} unreachable;{leaves} {} read in {:.1} s",
        report.passed,
        report.failed,
        report.unreachable,
        bytes(report.bytes_received),
        report.duration_s
    );
    format!("{}\n{summary}", table.render()).trim_start().to_owned()
}

pub(crate) async fn repair(session: &Session, args: RepairArgs) -> Outcome<Finished> {
    let params = RepairParams { names: args.names, now: args.now };
    if args.dry_run {
        let plan: RepairPlan = session.call("repair_plan", &params).await?;
        print(session.json, &plan, plan_words)?;
        return Ok(Finished::Done);
    }
    let report: RepairReport = session.call("repair", &params).await?;
    print(session.json, &report, repair_words)?;
    let waiting = |reason| report.waiting.iter().filter(|segment| segment.reason == reason).count();
    let lost = waiting(WaitReason::TooFewShards) + waiting(WaitReason::Damaged);
    let short = waiting(WaitReason::NotEnoughHosts);
    if lost > 0 {
        let words = format!("{lost} segments cannot be repaired: fewer of their shards answer than it takes");
        return Ok(Finished::Problems { code: ErrorCode::Damaged, words });
    }
    if short > 0 {
        let words = format!("{short} segments wait for hosts that hold nothing of them yet and have room");
        return Ok(Finished::Problems { code: ErrorCode::NotEnoughHosts, words });
    }
    Ok(Finished::Done)
}

fn plan_words(plan: &RepairPlan) -> String {
    let mut lines = vec![format!(
        "Would make {} shards again, in {} segments; reads {}, sends {}",
        plan.shards,
        plan.segments,
        bytes(plan.read_bytes),
        bytes(plan.sent_bytes)
    )];
    for (count, words) in [
        (
            plan.shards_without_host,
            "shards wait for hosts that hold nothing of their segment yet and have room",
        ),
        (
            plan.short_segments,
            "segments have fewer healthy shards than it takes: only a try tells whether more answer",
        ),
        (plan.segments_of_others, "segments were stored by somebody else, who repairs them"),
    ] {
        if count > 0 {
            lines.push(format!("{count} {words}"));
        }
    }
    lines.join("\n")
}

fn repair_words(report: &RepairReport) -> String {
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
        "{} shards made again, in {} segments; {} read, {} sent, in {:.1} s",
        report.rebuilt,
        report.health.len(),
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
                reputation_words(host.reputation).to_owned(),
                if host.relayed_only { "only by a relay: gets no shards" } else { "" }.to_owned(),
            ]);
        }
        if report.hosts.is_empty() { "No hosts known yet.".to_owned() } else { table.render() }
    })?;
    Ok(())
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
        lines.push(format!(
            "Health     the worst file has {} of {} shards, {} needed",
            health.alive, health.total, health.needed
        ));
    }
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
