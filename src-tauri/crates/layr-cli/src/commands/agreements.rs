//! `agreements [ID | check | renew | end | auto-renew | limit]`.

use std::path::Path;

use layr_keys::atomic::Existing;
use layr_node::agreements::{csv, spending};
use layr_node::api::{
    AgreementInfo, AgreementPhase, AgreementSide, AgreementsCheckReport, AgreementsEndReport,
    AgreementsEndRequest, AgreementsRenewPlan, AgreementsRenewRequest, AgreementsReport, AgreementsRequest,
    SpendingReport, SpendingSettings,
};
use layr_node::offline::Offline;
use serde_json::Value;

use crate::args::{
    AgreementsArgs, AgreementsCommand, AgreementsEndArgs, AgreementsLimitArgs, AgreementsRenewArgs,
    AutoRenewArgs,
};
use crate::failure::Outcome;
use crate::output::{Table, print};
use crate::quantity::bytes;
use crate::session::Session;

/// Bytes of a leaf.
const LEAF_BYTES: u64 = 1024;
/// Letters of a moment in RFC 3339 that are its day.
const DAY_LETTERS: usize = 10;

pub(crate) async fn run(session: &Session, args: AgreementsArgs) -> Outcome<()> {
    match args.command {
        None => show(session, args.id, args.csv.as_deref()).await,
        Some(AgreementsCommand::Check) => check(session).await,
        Some(AgreementsCommand::Renew(args)) => renew(session, args).await,
        Some(AgreementsCommand::End(args)) => end(session, args).await,
        Some(AgreementsCommand::AutoRenew(args)) => auto_renew(session, args).await,
        Some(AgreementsCommand::Limit(args)) => limit(session, args).await,
    }
}

/// From the running node; without one, from the home.
async fn show(session: &Session, id: Option<String>, table: Option<&Path>) -> Outcome<()> {
    let request = AgreementsRequest { id };
    let report: AgreementsReport = match session.connect_if_running().await? {
        Some(client) => session.call_on(client, "agreements", &request, |_| Ok(())).await?,
        None => Offline::open(&session.home)?.agreements(&session.home, &request)?,
    };
    if let Some(table) = table {
        csv::write(&report.agreements, table, Existing::Stays)?;
        return print(session.json, &report, |report| {
            format!("{} agreements in {}", report.agreements.len(), table.display())
        });
    }
    print(session.json, &report, |report| match (&request.id, report.agreements.as_slice()) {
        (Some(_), [agreement]) => details(agreement),
        _ => words(report),
    })
}

/// Has the running node do what is due.
async fn check(session: &Session) -> Outcome<()> {
    let report: AgreementsCheckReport = session.call("agreements.check", &Value::Null).await?;
    print(session.json, &report, check_words)
}

/// Has the running node agree on next terms.
async fn renew(session: &Session, args: AgreementsRenewArgs) -> Outcome<()> {
    let request = AgreementsRenewRequest {
        ids: (!args.all).then_some(args.ids),
        most_xlm: args.most,
        windows: args.windows,
    };
    if args.plan {
        let plan: AgreementsRenewPlan = session.call("agreements.plan", &request).await?;
        return print(session.json, &plan, plan_words);
    }
    let report: AgreementsCheckReport = session.call("agreements.renew", &request).await?;
    print(session.json, &report, check_words)
}

/// Has the running node end an agreement.
async fn end(session: &Session, args: AgreementsEndArgs) -> Outcome<()> {
    let request = AgreementsEndRequest { id: args.id };
    let report: AgreementsEndReport = session.call("agreements.end", &request).await?;
    print(session.json, &report, end_words)
}

async fn auto_renew(session: &Session, args: AutoRenewArgs) -> Outcome<()> {
    let settings = SpendingSettings {
        monthly_cap_xlm: args.budget,
        auto_renew: Some(args.on),
        ..SpendingSettings::default()
    };
    set_limits(session, Some(settings)).await
}

