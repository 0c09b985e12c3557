//! `layr demo`: the main job from end to end, narrated, on a network of its own.
//!
//! Every step goes through the same doors that people use: the control sockets of real node processes.

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use layr_control::PathParams;
use layr_node::api::{
    CheckReport, ExportRequest, GetReport, GetRequest, ManifestReport, PutReport, PutRequest, RepairReport,
};
use layr_node::clock::{Entropy, SystemEntropy};
use layr_node::error::{ErrorCode, NodeError};
use layr_node::home::{Home, KeyStoreKind};
use layr_node::identity::{self, Setup};
use layr_node::shutdown::terminated;
use serde::Serialize;
use serde_json::json;

use crate::args::{DemoArgs, DevnetArgs};
use crate::devnet::{Child, Devnet};
use crate::failure::{Outcome, local, usage};
use crate::output::{print, stderr_line};
use crate::quantity::{ByteSize, bytes};
use crate::session::{Session, absolute};

/// What each host lends: never the limit of the demo, which the disk is.
const HOST_QUOTA: ByteSize = ByteSize(1 << 40);
/// Hosts that die before the repair, and a spare one besides: what they held is made again on others.
const KILLED_FIRST: usize = 2;
const SPARE_HOSTS: usize = 3;
/// Most shards of a segment in the demo, as in a network of any size.
const MOST_SHARDS: usize = 30;
/// Bytes written or compared at a time.
const BLOCK_BYTES: usize = 1 << 20;

/// What the demo came to.
#[derive(Debug, Serialize)]
struct Summary {
    hosts: usize,
    hosts_killed: usize,
    files: usize,
    content_bytes: u64,
    stored_bytes: u64,
    put_s: f64,
    resent_bytes: u64,
    shards_rebuilt: u64,
    repair_s: f64,
    shards_unreachable: u64,
    get_s: f64,
    second_machine_get_s: f64,
    identical: bool,
}

pub(crate) async fn run(session: &Session, args: DemoArgs) -> Outcome<()> {
    let tree = absolute(&args.tree)?;
    if !tree.is_dir() {
        return Err(usage(format!(
            "{} is not a directory; name a tree to store with --tree",
            tree.display()
        )));
    }
    let work = tempfile::Builder::new()
        .prefix("layr-demo-")
        .tempdir()
        .map_err(|error| local("cannot create a temporary directory", &error))?;
    say(&format!(
        "Starting a network of {} hosts, a seed and an owner, each a process of its own …",
        args.hosts
    ));
    let devnet_args =
        DevnetArgs { hosts: args.hosts, dir: None, base_port: None, quota: HOST_QUOTA, price: None };
    let started = tokio::select! {
        devnet = Devnet::start(&devnet_args) => devnet?,
        () = terminated() => return Err(interrupted()),
    };
    let mut demo = Demo { devnet: started, work: work.path().to_path_buf(), tree };
    let outcome = tokio::select! {
        outcome = demo.play(args.generate) => outcome,
        () = terminated() => Err(interrupted()),
    };
    demo.devnet.stop().await;
    let summary = outcome?;
    print(session.json, &summary, |summary| {
        format!(
            "Done: {} files, {} of content came back bit for bit with {} of {} hosts dead, on a second machine too.",
            summary.files,
            bytes(summary.content_bytes),
            summary.hosts_killed,
            summary.hosts
        )
    })?;
    Ok(())
}

struct Demo {
    devnet: Devnet,
    work: PathBuf,
    tree: PathBuf,
}

