//! `host set | show | pause | resume | leave`.

use layr_node::api::{HostLimits, HostReport, HostSettings, LeaveRequest};
use serde_json::Value;

use crate::args::{HostCommand, HostLeaveArgs, HostSetArgs};
use crate::failure::Outcome;
use crate::output::print;
use crate::quantity::{Period, bytes, rate_limit, when_held};
use crate::session::Session;

pub(crate) async fn run(session: &Session, command: HostCommand) -> Outcome<()> {
    let report: HostReport = match command {
        HostCommand::Set(args) => return set(session, args).await,
        HostCommand::Show => session.call("host.show", &Value::Null).await?,
        HostCommand::Pause => session.call("host.pause", &Value::Null).await?,
        HostCommand::Resume => session.call("host.resume", &Value::Null).await?,
        HostCommand::Leave(HostLeaveArgs { cancel: true, .. }) => {
            session.call("host.stay", &Value::Null).await?
        }
        HostCommand::Leave(args) => return leave(session, &args).await,
    };
    print(session.json, &report, words)?;
    Ok(())
}

async fn leave(session: &Session, args: &HostLeaveArgs) -> Outcome<()> {
    let report: HostReport = session.call("host.leave", &leave_request(args)).await?;
    print(session.json, &report, |report| {
        if report.hosting {
            return words(report);
        }
        "Nothing of others lies here: this node has left, and lends no space any more.".to_owned()
    })?;
    Ok(())
}

fn leave_request(args: &HostLeaveArgs) -> LeaveRequest {
    // What is out of bounds is out of them as the largest number, too.
    let seconds = |period: Period| u32::try_from(period.0).unwrap_or(u32::MAX);
    LeaveRequest { until_s: args.until.map(seconds) }
}

/// In the running node, or in the home that the next start finds.
async fn set(session: &Session, args: HostSetArgs) -> Outcome<()> {
    let settings = HostSettings {
        quota_bytes: args.quota.map(|size| size.0),
        up_bytes_per_s: args.up.map(|rate| rate.0),
        down_bytes_per_s: args.down.map(|rate| rate.0),
        peer_up_bytes_per_s: args.peer_up.map(|rate| rate.0),
        peer_down_bytes_per_s: args.peer_down.map(|rate| rate.0),
        max_term_days: args.max_term,
        price_xlm_per_gib_month: args.price.map(|price| price.to_string()),
        collateral_percent: args.collateral,
        schedule: args.schedule.map(|schedule| schedule.to_string()),
    };
    if let Some(client) = session.connect_if_running().await? {
        let report: HostReport = session.call_on(client, "host.set", &settings, |_| Ok(())).await?;
        print(session.json, &report, words)?;
        return Ok(());
    }
    let report = layr_node::host::set_offline(&session.home, &settings)?;
    print(session.json, &report, |_| "Saved; the node hosts on these terms from its next start.".to_owned())?;
    Ok(())
}

fn words(report: &HostReport) -> String {
    if let Some(reason) = &report.unusable {
        return format!("Hosting    off\n{reason}");
    }
    if !report.hosting && report.used_bytes == 0 {
        return "This node lends no space. Set a quota to start: `layr host set --quota 100GB`".to_owned();
    }
    let state = match (report.hosting, &report.leaves_at, report.paused) {
        (false, Some(_), _) => "off, and not everything was fetched: serves what it has".to_owned(),
        (false, None, _) => "off: takes no new shards, serves what it has".to_owned(),
        (true, Some(at), _) => {
            format!("leaving: takes no new shards, and stops when none is left, on {at} at the latest")
        }
        (true, None, true) => "paused: takes no new shards, serves what it has".to_owned(),
        (true, None, false) => "on".to_owned(),
    };
    format!(
        "Hosting    {state}\nSpace      {} used, {} reserved, of {}\nHolds      {} shards of {} owners\nPrice      {}\nEarned     {} XLM, {} XLM at risk\nLimits     {}",
        bytes(report.used_bytes),
        bytes(report.reserved_bytes),
        bytes(report.quota_bytes),
        report.shards,
        report.owners,
        price(&report.limits),
        report.earned_xlm,
        report.at_risk_xlm,
        limits(&report.limits)
    )
}

fn price(limits: &HostLimits) -> String {
    let HostLimits { price_xlm_per_gib_month: price, collateral_percent: collateral, .. } = limits;
    if price == "0" {
        return "free".to_owned();
    }
    format!("{price} XLM for a GiB and month, with {collateral} % of the rent as collateral")
}

fn limits(limits: &HostLimits) -> String {
    let HostLimits { up_bytes_per_s, down_bytes_per_s, peer_up_bytes_per_s, peer_down_bytes_per_s, .. } =
        limits;
    let [up, down, peer_up, peer_down] =
        [up_bytes_per_s, down_bytes_per_s, peer_up_bytes_per_s, peer_down_bytes_per_s]
            .map(|rate| rate_limit(*rate));
    let when = when_held(&limits.schedule, limits.in_force);
    format!("{up} up, {down} down; for each other computer {peer_up} up, {peer_down} down; {when}")
}