/// Shows the limits, or changes them.
async fn limit(session: &Session, args: AgreementsLimitArgs) -> Outcome<()> {
    let is_change = args.price.is_some() || args.monthly.is_some();
    let settings = SpendingSettings {
        max_price_xlm_per_gib_month: args.price,
        monthly_cap_xlm: args.monthly,
        ..SpendingSettings::default()
    };
    set_limits(session, is_change.then_some(settings)).await
}

/// In the running node, or in the home that the next start finds.
async fn set_limits(session: &Session, settings: Option<SpendingSettings>) -> Outcome<()> {
    let report: SpendingReport = match (session.connect_if_running().await?, settings) {
        (Some(client), Some(settings)) => {
            session.call_on(client, "agreements.limit", &settings, |_| Ok(())).await?
        }
        (Some(client), None) => {
            session.call_on(client, "agreements.limits", &Value::Null, |_| Ok(())).await?
        }
        (None, Some(settings)) => spending::set_offline(&session.home, &settings)?,
        (None, None) => spending::show_offline(&session.home)?,
    };
    print(session.json, &report, limit_words)
}

fn plan_words(plan: &AgreementsRenewPlan) -> String {
    if plan.terms.is_empty() {
        return "Nothing is due: agreements are renewed in the last 30 days of their term, and within `layr agreements limit`."
            .to_owned();
    }
    let mut table =
        Table::new(&["HOST", "WHAT", "FROM", "TO", ">SIZE", ">XLM/GIB/MONTH", ">DEPOSIT XLM", "NOT NOW"]);
    for term in &plan.terms {
        table.row(vec![
            term.host.clone(),
            if term.is_renewal { "next term" } else { "new" }.to_owned(),
            day(&term.start).to_owned(),
            day(&term.end).to_owned(),
            bytes(term.leaf_count.saturating_mul(LEAF_BYTES)),
            term.price_xlm_per_gib_month.clone(),
            term.deposit_xlm.clone(),
            term.obstacle.clone().unwrap_or_default(),
        ]);
    }
    let missing = match plan.missing_xlm.as_str() {
        "0" => String::new(),
        missing => format!("\nMissing    {missing} XLM"),
    };
    format!(
        "{}\n\nDeposits   {} XLM\nFees       at most {} XLM\nSpendable  {} XLM{missing}",
        table.render(),
        plan.deposits_xlm,
        plan.fee_cap_xlm,
        plan.spendable_xlm
    )
}

fn check_words(report: &AgreementsCheckReport) -> String {
    let counts = [
        (report.opened, "agreements opened"),
        (report.windows_proven, "windows proven"),
        (report.windows_missed, "windows missed"),
        (report.settled, "agreements settled"),
    ];
    let done = counts.iter().filter(|(count, _)| *count > 0);
    let mut lines: Vec<String> = done.map(|(count, what)| format!("{what}: {count}")).collect();
    if report.opened > 0 {
        lines.push(format!("put into escrow: {} XLM", report.deposited_xlm));
    }
    if lines.is_empty() {
        lines.push("Nothing was due.".to_owned());
    }
    for obstacle in &report.obstacles {
        let host = obstacle.host.as_deref().map(|host| format!("{host}: ")).unwrap_or_default();
        lines.push(format!("not now: {host}{}", obstacle.reason));
    }
    lines.join("\n")
}

fn end_words(report: &AgreementsEndReport) -> String {
    let AgreementInfo { id, host, end, .. } = &report.agreement;
    let ends = if report.is_shortened { "ends" } else { "ends anyway" };
    format!(
        "Agreement {id} {ends} on {}. Until then it is proven and paid as before.\nWhat lies at {host} stays there: {} that nobody pays for after that. Nothing is moved by itself; `layr agreements renew {id}` agrees on it anew.",
        day(end),
        size(&report.agreement),
    )
}

