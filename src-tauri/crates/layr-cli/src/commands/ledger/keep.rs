//! `ledger keep`.

use std::io::{IsTerminal as _, Write as _};

use layr_node::api::{ContractLifeReport, LedgerKeepPlan, LedgerKeepReport, LedgerKeepRequest};
use layr_node::error::{ErrorCode, NodeError};

use crate::args::LedgerKeepArgs;
use crate::failure::{self, Outcome};
use crate::output::print;
use crate::session::Session;

/// Letters of a moment in RFC 3339 that are its day.
const DAY_LETTERS: usize = 10;

pub(super) async fn run(session: &Session, args: LedgerKeepArgs) -> Outcome<()> {
    let LedgerKeepArgs { plan, yes, force, fee_cap } = args;
    let request = LedgerKeepRequest { force, fee_cap_xlm: fee_cap };
    if plan || !yes {
        let planned: LedgerKeepPlan = session.call("ledger.plan", &request).await?;
        if plan {
            return print(session.json, &planned, plan_words);
        }
        if planned.restores || planned.extends {
            ask(&planned)?;
        }
    }
    let report: LedgerKeepReport = session.call("ledger.keep", &request).await?;
    print(session.json, &report, words)
}

/// Whether the person pays what it comes to.
fn ask(plan: &LedgerKeepPlan) -> Outcome<()> {
    if !std::io::stdin().is_terminal() {
        let message = format!(
            "it would cost up to {} lumens, and there is no terminal to ask at; say --yes to pay them",
            plan.fee_xlm
        );
        return Err(failure::usage(message));
    }
    let mut err = std::io::stderr().lock();
    let asked = writeln!(err, "{}", plan_words(plan)).and_then(|()| write!(err, "Pay this? [y/N] "));
    asked.and_then(|()| err.flush()).map_err(|error| failure::local("cannot ask", &error))?;
    let mut answer = String::new();
    std::io::stdin()
        .read_line(&mut answer)
        .map_err(|error| failure::local("cannot read an answer", &error))?;
    if matches!(answer.trim(), "y" | "Y" | "yes") {
        return Ok(());
    }
    Err(NodeError::new(ErrorCode::Interrupted, "nothing was paid"))
}

fn plan_words(plan: &LedgerKeepPlan) -> String {
    let what = match (plan.restores, plan.extends) {
        (false, false) => {
            return format!("Nothing is due: {}. --force pays for more all the same.", lives(&plan.life));
        }
        (true, true) => "restore the contract's code, and extend its life",
        (true, false) => "restore the contract's code",
        (false, true) => "extend the life of the contract's code",
    };
    format!(
        "Now        {}\nWould      {what} until about {} (ledger {})\nFee        up to {} XLM; more than {} a transaction is refused\nLeft       {} XLM to spend",
        lives(&plan.life),
        day(&plan.until),
        plan.until_ledger,
        plan.fee_xlm,
        plan.fee_cap_xlm,
        plan.left_xlm
    )
}

fn words(report: &LedgerKeepReport) -> String {
    let done = match (report.restored, report.extended) {
        (false, false) => return format!("Nothing was due: {}.", lives(&report.life)),
        (true, true) => "restored, and its life extended",
        (true, false) => "restored",
        (false, true) => "extended",
    };
    format!("Done       {done}: {}\nFee        {} XLM", lives(&report.life), report.fee_xlm)
}

/// What a person should know of the contract's life; none while it is long.
pub(crate) fn life_words(life: &ContractLifeReport) -> Option<String> {
    if life.is_archived {
        return Some(
            "Contract   its code has been archived on this ledger, and nothing is agreed on, proven or settled; `layr ledger keep` restores it"
                .to_owned(),
        );
    }
    life.is_short.then(|| format!("Contract   {}; `layr ledger keep` pays for more of it", lives(life)))
}

fn lives(life: &ContractLifeReport) -> String {
    if life.is_archived {
        return "the contract's code is archived".to_owned();
    }
    format!(
        "the contract's code lives until about {} (ledger {})",
        day(&life.live_until),
        life.live_until_ledger
    )
}

/// The day of a moment.
fn day(moment: &str) -> &str {
    moment.get(..DAY_LETTERS).unwrap_or(moment)
}
