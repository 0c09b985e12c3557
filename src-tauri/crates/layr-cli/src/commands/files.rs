//! `put`, `get`, `ls`, `info`, `rm`, `mv`, `restore`, `trash`.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use layr_control::{LsParams, MvParams, NameParams, NamesParams, ReadParams, RestoreParams};
use layr_node::api::{
    DurabilityModel, GetReport, GetRequest, Health, HealthState, InfoReport, ListReport, ListedFile,
    PartEventKind, PartHistory, PutReport, PutRequest, ShardFailure, ShardInfo, StorageCost,
};
use layr_node::error::{ErrorCode, NodeError};
use layr_node::offline::Offline;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::args::{GetArgs, LsArgs, MvArgs, NameArg, NamesArg, PutArgs, RestoreArgs};
use crate::failure::{self, Finished, Outcome};
use crate::output::{Table, print, stderr_line, written_or_unread};
use crate::quantity::{about_chance, bytes, chance, counted, printable};
use crate::session::{Session, sendable};

pub(crate) async fn put(session: &Session, args: PutArgs) -> Outcome<Finished> {
    let paths = args.paths.iter().map(|path| sendable(path)).collect::<Outcome<Vec<PathBuf>>>()?;
    if let Some(missing) = paths.iter().find(|path| path.symlink_metadata().is_err()) {
        return Err(NodeError::new(
            ErrorCode::NotFound,
            format!("there is no {}; nothing was stored", missing.display()),
        ));
    }
    let request = PutRequest {
        paths,
        to: args.to,
        redundancy: args.redundancy.map(|chosen| (chosen.needed, chosen.total)),
        dry_run: args.dry_run,
    };
    let report: PutReport = session.call("put", &request).await?;
    print(session.json, &report, put_words)?;
    if report.skipped.is_empty() {
        return Ok(Finished::Done);
    }
    if !session.json {
        for skipped in &report.skipped {
            stderr_line(&format!("not stored: {}: {}", printable(&skipped.path), skipped.reason));
        }
    }
    Ok(Finished::Problems {
        code: ErrorCode::LocalFile,
        words: format!("{} of the paths could not be stored; everything else is safe", report.skipped.len()),
    })
}

/// Files that a `put` lists by name.
const SHOWN: usize = 20;

fn put_words(report: &PutReport) -> String {
    let sum = |of: fn(&layr_node::api::PutFile) -> u64| report.files.iter().map(of).sum::<u64>();
    let size = sum(|file| file.size);
    let new = sum(|file| file.uploaded_bytes);
    let known = sum(|file| file.deduplicated_bytes);
    if report.dry_run {
        return format!(
            "{}, {}: {} would be new, {} are stored already.\nHosts would store {}; cost a month: {} XLM.\n{}Nothing was sent.",
            counted(report.files.len(), "file"),
            bytes(size),
            bytes(new),
            bytes(known),
            bytes(report.stored_bytes),
            report.cost_xlm_per_month.as_deref().unwrap_or("0"),
            report.cost.as_ref().map(cost_words).unwrap_or_default(),
        );
    }
    let mut table = Table::new(&["NAME", ">SIZE", ">NEW", "HEALTH"]);
    for file in report.files.iter().take(SHOWN) {
        let health = (file.health.total > 0).then_some(file.health);
        table.row(vec![
            printable(&file.name),
            bytes(file.size),
            bytes(file.uploaded_bytes),
            health_words(health),
        ]);
    }
    let more = report.files.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!("\n… and {more} more") } else { String::new() };
    format!(
        "{}{more}\nSafe: {}, {} ({} new, {} stored already) in {:.1} s",
        table.render(),
        counted(report.files.len(), "file"),
        bytes(size),
        bytes(new),
        bytes(known),
        report.duration_s
    )
    .trim_start()
    .to_owned()
}