fn words(report: &AgreementsReport) -> String {
    let mut table = Table::new(&[
        ">ID",
        "WITH",
        "ROLE",
        "STATE",
        "FROM",
        "TO",
        ">PROVEN",
        ">MISSED",
        ">OF",
        ">SIZE",
        ">PAID XLM",
        ">HELD XLM",
    ]);
    // What came to nothing is told by its id, and to scripts.
    for agreement in report.agreements.iter().filter(|one| one.state != AgreementPhase::Dropped) {
        table.row(vec![
            agreement.id.clone(),
            with(agreement).to_owned(),
            role_words(agreement.role).to_owned(),
            phase_words(agreement.state).to_owned(),
            day(&agreement.start).to_owned(),
            day(&agreement.end).to_owned(),
            agreement.windows_proven.to_string(),
            agreement.windows_missed.to_string(),
            agreement.windows_total.to_string(),
            size(agreement),
            agreement.paid_xlm.clone(),
            agreement.held_xlm.clone(),
        ]);
    }
    let table = table.render();
    let listed = if table.is_empty() { "No agreements.".to_owned() } else { table };
    let limits = limit_words(&report.limits);
    let fees = match report.month_fees_xlm.as_str() {
        "0" => String::new(),
        fees => format!("\nFees       {fees} XLM in the last 30 days; they count in what may be spent"),
    };
    format!("{listed}\n\n{limits}{fees}")
}

fn details(agreement: &AgreementInfo) -> String {
    format!(
        "Agreement  {}, {}\nWith       {}, {}\nTerm       {} to {}\nWindows    {} proven, {} missed, of {}\nNext proof {}\nSize       {}\nPrice      {} XLM for a GiB and month, {} XLM a window\nMissed     costs the host {} XLM a window beyond {}, besides its rent\nDeposit    {} XLM by the owner, {} XLM by the host\nPaid       {} XLM, {} XLM of the deposit left\nHeld       {} XLM\nEscrow     {}",
        agreement.id,
        phase_words(agreement.state),
        with(agreement),
        role_words(agreement.role),
        agreement.start,
        agreement.end,
        agreement.windows_proven,
        agreement.windows_missed,
        agreement.windows_total,
        agreement
            .next_proof
            .as_ref()
            .map_or("–".to_owned(), |due| format!("{} to {}", due.from, due.until)),
        size(agreement),
        agreement.price_xlm_per_gib_month,
        agreement.window_rent_xlm,
        agreement.missed_window_xlm,
        agreement.misses_allowed,
        agreement.deposit_xlm,
        agreement.collateral_xlm,
        agreement.paid_xlm,
        agreement.left_xlm,
        agreement.held_xlm,
        agreement.escrow.as_deref().unwrap_or("–"),
    )
}

/// The other side.
fn with(agreement: &AgreementInfo) -> &str {
    match agreement.role {
        AgreementSide::Owner => &agreement.host,
        AgreementSide::Host => &agreement.owner,
    }
}

fn role_words(role: AgreementSide) -> &'static str {
    match role {
        AgreementSide::Owner => "you pay",
        AgreementSide::Host => "you are paid",
    }
}

fn phase_words(phase: AgreementPhase) -> &'static str {
    match phase {
        AgreementPhase::Proposed => "asked for",
        AgreementPhase::Dropped => "came to nothing",
        other => other.as_str(),
    }
}

fn day(moment: &str) -> &str {
    moment.get(..DAY_LETTERS).unwrap_or(moment)
}

fn size(agreement: &AgreementInfo) -> String {
    bytes(agreement.leaf_count.saturating_mul(LEAF_BYTES))
}

