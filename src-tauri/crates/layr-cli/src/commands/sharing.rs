//! `share`, `export`, `import`: a file or directory in somebody else's hands, or on another machine.

use std::path::Path;

use layr_control::{LinkParams, PathParams, ShareParams};
use layr_node::api::{ExportRequest, ManifestReport, ShareReport};
use layr_node::offline::Offline;
use layr_node::share::is_link;

use super::files::default_target;
use crate::args::{ExportArgs, ImportArgs, ShareArgs};
use crate::failure::{self, Outcome};
use crate::output::{print, stderr_line};
use crate::quantity::{bytes, printable};
use crate::session::{Session, sendable};

pub(crate) async fn share(session: &Session, args: ShareArgs) -> Outcome<()> {
    let expires_in_s = args.expires.map(|period| period.0);
    let report: ShareReport = if let Some(client) = session.connect_if_running().await? {
        let params = ShareParams { name: args.name, expires_in_s };
        session.call_on(client, "share", &params, |_| Ok(())).await?
    } else {
        let secrets = super::identity::unlock(session).await?;
        Offline::open(&session.home)?.share(&args.name, expires_in_s, &secrets)?
    };
    if expires_in_s.is_some() && report.expires.is_none() {
        return Err(failure::usage(
            "the running node is older than this command and made a link without an end, which is not shown; stop the node, start it again, and repeat",
        ));
    }
    print(session.json, &report, |report| report.link.clone())?;
    if !session.json {
        let until = report.expires.as_ref().map(|end| format!(" until {end}")).unwrap_or_default();
        stderr_line(&format!(
            "Whoever has this link can read what it names{until} ({} files, {}), and nobody can take it back: hand it on with care.",
            report.names.len(),
            bytes(report.size)
        ));
    }
    Ok(())
}

pub(crate) async fn export(session: &Session, args: ExportArgs) -> Outcome<()> {
    let output = match args.output {
        Some(path) => sendable(&path)?,
        None => sendable(Path::new(&format!("{}.layr", default_target(&args.name))))?,
    };
    let request = ExportRequest { name: args.name, output, private: args.private };
    let report: ManifestReport = if let Some(client) = session.connect_if_running().await? {
        session.call_on(client, "export", &request, |_| Ok(())).await?
    } else {
        let secrets = super::identity::unlock(session).await?;
        Offline::open(&session.home)?.export(&request, &secrets)?
    };
    print(session.json, &report, |report| {
        let who = if request.private {
            "It opens on your own devices only."
        } else {
            "Whoever has this file can read what it names: hand it on with care."
        };
        format!("{} ({} files, {})\n{who}", printable(&report.path), report.names.len(), bytes(report.size))
    })?;
    Ok(())
}

pub(crate) async fn import(session: &Session, args: ImportArgs) -> Outcome<()> {
    let report: ManifestReport = match args.source.to_str().filter(|text| is_link(text)) {
        Some(link) => session.call("import.link", &LinkParams { link: link.to_owned() }).await?,
        None => session.call("import", &PathParams { path: sendable(&args.source)? }).await?,
    };
    print(session.json, &report, |report| {
        let names: Vec<String> = report.names.iter().map(|name| printable(name)).collect();
        format!("In the library now ({}):\n{}", bytes(report.size), names.join("\n"))
    })?;
    Ok(())
}