/// What a term costs, where it costs anything.
fn cost_words(cost: &StorageCost) -> String {
    if cost.deposit_xlm == "0" {
        return String::new();
    }
    let shortage = cost.shortage.as_ref().map(|shortage| format!("\n{shortage}")).unwrap_or_default();
    format!(
        "For {} days: {} XLM rent and about {} XLM fees; {} XLM go into escrow, and what hosts do not earn comes back. Hosts put in {} XLM.{shortage}\n",
        cost.term_days, cost.rent_xlm, cost.fees_xlm, cost.deposit_xlm, cost.collateral_xlm,
    )
}

pub(crate) async fn get(session: &Session, args: GetArgs) -> Outcome<()> {
    let name = manifest_path_or_name(&args.name)?;
    let range = args.range.map(|range| (range.first, range.last));
    if args.output.as_deref() == Some(Path::new("-")) {
        return get_to_stdout(session, ReadParams { name, range, version: args.version }).await;
    }
    let output = match args.output {
        Some(path) => sendable(&path)?,
        // The top of the library has no name to give.
        None if args.name.trim_matches('/').is_empty() => sendable(Path::new(default_target("/")))?,
        // Everything else has one that the node knows, also what an id, a link or a file stands for.
        None => sendable(Path::new("."))?,
    };
    let request = GetRequest { name, output, range, version: args.version };
    let report: GetReport = session.call("get", &request).await?;
    print(session.json, &report, |report| {
        let size = report.files.iter().map(|file| file.size).sum();
        match report.files.as_slice() {
            [file] => format!("{} ({}) in {:.1} s", printable(&file.path), bytes(size), report.duration_s),
            files => {
                format!("{}, {} in {:.1} s", counted(files.len(), "file"), bytes(size), report.duration_s)
            }
        }
    })?;
    Ok(())
}

async fn get_to_stdout(session: &Session, params: ReadParams) -> Outcome<()> {
    if session.json {
        return Err(failure::usage("--json and -o - both want standard output; choose one"));
    }
    let client = session.connect().await?;
    let mut is_unread = false;
    let write = |data: &[u8]| {
        let written = std::io::stdout().lock().write_all(data);
        is_unread = written.as_ref().is_err_and(|error| error.kind() == ErrorKind::BrokenPipe);
        written
    };
    match session.call_on::<_, Value>(client, "read", &params, write).await {
        // As `layr ls | head`.
        Err(_) if is_unread => Ok(()),
        Err(error) => Err(error),
        Ok(_) => written_or_unread(std::io::stdout().lock().flush()),
    }
}

/// An existing `.layr` file goes to the node by its absolute path; everything else is a name of the library.
fn manifest_path_or_name(text: &str) -> Outcome<String> {
    let path = Path::new(text);
    let is_manifest = path.extension().is_some_and(|extension| extension == "layr") && path.is_file();
    if !is_manifest {
        return Ok(text.to_owned());
    }
    sendable(path).map(|path| path.to_string_lossy().into_owned())
}

/// The last part of a library name, without `.layr`.
pub(super) fn default_target(name: &str) -> &str {
    let last =
        name.trim_end_matches('/').rsplit('/').next().filter(|last| !last.is_empty()).unwrap_or("library");
    last.strip_suffix(".layr").unwrap_or(last)
}

pub(crate) async fn ls(session: &Session, args: LsArgs) -> Outcome<()> {
    let params = LsParams { dir: args.dir, recursive: args.recursive, versions: args.versions };
    let report: ListReport = read(session, "ls", &params, |offline| {
        offline.ls(params.dir.as_deref(), params.recursive, params.versions)
    })
    .await?;
    print(session.json, &report, |report| list_words(&report.files, report.model.as_ref()))?;
    Ok(())
}

