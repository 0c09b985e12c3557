//! What the command does when its output or an argument is not as it should be: every case on the program itself, against a
//! node that is played where one is needed.
#![cfg(target_os = "linux")]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::ffi::OsStr;
use std::fs::File;
use std::net::TcpListener;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use async_trait::async_trait;
use layr_control::{Answer, CallContext, ControlServer, Service};
use layr_node::error::{ErrorCode, NodeError};
use layr_node::home::Home;
use serde_json::Value;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

/// Answers `read` with bytes until nobody takes them, and nothing else.
struct Endless;

#[async_trait]
impl Service for Endless {
    async fn call(&self, method: &str, _params: Value, context: &CallContext) -> Result<Answer, NodeError> {
        if method != "read" {
            return Err(NodeError::new(ErrorCode::Internal, format!("{method} is not played")));
        }
        let page = vec![7; 64 * 1024];
        while context.data(&page).await.is_ok() {}
        Err(NodeError::new(ErrorCode::Interrupted, "nobody takes it"))
    }
}

/// Runs until it is dropped.
fn play_node(home: &Path) -> Runtime {
    let runtime = Runtime::new().unwrap();
    let socket = Home::new(home).control_socket();
    let server = runtime.block_on(async { ControlServer::bind(&socket).unwrap() });
    runtime.spawn(server.serve(Arc::new(Endless), CancellationToken::new()));
    runtime
}

fn layr(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_layr"));
    command.env_clear().arg("--home").arg(home).stdin(Stdio::null());
    command
}

fn full_disk() -> File {
    File::options().write(true).open("/dev/full").unwrap()
}

/// A pipe whose reader is gone.
fn nobody() -> Stdio {
    std::io::pipe().unwrap().1.into()
}

/// Exit code and what was said about it.
fn ended(command: &mut Command) -> (i32, String) {
    let Output { status, stderr, .. } =
        command.stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
    (status.code().unwrap(), String::from_utf8(stderr).unwrap())
}

#[test]
fn a_full_disk_behind_the_output_is_not_blamed_on_the_node() {
    let dir = tempfile::tempdir().unwrap();
    let _node = play_node(dir.path());
    let (code, words) = ended(layr(dir.path()).args(["get", "x", "-o", "-"]).stdout(full_disk()));
    assert_eq!(code, 1, "{words}");
    assert!(words.contains("standard output") && !words.contains("node"), "{words}");
}

#[test]
fn a_reader_that_has_enough_ends_a_download_quietly() {
    let dir = tempfile::tempdir().unwrap();
    let _node = play_node(dir.path());
    let ended = ended(layr(dir.path()).args(["get", "x", "-o", "-"]).stdout(nobody()));
    assert_eq!(ended, (0, String::new()));
}

#[test]
fn a_report_that_cannot_be_written_is_a_failure_and_one_that_nobody_reads_is_none() {
    let dir = tempfile::tempdir().unwrap();
    for command in [["man"].as_slice(), &["completions", "bash"], &["--help"]] {
        let (code, words) = ended(layr(dir.path()).args(command).stdout(full_disk()));
        assert_eq!(code, 1, "{words}");
        assert!(words.contains("standard output"), "{words}");
        assert_eq!(ended(layr(dir.path()).args(command).stdout(nobody())), (0, String::new()));
    }
}

#[test]
fn a_path_that_no_call_can_carry_is_refused_before_it_is_sent() {
    let dir = tempfile::tempdir().unwrap();
    let _node = play_node(dir.path());
    let path = dir.path().join(OsStr::from_bytes(b"caf\xe9"));
    std::fs::write(&path, "words").unwrap();
    let path = path.as_os_str();
    for arguments in [
        [OsStr::new("put"), path].as_slice(),
        &["get".as_ref(), "x".as_ref(), "-o".as_ref(), path],
        &["import".as_ref(), path],
    ] {
        let (code, words) = ended(layr(dir.path()).args(arguments).stdout(Stdio::null()));
        assert_eq!(code, 2, "{arguments:?}: {words}");
        assert!(words.contains("UTF-8") && words.lines().count() == 1, "{words}");
    }
}

#[test]
fn new_words_that_nobody_saw_are_a_failure_that_can_be_mended() {
    let dir = tempfile::tempdir().unwrap();
    let passphrase = dir.path().join("passphrase");
    std::fs::write(&passphrase, "correct horse\n").unwrap();
    let home = dir.path().join("home");
    let init = |json: &[&str]| {
        let mut command = layr(&home);
        command.args(json).args(["init", "--key-store", "file"]).env("LAYR_PASSPHRASE_FILE", &passphrase);
        command
    };
    for (json, output) in
        [(["--json"].as_slice(), full_disk().into()), (&[], full_disk().into()), (&["--json"], nobody())]
    {
        let (code, words) = ended(init(json).stdout(output));
        assert_eq!(code, 1, "{words}");
        let config = home.join("config.toml");
        assert!(words.contains(config.to_str().unwrap()), "{words}");
        std::fs::remove_file(config).unwrap();
    }
    let made = init(&["--json"]).output().unwrap();
    let report: Value = serde_json::from_slice(&made.stdout).unwrap();
    assert_eq!(report["phrase"].as_array().unwrap().len(), 24);
}

#[test]
fn a_daemon_whose_figures_cannot_be_served_says_so_without_colours() {
    let dir = tempfile::tempdir().unwrap();
    let passphrase = dir.path().join("passphrase");
    std::fs::write(&passphrase, "correct horse\n").unwrap();
    let home = dir.path().join("home");
    let layr = |arguments: &[&str]| {
        let mut command = layr(&home);
        command.args(arguments).env("LAYR_PASSPHRASE_FILE", &passphrase).stdout(Stdio::null());
        ended(&mut command)
    };
    assert_eq!(layr(&["init", "--key-store", "file"]).0, 0);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, words) = layr(&["-vvv", "daemon", "--listen", "/ip4/127.0.0.1/tcp/0", "--metrics", &address]);
    assert_eq!(code, 1, "{words}");
    assert!(words.contains(&format!("cannot serve metrics at {address}")), "{words}");
    assert!(words.lines().count() > 1 && !words.contains('\u{1b}'), "{words}");
}
