//! A devnet, run by the program itself, and its nodes to kill and to start again.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::layr::Layr;

/// A body is renamed into place before its row is written: while an owner still sends, the two differ for an instant.
const SHARDS_SETTLED_WITHIN: Duration = Duration::from_secs(20);

/// A running `layr devnet`; stopped when dropped.
pub struct Devnet {
    process: Child,
    program: PathBuf,
    passphrase_file: PathBuf,
    dir: tempfile::TempDir,
    /// The ready object.
    pub ready: Value,
    /// The hosts.
    pub hosts: Vec<Node>,
    /// The owner's node.
    pub owner: Node,
}

/// A node of the network: its home, and its process while it runs.
#[derive(Debug)]
pub struct Node {
    /// Commands in its home.
    pub layr: Layr,
    /// Peer id as text.
    pub peer_id: String,
    /// What was said of it when it was made or served first.
    pub ready: Value,
    pid: Option<u32>,
    restarted: Option<Restarted>,
}

/// A node that a test started itself.
#[derive(Debug)]
struct Restarted {
    process: Child,
    /// Held open: the node stops when it ends.
    _input: Option<ChildStdin>,
    _output: BufReader<ChildStdout>,
}

impl Devnet {
    /// Starts a network of `hosts` hosts with the program under test.
    pub fn start(program: &str, hosts: usize) -> Self {
        Self::start_with(program, hosts, &[])
    }

    /// As [`Devnet::start`], with further flags of `layr devnet`.
    pub fn start_with(program: &str, hosts: usize, flags: &[&str]) -> Self {
        let dir = tempfile::Builder::new().prefix("layr-suite-").tempdir().expect("a temporary directory");
        let mut process = Command::new(program)
            .args(["--json", "devnet", "--hosts", &hosts.to_string(), "--dir"])
            .arg(dir.path())
            .args(flags)
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("layr devnet must start");
        let mut line = String::new();
        let output = process.stdout.take().expect("standard output is a pipe");
        BufReader::new(output).read_line(&mut line).expect("a ready line");
        let ready: Value =
            serde_json::from_str(&line).unwrap_or_else(|_| panic!("not a ready object: {line}"));
        let program = PathBuf::from(program);
        let passphrase_file = PathBuf::from(text(&ready, "passphrase_file"));
        let node = |value: &Value| Node::running(&program, value, &passphrase_file);
        let hosts = ready["hosts"].as_array().expect("hosts").iter().map(node).collect();
        let owner = node(&ready["owner"]);
        Self { process, program, passphrase_file, dir, ready, hosts, owner }
    }

    /// Where the homes lie, and where tests may put files.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The owner's 24 words.
    pub fn phrase(&self) -> String {
        let words = self.ready["owner"]["phrase"].as_array().expect("the phrase");
        words.iter().map(|word| word.as_str().expect("a word")).collect::<Vec<_>>().join(" ")
    }

    /// A new home on this network, with an identity of its own or the one of `phrase`; its node is not started.
    pub fn new_home(&self, name: &str, phrase: Option<&str>) -> Node {
        let layr = Layr::new(&self.program, &self.dir().join(name), &self.passphrase_file);
        let network = text(&self.ready, "network_file");
        let mut arguments = vec!["init", "--network", &network, "--key-store", "file"];
        let phrase_file = self.dir().join(format!("{name}.phrase"));
        let phrase_path = phrase_file.display().to_string();
        if let Some(phrase) = phrase {
            std::fs::write(&phrase_file, phrase).expect("a phrase file");
            arguments.extend(["--recover", "--phrase-file", &phrase_path]);
        }
        let made = layr.ok(&arguments);
        Node::new(layr, &made)
    }
}

impl Drop for Devnet {
    fn drop(&mut self) {
        signal(self.process.id(), Signal::TERM);
        let _ = self.process.wait();
    }
}

impl Node {
    /// The node of a home that `layr init` has `made`; it is not started.
    pub fn new(layr: Layr, made: &Value) -> Self {
        Self { layr, peer_id: text(made, "peer_id"), ready: made.clone(), pid: None, restarted: None }
    }

    fn running(program: &Path, value: &Value, passphrase_file: &Path) -> Self {
        let home = PathBuf::from(text(value, "home"));
        let pid = value["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok());
        Self {
            layr: Layr::new(program, &home, passphrase_file),
            peer_id: text(value, "peer_id"),
            ready: value.clone(),
            pid: Some(pid.expect("a pid")),
            restarted: None,
        }
    }

    /// The process id while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.restarted.as_ref().map(|node| node.process.id()).or(self.pid)
    }