fn list_words(files: &[ListedFile], model: Option<&DurabilityModel>) -> String {
    let is_assumed = model.is_some_and(|model| model.assumed);
    let lost = if is_assumed { "LOST IN A YEAR (ASSUMED)" } else { "LOST IN A YEAR" };
    let mut table = Table::new(&["ID", "NAME", ">SIZE", "MODIFIED", ">VERSION", "HEALTH", lost]);
    for file in files {
        let name = printable(&file.name);
        let name = match file.kind.as_str() {
            "directory" => format!("{name}/"),
            "symlink" => format!("{name}@"),
            _ => name,
        };
        table.row(vec![
            file.id.clone(),
            name,
            bytes(file.size),
            file.modified.clone(),
            file.version.to_string(),
            health_words(file.health),
            chance_to_lose(file).map_or_else(|| "–".to_owned(), chance),
        ]);
    }
    table.render()
}

/// The chance to lose a file within a year; none where there is nothing to lose, nor of what cannot be brought back now, whose
/// hosts may only be out of reach, or was not looked at for long: its health says how it is.
fn chance_to_lose(file: &ListedFile) -> Option<f64> {
    let untold = [HealthState::Lost, HealthState::Waiting];
    file.durability.filter(|_| file.health.is_none_or(|health| !untold.contains(&health.state)))
}

/// What the chance to lose a file rests on; none where none is told.
fn durability_words(file: &ListedFile, model: &DurabilityModel) -> Option<String> {
    let lost = chance_to_lose(file)?;
    let how = if model.assumed { "assumed, for want of evidence" } else { "as measured" };
    Some(format!(
        "The chance to lose it within a year is {}. That rests on hosts that stay {} on average ({how}) and go one by one, and \
         on repairs that take {}. Hosts that fail together are not in it.",
        about_chance(lost),
        whole_days(model.host_life_days),
        whole_days(model.repair_days),
    ))
}

/// Days, rounded: `1 day`, `120 days`.
fn whole_days(count: f64) -> String {
    let days = format!("{count:.0}");
    if days == "1" { format!("{days} day") } else { format!("{days} days") }
}

/// Shards alive of all, and how many may still be lost: never greener than the truth.
fn health_words(health: Option<Health>) -> String {
    match health {
        None => "–".to_owned(),
        Some(Health { alive, needed, total, state: HealthState::Lost }) => {
            format!("{alive}/{total} lost: {needed} needed")
        }
        Some(Health { alive, total, state: HealthState::Waiting, .. }) => {
            format!("{alive}/{total} waiting: not checked for 14 days")
        }
        Some(Health { alive, needed, total, .. }) => {
            format!("{alive}/{total}, survives {} losses", alive.saturating_sub(needed))
        }
    }
}

pub(crate) async fn info(session: &Session, args: NameArg) -> Outcome<()> {
    let report: InfoReport =
        read(session, "info", &NameParams { name: args.name.clone() }, |offline| offline.info(&args.name))
            .await?;
    print(session.json, &report, |report| {
        let mut table =
            Table::new(&["SEGMENT", ">SHARD", "STATE", "LAST CHECK", "LAST PROVEN", "READ IN FULL", "HOST"]);
        let moment = |at: &Option<String>| at.clone().unwrap_or_else(|| "–".to_owned());
        for segment in &report.segments {
            for shard in &segment.shards {
                table.row(vec![
                    format!("{} {}/{}", segment.id.get(..8).unwrap_or(&segment.id), segment.k, segment.n),
                    shard.index.to_string(),
                    shard_words(shard),
                    moment(&shard.last_audit),
                    moment(&shard.last_proven),
                    moment(&shard.last_read),
                    shard.host.clone().unwrap_or_else(|| "not placed".to_owned()),
                ]);
            }
        }
        let file = list_words(std::slice::from_ref(&report.file), Some(&report.model));
        let durability = durability_words(&report.file, &report.model);
        let parts = [Some(file), durability, Some(table.render()), history_words(&report.history)];
        parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n").trim_end().to_owned()
    })?;
    Ok(())
}

