//! `limit`.

use layr_node::api::{BandwidthReport, BandwidthSettings};
use layr_node::bandwidth;
use serde_json::Value;

use crate::args::LimitArgs;
use crate::failure::Outcome;
use crate::output::print;
use crate::quantity::{rate_limit, when_held};
use crate::session::Session;

/// Shows the limits, or changes them in the running node or in the home that the next start finds.
pub(crate) async fn run(session: &Session, args: LimitArgs) -> Outcome<()> {
    let is_change = args.up.is_some() || args.down.is_some() || args.schedule.is_some();
    let settings = BandwidthSettings {
        up_bytes_per_s: args.up.map(|rate| rate.0),
        down_bytes_per_s: args.down.map(|rate| rate.0),
        schedule: args.schedule.map(|schedule| schedule.to_string()),
    };
    let report: BandwidthReport = match (session.connect_if_running().await?, is_change) {
        (Some(client), true) => session.call_on(client, "bandwidth.set", &settings, |_| Ok(())).await?,
        (Some(client), false) => session.call_on(client, "bandwidth.show", &Value::Null, |_| Ok(())).await?,
        (None, true) => bandwidth::set_offline(&session.home, &settings)?,
        (None, false) => bandwidth::show_offline(&session.home)?,
    };
    print(session.json, &report, words)?;
    Ok(())
}

fn words(report: &BandwidthReport) -> String {
    let [up, down] = [report.up_bytes_per_s, report.down_bytes_per_s].map(rate_limit);
    format!("All transfers together: {up} up, {down} down; {}", when_held(&report.schedule, report.in_force))
}
