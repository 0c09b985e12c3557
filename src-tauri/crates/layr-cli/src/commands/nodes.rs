//! `daemon`, `seed`, `stop`: processes that serve.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use layr_control::{Answer, ControlServer, NodeService, Service};
use layr_node::clock::Surroundings;
use layr_node::error::{ErrorCode, NodeError};
use layr_node::home::{Home, HomeError};
use layr_node::network_file::NetworkFile;
use layr_node::node::{NetworkChoice, Node, NodeStart};
use layr_node::seed::Seed;
use layr_node::shutdown::terminated;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::args::{DaemonArgs, SeedArgs};
use crate::failure::{self, Outcome, local};
use crate::output::{print, stderr_line, stdout_line};
use crate::passphrase;
use crate::session::Session;

/// A node stops within five seconds; a slow disk may need some more.
const STOP_DEADLINE: Duration = Duration::from_mins(1);

/// A detached daemon has this long to serve: longer than a keyring may take, and than a host needs to look through its shards
/// on a slow disk. Whoever waits longer wants to be told.
const READY_DEADLINE: Duration = Duration::from_mins(2);

/// What a serving process prints once, when it serves.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Ready {
    pub(crate) peer_id: String,
    pub(crate) control: String,
    pub(crate) listen: Vec<String>,
}

impl Ready {
    fn print(&self, json: bool) -> Outcome<()> {
        let words = |ready: &Self| {
            let Self { peer_id, control, listen } = ready;
            format!("ready peer_id={peer_id} control={control} listen={}", listen.join(","))
        };
        print(json, self, words)
    }
}

pub(crate) async fn daemon(session: &Session, args: DaemonArgs) -> Outcome<()> {
    if args.detach {
        return detach(session, &args).await;
    }
    let home = &session.home;
    // A home without an identity stays as it is: taking it would leave a lock file there.
    home.config()?;
    let lock = home.lock()?;
    // From here on nobody else changes the settings.
    let mut config = home.config()?;
    if args.host && config.hosting.quota_bytes == 0 {
        return Err(failure::usage(
            "--host needs to know how much to lend; set it first, for example `layr host set --quota 100GB`",
        ));
    }
    let secrets = super::identity::unlock(session).await?;
    if args.host && !config.hosting.enabled {
        config.hosting.enabled = true;
        home.write_config(&config)?;
    }
    let listen = if args.listen.is_empty() { config.listen } else { args.listen };
    let network = NetworkChoice::Libp2p { listen };
    let start =
        NodeStart { home: home.clone(), lock, secrets, surroundings: Surroundings::default(), network };
    let node = Node::start(start).await?;
    let served = serve_node(session, &node, args.metrics, args.until_stdin_ends).await;
    node.stop().await;
    served
}

async fn serve_node(
    session: &Session,
    node: &Node,
    metrics: Option<SocketAddr>,
    until_stdin_ends: bool,
) -> Outcome<()> {
    let home = &session.home;
    let stop = CancellationToken::new();
    if let Some(address) = metrics {
        crate::metrics::serve(address, node.clone(), stop.child_token()).await?;
    }
    let status = node.status().await?;
    let ready = Ready { peer_id: status.peer_id, control: control_path(home), listen: status.listening };
    let service = NodeService::new(node.clone(), stop.clone());
    serve(home, service, stop, until_stdin_ends, || ready.print(session.json)).await
}

pub(crate) async fn seed(session: &Session, args: SeedArgs) -> Outcome<()> {
    let home = &session.home;
    home.create()?;
    let lock = home.lock()?;
    let network = NetworkFile::find(&args.network).map_err(|error| failure::from_network_file(&error))?;
    let seed = Seed::start(home.clone(), lock, network, args.listen).await?;
    let status = seed.status().await;
    let ready =
        Ready { peer_id: seed.peer_id().to_string(), control: control_path(home), listen: status.listening };
    let stop = CancellationToken::new();
    let service = SeedService { stop: stop.clone() };
    let served = serve(home, service, stop, args.until_stdin_ends, || ready.print(session.json)).await;
    seed.stop().await;
    served
}

/// A seed stores nothing and knows nothing: it can only be stopped.
struct SeedService {
    stop: CancellationToken,
}

#[async_trait::async_trait]
impl Service for SeedService {
    async fn call(
        &self,
        method: &str,
        _params: Value,
        _context: &layr_control::CallContext,
    ) -> Result<Answer, NodeError> {
        if method != "stop" {
            return Err(failure::usage("this is a seed node: it bootstraps others and stores nothing"));
        }
        self.stop.cancel();
        Answer::of(&Value::Null)
    }
}

/// Serves the control socket until a signal, a `stop` call, or the end of standard input where that was asked for.
async fn serve(
    home: &Home,
    service: impl Service,
    stop: CancellationToken,
    until_stdin_ends: bool,
    ready: impl FnOnce() -> Outcome<()>,
) -> Outcome<()> {
    let server = ControlServer::bind(&home.control_socket())
        .map_err(|error| NodeError::new(ErrorCode::LocalFile, error.to_string()))?;
    let control = tokio::spawn(server.serve(Arc::new(service), stop.clone()));
    if until_stdin_ends {
        stop_when_stdin_ends(stop.clone());
    }
    let told = ready();
    if told.is_ok() {
        tokio::select! {
            () = stop.cancelled() => {}
            () = terminated() => {}
        }
    }
    stop.cancel();
    let _ = control.await;
    told
}

/// Cancels when whoever started this process has gone away.
pub(super) fn stop_when_stdin_ends(stop: CancellationToken) {
    // A thread of its own: a read of standard input cannot be cancelled.
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        stop.cancel();
    });
}