impl Demo {
    async fn play(&mut self, generate: ByteSize) -> Outcome<Summary> {
        let generated = self.work.join("generated.bin");
        say(&format!("Writing a file of {} that nothing can compress …", bytes(generate.0)));
        write_random(&generated, generate.0)
            .map_err(|error| local("cannot write the generated file", &error))?;
        let put = self.put(&generated).await?;
        let content_bytes: u64 = put.files.iter().map(|file| file.size).sum();
        say(&format!(
            "Safe: {} files, {} encrypted and erasure coded in {:.1} s; hosts hold {}.",
            put.files.len(),
            bytes(content_bytes),
            put.duration_s,
            bytes(put.stored_bytes)
        ));
        let again = self.put(&generated).await?;
        let resent_bytes = again.files.iter().map(|file| file.uploaded_bytes).sum();
        say(&format!("Stored the same again: {} sent, in {:.1} s.", bytes(resent_bytes), again.duration_s));

        let repaired = self.heal().await?;
        let hosts_killed = self.kill_hosts(&put).await;
        say(&format!("Killed {hosts_killed} of {} hosts in all.", self.devnet.hosts.len()));
        let check: CheckReport =
            call(&self.devnet.owner, "verify", &json!({ "names": [], "quick": false })).await?;
        say(&format!("Verify sees it: {} shards are fine, {} unreachable.", check.passed, check.unreachable));

        let (get_s, first_same) = self.get_and_compare(&self.devnet.owner, "first", &generated).await?;
        say(&format!(
            "Brought everything back from the survivors in {get_s:.1} s: {}.",
            same_words(first_same)
        ));
        let (second_machine_get_s, second_same) = self.second_machine(&generated).await?;
        say(&format!(
            "The same on a second machine, with the 24 words and a manifest: {second_machine_get_s:.1} s, {}.",
            same_words(second_same)
        ));
        if !(first_same && second_same) {
            return Err(NodeError::new(ErrorCode::Damaged, "what came back differs from what was stored"));
        }
        Ok(Summary {
            hosts: self.devnet.hosts.len(),
            hosts_killed,
            files: put.files.len(),
            content_bytes,
            stored_bytes: put.stored_bytes,
            put_s: put.duration_s,
            resent_bytes,
            shards_rebuilt: repaired.rebuilt,
            repair_s: repaired.duration_s,
            shards_unreachable: check.unreachable,
            get_s,
            second_machine_get_s,
            identical: true,
        })
    }

    async fn put(&self, generated: &Path) -> Outcome<PutReport> {
        let request = PutRequest {
            paths: vec![self.tree.clone(), generated.to_path_buf()],
            to: Some("/demo".to_owned()),
            redundancy: self.redundancy(),
            dry_run: false,
        };
        call(&self.devnet.owner, "put", &request).await
    }

    /// A third of the shards suffice, and three hosts get none, so that there is somewhere to bring what is lost; where hosts are too
    /// few for that, as Layr chooses itself.
    fn redundancy(&self) -> Option<(u8, u8)> {
        let shards = self.devnet.hosts.len().checked_sub(SPARE_HOSTS)?.min(MOST_SHARDS);
        let shards = u8::try_from(shards).ok().filter(|shards| *shards >= 3)?;
        Some((shards / 3, shards))
    }

    /// Some hosts die; an audit says so, a repair makes again what they held, and another audit finds all in place.
    async fn heal(&mut self) -> Outcome<RepairReport> {
        if self.redundancy().is_none() {
            return Ok(RepairReport::default());
        }
        for host in self.devnet.hosts.iter_mut().take(KILLED_FIRST) {
            host.kill().await;
        }
        let all = json!({ "names": [], "leaves": 1 });
        let audit: CheckReport = call(&self.devnet.owner, "audit", &all).await?;
        say(&format!(
            "Killed {KILLED_FIRST} hosts. An audit asked the others for proofs: {} shards are there, {} out of reach.",
            audit.passed, audit.unreachable
        ));
        let repaired: RepairReport =
            call(&self.devnet.owner, "repair", &json!({ "names": [], "now": true })).await?;
        let audit: CheckReport = call(&self.devnet.owner, "audit", &all).await?;
        say(&format!(
            "Made {} shards again from the rest and brought them to other hosts, in {:.1} s; now {} of {} prove theirs.",
            repaired.rebuilt,
            repaired.duration_s,
            audit.passed,
            audit.passed + audit.failed + audit.unreachable
        ));
        if audit.failed + audit.unreachable > 0 {
            return Err(NodeError::new(ErrorCode::Damaged, "a repair did not make everything whole"));
        }
        Ok(repaired)
    }

    /// As many as the weakest segment survives, with those that died before.
    async fn kill_hosts(&mut self, put: &PutReport) -> usize {
        let before = if self.redundancy().is_some() { KILLED_FIRST } else { 0 };
        let spare = put
            .files
            .iter()
            .filter(|file| file.health.total > 0)
            .map(|file| file.health.alive.saturating_sub(file.health.needed))
            .min()
            .and_then(|spare| usize::try_from(spare).ok())
            .unwrap_or(0);
        let count = spare.min(self.devnet.hosts.len());
        let mut killed = before;
        for host in self.devnet.hosts.iter_mut().skip(before).take(count) {
            host.kill().await;
            killed += 1;
        }
        killed
    }