/// What happened to the shards, the newest first; nothing where nothing did.
fn history_words(history: &PartHistory) -> Option<String> {
    let mut table = Table::new(&["WHEN", ">SEGMENT", ">SHARD", "WHAT HAPPENED", "HOST"]);
    for event in &history.events {
        let what = match event.event {
            PartEventKind::Missing => "lost by its host",
            PartEventKind::Corrupt => "damaged at its host",
            PartEventKind::WrittenOff => "given up: its host was away too long",
            PartEventKind::Renewed => "a new copy took its place",
            PartEventKind::Moved => "moved off a host that leaves",
        };
        let host = match &event.from {
            Some(from) => format!("{}, before at {from}", event.host),
            None => event.host.clone(),
        };
        let (segment, shard) = (event.segment.to_string(), event.shard.to_string());
        table.row(vec![event.at.clone(), segment, shard, what.to_owned(), host]);
    }
    let older = match history.older {
        0 => String::new(),
        older => format!("\n… and {older} older"),
    };
    (!history.events.is_empty()).then(|| format!("{}{older}", table.render().trim_end()))
}

/// The state of a shard, and what audits know besides.
fn shard_words(shard: &ShardInfo) -> String {
    match shard.failed {
        Some(ShardFailure::Missing) => "missing for good".to_owned(),
        Some(ShardFailure::Corrupt) => "corrupt for good".to_owned(),
        Some(ShardFailure::WrittenOff) => "unreachable for too long".to_owned(),
        None if shard.question_open => "has not answered".to_owned(),
        None => format!("{:?}", shard.state).to_lowercase(),
    }
}

pub(crate) async fn rm(session: &Session, args: NamesArg) -> Outcome<()> {
    let report: NamesParams = session.call("rm", &NamesParams { names: args.names }).await?;
    print(session.json, &report, |report| {
        format!("In the trash, for 30 days (`layr restore NAME` brings it back):\n{}", names_words(report))
    })?;
    Ok(())
}

pub(crate) async fn mv(session: &Session, args: MvArgs) -> Outcome<()> {
    let report: NamesParams = session.call("mv", &MvParams { from: args.from, to: args.to }).await?;
    print(session.json, &report, names_words)?;
    Ok(())
}

pub(crate) async fn restore(session: &Session, args: RestoreArgs) -> Outcome<()> {
    let params = RestoreParams { name: args.name, version: args.version };
    let report: NamesParams = session.call("restore", &params).await?;
    print(session.json, &report, names_words)?;
    Ok(())
}

fn names_words(report: &NamesParams) -> String {
    report.names.iter().map(|name| printable(name)).collect::<Vec<_>>().join("\n")
}

pub(crate) async fn trash(session: &Session) -> Outcome<()> {
    let report: ListReport = read(session, "trash", &Value::Null, Offline::trash).await?;
    print(session.json, &report, |report| {
        let mut table = Table::new(&["ID", "NAME", ">SIZE", "DELETED", "GONE FOR GOOD"]);
        for file in &report.files {
            let [deleted, expires] =
                [&file.deleted, &file.expires].map(|moment| moment.clone().unwrap_or_default());
            table.row(vec![file.id.clone(), printable(&file.name), bytes(file.size), deleted, expires]);
        }
        table.render()
    })?;
    Ok(())
}

/// Asks the running node, or reads the home where none runs.
async fn read<P: Serialize, R: DeserializeOwned>(
    session: &Session,
    method: &str,
    params: &P,
    offline: impl FnOnce(&Offline) -> Result<R, NodeError>,
) -> Outcome<R> {
    match session.connect_if_running().await? {
        Some(client) => session.call_on(client, method, params, |_| Ok(())).await,
        None => offline(&Offline::open(&session.home)?),
    }
}

#[cfg(test)]
mod tests {
    use layr_node::api::{
        DurabilityModel, Health, HealthState, ListedFile, PartEvent, PartEventKind, PartHistory,
    };

    use super::{durability_words, history_words, list_words};