fn limit_words(limits: &SpendingReport) -> String {
    let SpendingReport { max_price_xlm_per_gib_month: price, monthly_cap_xlm: cap, auto_renew } = limits;
    match (price.as_str(), cap.as_str()) {
        ("0", _) => format!(
            "Limits     only hosts that are free store your files; {cap} XLM may be spent in 30 days. `layr agreements limit --price XLM --monthly XLM` allows more."
        ),
        (_, "0") => format!(
            "Limits     hosts may ask up to {price} XLM for a GiB and month, but nothing may be spent; `layr agreements limit --monthly XLM` allows it."
        ),
        _ => {
            let ends = if *auto_renew {
                "agreements renew themselves"
            } else {
                "agreements end unless you renew them"
            };
            format!(
                "Limits     hosts may ask up to {price} XLM for a GiB and month; up to {cap} XLM may be spent in 30 days; {ends}."
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agreement(role: AgreementSide, state: AgreementPhase) -> AgreementInfo {
        AgreementInfo {
            id: "7".to_owned(),
            host: "12D3KooHost".to_owned(),
            owner: "ab12".to_owned(),
            role,
            state,
            start: "2026-01-01T00:00:00Z".to_owned(),
            end: "2026-04-02T00:00:00Z".to_owned(),
            windows_total: 13,
            windows_proven: 3,
            windows_missed: 1,
            windows: Vec::new(),
            window_rent_xlm: "0.25".to_owned(),
            missed_window_xlm: "0.0769230".to_owned(),
            misses_allowed: 1,
            renewable_from: "2026-03-12T00:00:00Z".to_owned(),
            next_proof: None,
            price_xlm_per_gib_month: "0.3".to_owned(),
            deposit_xlm: "5".to_owned(),
            collateral_xlm: "1".to_owned(),
            paid_xlm: "0.75".to_owned(),
            held_xlm: "6".to_owned(),
            left_xlm: "4.25".to_owned(),
            leaf_count: 1 << 20,
            auto_renew: false,
            escrow: None,
        }
    }

    fn limits(price: &str, cap: &str) -> SpendingReport {
        SpendingReport {
            max_price_xlm_per_gib_month: price.to_owned(),
            monthly_cap_xlm: cap.to_owned(),
            auto_renew: false,
        }
    }

    #[test]
    fn a_table_names_the_other_side_and_leaves_out_what_came_to_nothing() {
        let report = AgreementsReport {
            agreements: vec![
                agreement(AgreementSide::Owner, AgreementPhase::Active),
                agreement(AgreementSide::Host, AgreementPhase::Ending),
                agreement(AgreementSide::Owner, AgreementPhase::Dropped),
            ],
            limits: limits("0.3", "20"),
            month_fees_xlm: "0.0731".to_owned(),
            runway_days: Some(91),
            now: "2026-01-01T00:00:00Z".to_owned(),
        };
        let shown = words(&report);
        let lines: Vec<&str> = shown.lines().collect();
        let columns = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ");
        assert_eq!(
            columns(lines[1]),
            "7 12D3KooHost you pay active 2026-01-01 2026-04-02 3 1 13 1.0 GiB 0.75 6"
        );
        assert_eq!(
            columns(lines[2]),
            "7 ab12 you are paid ending 2026-01-01 2026-04-02 3 1 13 1.0 GiB 0.75 6"
        );
        assert_eq!((lines[3], lines.len()), ("", 6));
        assert!(lines[4].contains("up to 20 XLM"), "{}", lines[4]);
        assert!(lines[5].contains("0.0731 XLM in the last 30 days"), "{}", lines[5]);
        let without = words(&AgreementsReport { month_fees_xlm: "0".to_owned(), ..report });
        assert!(!without.contains("Fees"), "{without}");
    }

    #[test]
    fn what_nobody_has_signed_yet_is_called_what_it_is() {
        assert_eq!(phase_words(AgreementPhase::Proposed), "asked for");
        assert_eq!(phase_words(AgreementPhase::Opening), "opening");
    }

    #[test]
    fn who_ends_an_agreement_is_told_when_and_what_becomes_of_the_data() {
        let agreement = agreement(AgreementSide::Owner, AgreementPhase::Active);
        let report = AgreementsEndReport { agreement, is_shortened: true };
        let told = end_words(&report);
        assert!(told.starts_with("Agreement 7 ends on 2026-04-02."), "{told}");
        assert!(told.contains("12D3KooHost") && told.contains("1.0 GiB that nobody pays for"), "{told}");
        let told = end_words(&AgreementsEndReport { is_shortened: false, ..report });
        assert!(told.contains("ends anyway on 2026-04-02"), "{told}");
    }

    #[test]
    fn who_allows_nothing_is_told_how_to() {
        assert!(limit_words(&limits("0", "0")).contains("layr agreements limit --price"));
        assert!(limit_words(&limits("0.3", "0")).contains("nothing may be spent"));
        assert!(limit_words(&limits("0.3", "1")).contains("up to 1 XLM"));
    }
}
