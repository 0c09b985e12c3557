//! `share`, `export`, `import`: a file or directory in somebody else's hands, or on another machine.

use std::path::Path;

use layr_control::{LinkParams, NameParams, PathParams};
use layr_node::api::{ExportRequest, ManifestReport, ShareReport};
use layr_node::offline::Offline;
use layr_node::share::is_link;

use super::files::default_target;
use crate::args::{ExportArgs, ImportArgs, ShareArgs};
use crate::failure::{self, Outcome};
use crate::output::{print, stderr_line};
use crate::quantity::{bytes, printable};
use crate::session::{Session, absolute};

pub(crate) async fn share(session: &Session, args: ShareArgs) -> Outcome<()> {
    if args.expires.is_some() {
        return Err(failure::usage(
            "a share cannot end by itself yet; nothing was shared. Without --expires the link works for as long as the file is stored",
        ));
    }
    let report: ShareReport = if let Some(client) = session.connect_if_running().await? {
        session.call_on(client, "share", &NameParams { name: args.name }, |_| Ok(())).await?
    } else {
        let secrets = super::identity::unlock(session).await?;
        Offline::open(&session.home)?.share(&args.name, &secrets)?
    };
    print(session.json, &report, |report| report.link.clone());
    if !session.json {
        stderr_line(&format!(
            "Whoever has this link can read what it names ({} files, {}), and nobody can take it back: hand it on with care.",
            report.names.len(),
            bytes(report.size)
        ));
    }
    Ok(())
}

pub(crate) async fn export(session: &Session, args: ExportArgs) -> Outcome<()> {
    let output = match args.output {
        Some(path) => absolute(&path)?,
        None => absolute(Path::new(&format!("{}.layr", default_target(&args.name))))?,
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
    });
    Ok(())
}

pub(crate) async fn import(session: &Session, args: ImportArgs) -> Outcome<()> {
    let report: ManifestReport = match args.source.to_str().filter(|text| is_link(text)) {
        Some(link) => session.call("import.link", &LinkParams { link: link.to_owned() }).await?,
        None => session.call("import", &PathParams { path: absolute(&args.source)? }).await?,
    };
    print(session.json, &report, |report| {
        let names: Vec<String> = report.names.iter().map(|name| printable(name)).collect();
        format!("In the library now ({}):\n{}", bytes(report.size), names.join("\n"))
    });
    Ok(())
}
