//! One process of a development network.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use layr_node::error::{ErrorCode, NodeError};
use layr_node::home::Home;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{ChildStdin, Command};

use super::NodeReady;
use crate::commands::nodes::{Failed, Ready};
use crate::failure::{Outcome, local};

/// Time from start to the ready line: a key file's Argon2id on a busy machine is most of it.
const READY_DEADLINE: Duration = Duration::from_mins(1);
/// Time from the end of standard input to the end of the process; after it the process is killed.
const STOP_DEADLINE: Duration = Duration::from_secs(15);

/// A `layr` process that stops when this value goes away.
pub(crate) struct Child {
    process: tokio::process::Child,
    /// Held open: the child stops when it ends.
    input: Option<ChildStdin>,
    home: Home,
    ready: Ready,
}

impl Child {
    /// Starts `layr ARGUMENTS` in `home` and waits until it serves.
    pub(crate) async fn start(home: &Home, arguments: &[&str], passphrase_file: &Path) -> Outcome<Self> {
        home.create()?;
        let log_path = home.dir().join("daemon.log");
        let log =
            std::fs::File::create(&log_path).map_err(|error| local("cannot write a node's log", &error))?;
        let program = std::env::current_exe().map_err(|error| local("cannot find this program", &error))?;
        let mut process = Command::new(program)
            .arg("--home")
            .arg(home.dir())
            .arg("--json")
            .args(arguments)
            .arg("--until-stdin-ends")
            .env("LAYR_PASSPHRASE_FILE", passphrase_file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| local("cannot start a node", &error))?;
        let input = process.stdin.take();
        let output = process.stdout.take();
        let first_line = async {
            match output {
                Some(output) => BufReader::new(output).lines().next_line().await.ok().flatten(),
                None => None,
            }
        };
        let line = tokio::time::timeout(READY_DEADLINE, first_line).await.ok().flatten().unwrap_or_default();
        let ready = serde_json::from_str(&line).map_err(|_| did_not_start(&line, &log_path))?;
        Ok(Self { process, input, home: home.clone(), ready })
    }

    /// What it said when it was ready.
    pub(crate) fn ready(&self) -> &Ready {
        &self.ready
    }

    /// Its home.
    pub(crate) fn home(&self) -> &Home {
        &self.home
    }

    /// As the ready object names it.
    pub(crate) fn report(&self) -> NodeReady {
        NodeReady {
            home: self.home.dir().display().to_string(),
            pid: self.process.id().unwrap_or(0),
            peer_id: self.ready.peer_id.clone(),
            listen: self.ready.listen.clone(),
        }
    }

    /// Asks it to stop and waits; kills it when it does not.
    pub(crate) async fn stop(mut self) {
        drop(self.input.take());
        if tokio::time::timeout(STOP_DEADLINE, self.process.wait()).await.is_err() {
            self.kill().await;
        }
    }

    /// Ends it at once, as a power cut would.
    pub(crate) async fn kill(&mut self) {
        let _ = self.process.kill().await;
    }
}

/// Says why in words: the log may be in a temporary directory, which goes with the network.
fn did_not_start(first_line: &str, log_path: &Path) -> NodeError {
    let (code, reason) = if let Ok(Failed { error }) = serde_json::from_str(first_line) {
        (error.code, error.message)
    } else {
        let log = std::fs::read_to_string(log_path).unwrap_or_default();
        (ErrorCode::Internal, log.lines().last().unwrap_or("it said nothing in a minute").to_owned())
    };
    NodeError::new(code, format!("a node of the network did not start: {reason}"))
}