    /// Asserts that its quota ledger is the truth about its disk, as soon as no shard is between the two; gives the ledger.
    pub fn assert_ledger(&self) -> Value {
        let deadline = Instant::now() + SHARDS_SETTLED_WITHIN;
        loop {
            let show = self.layr.ok(&["host", "show"]);
            // A body may go while it is looked at.
            let sizes = self.bodies().into_iter().filter_map(|body| std::fs::metadata(body).ok());
            let on_disk: u64 = sizes.map(|body| body.len()).sum();
            if show["used_bytes"] == on_disk {
                return show;
            }
            let late = Instant::now() > deadline;
            assert!(!late, "ledger and disk of {} differ: {on_disk} on disk, {show}", self.peer_id);
        }
    }

    /// Its shard bodies.
    pub fn bodies(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut pending = vec![self.layr.home().join("vault/shards")];
        while let Some(dir) = pending.pop() {
            let Ok(entries) = std::fs::read_dir(&dir) else { continue };
            for entry in entries.flatten() {
                let path = entry.path();
                if path.is_dir() { pending.push(path) } else { found.push(path) }
            }
        }
        found.sort();
        found
    }

    /// Ends its process at once, as a power cut would, and waits until it is gone.
    pub fn kill(&mut self) {
        if let Some(mut node) = self.restarted.take() {
            let _ = node.process.kill();
            let _ = node.process.wait();
        } else if let Some(pid) = self.pid.take() {
            signal(pid, Signal::KILL);
            wait_until_gone(self.layr.home());
        }
    }

    /// A node without an identity that `words` start, such as a seed; waits until it serves.
    pub fn serving(layr: Layr, words: &[&str]) -> Self {
        let (process, ready) = Restarted::start(&layr, words);
        Self { layr, peer_id: text(&ready, "peer_id"), ready, pid: None, restarted: Some(process) }
    }

    /// Starts it (again) with further flags of `layr daemon`, and waits until it serves.
    pub fn start(&mut self, flags: &[&str]) {
        assert!(self.pid().is_none(), "the node runs already");
        let (process, ready) = Restarted::start(&self.layr, &[&["daemon"], flags].concat());
        assert_eq!(text(&ready, "peer_id"), self.peer_id, "not ready: {ready}");
        self.restarted = Some(process);
    }
}

impl Restarted {
    /// The process and its ready object.
    fn start(layr: &Layr, words: &[&str]) -> (Self, Value) {
        let mut command = layr.command(&[&["--json"], words, &["--until-stdin-ends"]].concat());
        command.stdin(Stdio::piped()).stderr(Stdio::inherit());
        let mut process = command.spawn().expect("the node must start");
        let input = process.stdin.take();
        let mut output = BufReader::new(process.stdout.take().expect("standard output is a pipe"));
        let mut line = String::new();
        output.read_line(&mut line).expect("a ready line");
        let ready = serde_json::from_str(&line).unwrap_or(Value::Null);
        (Self { process, _input: input, _output: output }, ready)
    }
}

impl Drop for Restarted {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Asks the network until the node of `owner` has this host's offer.
pub fn wait_until_known(owner: &Layr, peer_id: &str) {
    wait_until_listed(owner, peer_id, |host| !host["offer"].is_null());
}

/// Asks the network until what the node of `owner` lists of this host `fits`.
pub fn wait_until_listed(owner: &Layr, peer_id: &str, fits: impl Fn(&Value) -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        let report = owner.ok(&["hosts", "--offers"]);
        let hosts = report["hosts"].as_array().expect("hosts");
        if hosts.iter().any(|host| host["peer_id"] == peer_id && fits(host)) {
            return;
        }
        assert!(Instant::now() < deadline, "{peer_id} was not found: {report}");
    }
}

/// A string of a JSON object.
pub fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

fn signal(pid: u32, signal: Signal) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).expect("a process id");
    let _ = kill_process(pid, signal);
}

/// The kernel releases a dead process's lock: taking it is the event to wait for.
fn wait_until_gone(home: &Path) {
    let lock = std::fs::File::open(home.join("lock")).expect("the home's lock file");
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).expect("the lock of a dead node");
}
