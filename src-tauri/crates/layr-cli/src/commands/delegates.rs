//! `delegate create | accept | ls | revoke`.

use layr_control::DelegateIdParams;
use layr_node::api::{DelegateInfo, DelegateRequest, DelegatesReport, EntrustingOwner};
use serde_json::Value;

use crate::args::DelegateCommand;
use crate::failure::Outcome;
use crate::output::{print, stdout_line};
use crate::quantity::counted;
use crate::session::Session;

pub(crate) async fn run(session: &Session, command: DelegateCommand) -> Outcome<()> {
    let (report, next): (DelegatesReport, Option<&str>) = match command {
        DelegateCommand::Create(args) => {
            let request =
                DelegateRequest { peer_id: args.peer_id, name: args.name, addresses: args.addresses };
            let report: DelegatesReport = session.call("delegate.create", &request).await?;
            (report, Some("It begins once its person agrees, there:"))
        }
        DelegateCommand::Accept { id } => {
            (session.call("delegate.accept", &DelegateIdParams { id }).await?, None)
        }
        DelegateCommand::Ls => (session.call("delegate.ls", &Value::Null).await?, None),
        DelegateCommand::Revoke { id } => {
            (session.call("delegate.revoke", &DelegateIdParams { id }).await?, None)
        }
    };
    print(session.json, &report, words)?;
    match next {
        Some(next) if !session.json => stdout_line(&format!("{next} layr delegate accept {}", report.owner)),
        _ => Ok(()),
    }
}

fn words(report: &DelegatesReport) -> String {
    let mut lines: Vec<String> = report.delegates.iter().map(delegate).collect();
    lines.extend(report.owners.iter().map(owner));
    if lines.is_empty() {
        lines.push(
            "Nobody looks after your files while your devices sleep, and you look after nobody\u{2019}s."
                .to_owned(),
        );
    }
    if let Some(until) = &report.untold_until {
        lines.push(format!(
            "It could not be told. Hosts may take shards from it in your name until {until}; nothing that it says counts."
        ));
    }
    format!("You are    {}\n{}", report.owner, lines.join("\n"))
}

fn delegate(delegate: &DelegateInfo) -> String {
    let DelegateInfo { peer_id, name, last_heard, expires, placed, refuted, problem, .. } = delegate;
    let named = if name.is_empty() { peer_id.clone() } else { format!("{name} ({peer_id})") };
    let heard = last_heard.as_ref().map_or("not heard yet".to_owned(), |at| format!("last heard {at}"));
    let ends = until(expires.as_ref());
    let mut words =
        vec![format!("Delegate   {named}: {heard}{ends}; {} made again", counted(*placed, "shard"))];
    if *refuted > 0 {
        words.push(format!("; {} proved false", counted(*refuted, "claim")));
    }
    words.extend(problem.as_ref().map(|problem| format!("\n           {problem}")));
    words.concat()
}

/// A delegation is renewed by itself while both sides hear of each other.
fn until(expires: Option<&String>) -> String {
    expires.map(|at| format!(", may store until {at}")).unwrap_or_default()
}

fn owner(owner: &EntrustingOwner) -> String {
    let EntrustingOwner { owner, last_heard, segments, untold, expires } = owner;
    let ends = until(expires.as_ref());
    let what = match last_heard {
        None => "has given nothing yet".to_owned(),
        Some(at) => format!("{}, last heard {at}{ends}, {untold} to tell", counted(*segments, "segment")),
    };
    format!("Works for  {owner}: {what}")
}

#[cfg(test)]
mod tests {
    use layr_node::api::{DelegateInfo, DelegatesReport, EntrustingOwner};

    use super::words;

    #[test]
    fn what_stands_between_is_said_and_false_claims_are_counted() {
        let nobody = DelegatesReport { owner: "5c".to_owned(), ..DelegatesReport::default() };
        assert!(words(&nobody).starts_with("You are    5c\nNobody looks after"), "{}", words(&nobody));
        let delegate = DelegateInfo {
            peer_id: "12D3".to_owned(),
            name: "server".to_owned(),
            since: String::new(),
            expires: None,
            last_heard: None,
            heard: 4,
            placed: 1,
            refuted: 2,
            problem: Some("It has not agreed yet.".to_owned()),
        };
        let owner = EntrustingOwner {
            owner: "77".to_owned(),
            expires: None,
            last_heard: None,
            segments: 0,
            untold: 0,
        };
        let said = words(&DelegatesReport { delegates: vec![delegate], owners: vec![owner], ..nobody });
        assert!(
            said.contains("server (12D3): not heard yet; 1 shard made again; 2 claims proved false\n"),
            "{said}"
        );
        assert!(said.contains("It has not agreed yet.\nWorks for  77: has given nothing yet"), "{said}");
    }
}
