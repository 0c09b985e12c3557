//! `host set | show | pause | resume`.

use layr_node::api::{HostLimits, HostReport, HostSettings};
use serde_json::Value;

use crate::args::{HostCommand, HostSetArgs};
use crate::failure::Outcome;
use crate::output::print;
use crate::quantity::{bytes, rate_limit, when_held};
use crate::session::Session;

pub(crate) async fn run(session: &Session, command: HostCommand) -> Outcome<()> {
    let report: HostReport = match command {
        HostCommand::Set(args) => return set(session, args).await,
        HostCommand::Show => session.call("host.show", &Value::Null).await?,
        HostCommand::Pause => session.call("host.pause", &Value::Null).await?,
        HostCommand::Resume => session.call("host.resume", &Value::Null).await?,
    };
    print(session.json, &report, words)?;
    Ok(())
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
    let state = match (report.hosting, report.paused) {
        (false, _) => "off: takes no new shards, serves what it has",
        (true, true) => "paused: takes no new shards, serves what it has",
        (true, false) => "on",
    };
    format!(
        "Hosting    {state}\nSpace      {} used, {} reserved, of {}\nHolds      {} shards of {} owners\nEarned     {} XLM, {} XLM at risk\nLimits     {}",
        bytes(report.used_bytes),
        bytes(report.reserved_bytes),
        bytes(report.quota_bytes),
        report.shards,
        report.owners,
        report.earned_xlm,
        report.at_risk_xlm,
        limits(&report.limits)
    )
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