    async fn get_and_compare(&self, node: &Child, name: &str, generated: &Path) -> Outcome<(f64, bool)> {
        let target = self.work.join(name);
        std::fs::create_dir_all(&target).map_err(|error| local("cannot create a directory", &error))?;
        let started = Instant::now();
        let request =
            GetRequest { name: "/demo".to_owned(), output: target.clone(), range: None, version: None };
        let _: GetReport = call(node, "get", &request).await?;
        let seconds = started.elapsed().as_secs_f64();
        let compare = || -> std::io::Result<bool> {
            let tree_name = self.tree.file_name().unwrap_or_default();
            Ok(same_tree(&self.tree, &target.join("demo").join(tree_name))?
                && same_file(generated, &target.join("demo/generated.bin"))?)
        };
        let same = compare().map_err(|error| local("cannot compare what came back", &error))?;
        Ok((seconds, same))
    }

    async fn second_machine(&self, generated: &Path) -> Outcome<(f64, bool)> {
        let manifest = self.work.join("demo.layr");
        let request = ExportRequest { name: "/demo".to_owned(), output: manifest.clone(), private: true };
        let _: ManifestReport = call(&self.devnet.owner, "export", &request).await?;
        let home = Home::new(self.devnet.dir().join("second"));
        let passphrase = std::fs::read_to_string(&self.devnet.passphrase_file)
            .map_err(|error| local("cannot read the passphrase", &error))?;
        let setup = Setup {
            home: home.clone(),
            network: self.devnet.network.clone(),
            key_store: KeyStoreKind::File,
            passphrase: Some(passphrase.into()),
        };
        identity::recover(setup, &self.devnet.ready.owner.phrase.join(" "), &SystemEntropy).await?;
        let listen = ["daemon", "--listen", "/ip4/127.0.0.1/tcp/0"];
        let second = Child::start(&home, &listen, &self.devnet.passphrase_file).await?;
        let _: ManifestReport = call(&second, "import", &PathParams { path: manifest }).await?;
        let outcome = self.get_and_compare(&second, "second", generated).await;
        second.stop().await;
        outcome
    }
}

async fn call<P: Serialize, R: serde::de::DeserializeOwned>(
    node: &Child,
    method: &str,
    params: &P,
) -> Outcome<R> {
    let session = Session { home: node.home().clone(), json: false, passphrase_fd: None, verbose: 0 };
    session.call(method, params).await
}

fn say(line: &str) {
    stderr_line(line);
}

fn same_words(same: bool) -> &'static str {
    if same { "every byte is the same" } else { "DIFFERENT" }
}

fn interrupted() -> NodeError {
    NodeError::new(ErrorCode::Interrupted, "interrupted; the demo's network is stopped and removed")
}

fn write_random(path: &Path, size_bytes: u64) -> std::io::Result<()> {
    let mut file = File::create(path)?;
    let mut block = vec![0_u8; BLOCK_BYTES];
    let mut left = size_bytes;
    while left > 0 {
        SystemEntropy.fill(&mut block).map_err(std::io::Error::other)?;
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(block.len());
        file.write_all(block.get(..count).unwrap_or(&block))?;
        left -= count as u64;
    }
    file.sync_all()
}

/// Whether both trees have the same names, kinds and bytes. Entries that are neither file, directory nor link do not count.
fn same_tree(left: &Path, right: &Path) -> std::io::Result<bool> {
    let kind = left.symlink_metadata()?.file_type();
    if kind.is_symlink() {
        return Ok(std::fs::read_link(left)? == std::fs::read_link(right)?);
    }
    if kind.is_file() {
        return same_file(left, right);
    }
    if !kind.is_dir() {
        return Ok(true);
    }
    for entry in std::fs::read_dir(left)? {
        let name = entry?.file_name();
        if !same_tree(&left.join(&name), &right.join(&name))? {
            return Ok(false);
        }
    }
    Ok(std::fs::read_dir(left)?.count() == std::fs::read_dir(right)?.count())
}

fn same_file(left: &Path, right: &Path) -> std::io::Result<bool> {
    let (left, right) = (File::open(left)?, File::open(right)?);
    if left.metadata()?.len() != right.metadata()?.len() {
        return Ok(false);
    }
    let (mut left, mut right) = (BufReader::new(left), BufReader::new(right));
    let (mut ours, mut theirs) = (vec![0_u8; BLOCK_BYTES], vec![0_u8; BLOCK_BYTES]);
    loop {
        let count = left.read(&mut ours)?;
        if count == 0 {
            return Ok(true);
        }
        let (Some(ours), Some(theirs)) = (ours.get(..count), theirs.get_mut(..count)) else {
            return Ok(false);
        };
        right.read_exact(theirs)?;
        if ours != theirs {
            return Ok(false);
        }
    }
}