    fn file(health: Option<Health>, durability: Option<f64>) -> ListedFile {
        ListedFile {
            id: "00000000000000aa".to_owned(),
            name: "/letter".to_owned(),
            kind: "file".to_owned(),
            size: 48_318,
            modified: "2026-11-20T10:00:00Z".to_owned(),
            version: 1,
            health,
            durability,
            deleted: None,
            expires: None,
        }
    }

    fn health(alive: u32, state: HealthState) -> Health {
        Health { alive, needed: 10, total: 30, state }
    }

    fn model(host_life_days: f64, repair_days: f64) -> DurabilityModel {
        DurabilityModel { assumed: false, host_life_days, repair_days }
    }

    #[test]
    fn a_chance_is_told_only_of_what_can_be_brought_back_now() {
        let model = model(120.0, 2.0);
        let lost = file(Some(health(9, HealthState::Lost)), Some(1.0));
        let table = list_words(std::slice::from_ref(&lost), Some(&model));
        assert!(table.ends_with('–'), "its hosts may only be out of reach: {table}");
        assert_eq!(durability_words(&lost, &model), None);
        let old = file(Some(health(30, HealthState::Waiting)), Some(1e-9));
        let table = list_words(std::slice::from_ref(&old), Some(&model));
        assert!(table.contains("30/30 waiting: not checked for 14 days") && table.ends_with('–'), "{table}");
        assert_eq!(durability_words(&old, &model), None);
        let empty = file(None, None);
        assert!(list_words(std::slice::from_ref(&empty), Some(&model)).ends_with('–'));
        assert_eq!(durability_words(&empty, &model), None);
        let nearly = file(Some(health(10, HealthState::AtRisk)), Some(1.0));
        let table = list_words(std::slice::from_ref(&nearly), Some(&model));
        assert!(table.ends_with("more than 1 in 2"), "{table}");
        assert!(durability_words(&nearly, &model).is_some_and(|words| words.contains("more than 1 in 2")));
    }

    #[test]
    fn what_became_of_shards_is_told_with_hosts_and_how_much_more_there_is() {
        assert_eq!(history_words(&PartHistory::default()), None);
        let event = |event, from: Option<&str>| PartEvent {
            at: "2026-11-20T10:00:00Z".to_owned(),
            segment: 2,
            shard: 7,
            event,
            host: "12D3KooWnew".to_owned(),
            from: from.map(str::to_owned),
        };
        let moved = event(PartEventKind::Moved, Some("12D3KooWold"));
        let events = vec![moved, event(PartEventKind::Missing, None)];
        let words = history_words(&PartHistory { events, older: 3 }).expect("something happened");
        let lines: Vec<Vec<&str>> = words.lines().map(|line| line.split_whitespace().collect()).collect();
        let told = |line: usize| lines.get(line).map(|words| words.join(" ")).unwrap_or_default();
        assert_eq!(lines.len(), 4, "{words}");
        assert_eq!(
            told(1),
            "2026-11-20T10:00:00Z 2 7 moved off a host that leaves 12D3KooWnew, before at 12D3KooWold"
        );
        assert_eq!(told(2), "2026-11-20T10:00:00Z 2 7 lost by its host 12D3KooWnew");
        assert_eq!(told(3), "… and 3 older");
    }

    #[test]
    fn what_a_chance_rests_on_is_said_in_whole_days() {
        let whole = file(Some(health(30, HealthState::Safe)), Some(0.0));
        let words = durability_words(&whole, &model(1234.4, 1.0)).expect("it can be lost");
        assert!(words.starts_with(
            "The chance to lose it within a year is less than 1 in a million million million. That rests on \
             hosts that stay 1234 days on average (as measured)"
        ));
        assert!(words.contains("on repairs that take 1 day."), "{words}");
        let short = durability_words(&whole, &model(1.2, 2.0)).expect("it can be lost");
        assert!(short.contains("hosts that stay 1 day on average"), "{short}");
        assert!(short.contains("take 2 days."), "{short}");
    }
}