fn control_path(home: &Home) -> String {
    home.control_socket().display().to_string()
}

/// The error document of a child that did not start.
#[derive(Deserialize)]
pub(crate) struct Failed {
    pub(crate) error: NodeError,
}

/// Starts this program again as a session of its own and waits for its ready line.
async fn detach(session: &Session, args: &DaemonArgs) -> Outcome<()> {
    let home = &session.home;
    let config = home.config()?;
    // Learn of a running node now, not from a log; the child takes the lock itself.
    drop(home.lock()?);
    let passphrase = match config.key_store {
        layr_node::home::KeyStoreKind::File => Some(passphrase::existing(session)?),
        layr_node::home::KeyStoreKind::Keyring => None,
    };
    let log_path = home.dir().join("daemon.log");
    let log =
        std::fs::File::create(&log_path).map_err(|error| local("cannot write the daemon's log", &error))?;
    let program = std::env::current_exe().map_err(|error| local("cannot find this program", &error))?;
    let mut command = background(&program);
    command.arg("--home").arg(home.dir()).arg("--json");
    if session.verbose > 0 {
        command.arg(format!("-{}", "v".repeat(usize::from(session.verbose))));
    }
    if passphrase.is_some() {
        command.args(["--passphrase-fd", "0"]);
    }
    command.arg("daemon");
    for address in &args.listen {
        command.args(["--listen", address]);
    }
    if args.host {
        command.arg("--host");
    }
    if let Some(address) = args.metrics {
        command.arg("--metrics").arg(address.to_string());
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log);
    let mut child = command.spawn().map_err(|error| local("cannot start the daemon", &error))?;
    if let (Some(mut input), Some(passphrase)) = (child.stdin.take(), passphrase) {
        match input.write_all(passphrase.as_bytes()) {
            // It ended before it came to that, and says why.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
            written => written.map_err(|error| local("cannot reach the daemon", &error))?,
        }
    }
    let line = match child.stdout.take() {
        Some(output) => first_line(output, READY_DEADLINE).await,
        None => Some(String::new()),
    };
    let Some(line) = line else {
        return Err(NodeError::new(
            ErrorCode::NoNode,
            format!(
                "the daemon does not serve after {} s; it goes on in the background as process {}: `layr status` shows when it serves, and {} what it does",
                READY_DEADLINE.as_secs(),
                child.id(),
                log_path.display()
            ),
        ));
    };
    if let Ok(ready) = serde_json::from_str::<Ready>(&line) {
        return ready.print(session.json);
    }
    // The child failed and printed its error document, or nothing.
    let _ = child.wait();
    Err(serde_json::from_str::<Failed>(&line).map_or_else(
        |_| {
            NodeError::new(
                ErrorCode::Internal,
                format!("the daemon did not start; see {}", log_path.display()),
            )
        },
        |failed| failed.error,
    ))
}

/// What a process says first, nothing if it ends without a word; none when the time is over.
async fn first_line(output: impl Read + Send + 'static, deadline: Duration) -> Option<String> {
    let (said, line) = oneshot::channel();
    // A thread of its own: a read cannot be cancelled, and nobody waits for it after the deadline.
    std::thread::spawn(move || {
        let mut line = String::new();
        let _ = BufReader::new(output).read_line(&mut line);
        let _ = said.send(line);
    });
    timeout(deadline, line).await.ok().map(Result::unwrap_or_default)
}

/// A command whose process outlives this terminal.
fn background(program: &Path) -> Command {
    // setsid(1) of util-linux starts a session without unsafe code here; elsewhere a process group has to do.
    let setsid = Path::new("/usr/bin/setsid");
    if setsid.exists() {
        let mut command = Command::new(setsid);
        command.arg(program);
        return command;
    }
    #[cfg_attr(not(unix), expect(unused_mut, reason = "only Unix has process groups"))]
    let mut command = Command::new(program);
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command
}

pub(crate) async fn stop(session: &Session) -> Outcome<()> {
    let _: Value = session.call("stop", &Value::Null).await?;
    let home = session.home.clone();
    let stopped = tokio::task::spawn_blocking(move || wait_until_free(&home)).await;
    match stopped {
        Ok(Ok(())) => {
            if session.json {
                return stdout_line("{\"stopped\":true}");
            }
            stderr_line("The node has stopped.");
            Ok(())
        }
        Ok(Err(error)) => Err(error.into()),
        Err(error) => Err(NodeError::new(ErrorCode::Internal, error.to_string())),
    }
}

/// The lock is released by the kernel when the process is gone.
fn wait_until_free(home: &Home) -> Result<(), HomeError> {
    const ASK_AGAIN: Duration = Duration::from_millis(20);
    let deadline = Instant::now() + STOP_DEADLINE;
    loop {
        match home.lock() {
            Ok(_) => return Ok(()),
            Err(HomeError::InUse { .. }) if Instant::now() < deadline => std::thread::sleep(ASK_AGAIN),
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::time::Duration;

    use super::first_line;

    #[tokio::test]
    async fn a_daemon_that_says_nothing_is_not_waited_for_for_ever() {
        let (output, mut daemon) = std::io::pipe().unwrap();
        assert_eq!(first_line(output, Duration::from_millis(20)).await, None);
        let (output, mut quick) = std::io::pipe().unwrap();
        quick.write_all(b"ready\nmore\n").unwrap();
        assert_eq!(first_line(output, Duration::from_mins(1)).await.as_deref(), Some("ready\n"));
        let (output, ended) = std::io::pipe().unwrap();
        drop(ended);
        assert_eq!(first_line(output, Duration::from_mins(1)).await.as_deref(), Some(""));
        let _ = daemon.write_all(b"late\n");
    }
}
