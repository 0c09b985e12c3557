//! Commands called as the page calls them, without a window: the real handler, permissions and node on a runtime that
//! draws nothing.

#![expect(clippy::needless_pass_by_value, reason = "requests are written where they are sent")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use layr_node::clock::SystemEntropy;
use layr_node::home::{Home, KeyStoreKind};
use layr_node::identity::{self, Setup};
use layr_node::network_file::NetworkFile;
use serde_json::{Value, json};
use tauri::test::MockRuntime;
use tauri::{App, Listener, Manager, WebviewWindow};

use crate::dialogs::Question;
use crate::home::ChosenHome;
use crate::node_host::HostStart;
use crate::shell::Shell;
use crate::windowless::{self, Fakes};

mod choosing;
mod money;
mod onboarding;
mod outside;
mod phrase;
mod settings;
mod sharing;

const PASSPHRASE: &str = "a throw-away identity";

/// The app around one home, and the window of its page.
struct Page {
    app: App<MockRuntime>,
    window: WebviewWindow<MockRuntime>,
    fakes: Fakes,
    dir: Arc<tempfile::TempDir>,
}

impl Page {
    /// On a home that nobody has created an identity in.
    fn without_identity() -> Self {
        Self::on(Arc::new(tempfile::tempdir().unwrap()))
    }

    /// On a home with an identity, whose node runs.
    fn running() -> Self {
        Self::running_in(tempfile::tempdir().unwrap())
    }

    fn running_in(dir: tempfile::TempDir) -> Self {
        let home = Home::new(dir.path().join("home"));
        let setup = Setup {
            home: home.clone(),
            network: NetworkFile::local(),
            key_store: KeyStoreKind::File,
            passphrase: Some(PASSPHRASE.to_owned().into()),
        };
        tauri::async_runtime::block_on(identity::create(setup, &SystemEntropy)).unwrap();
        let mut config = home.config().unwrap();
        config.listen = vec!["/ip4/127.0.0.1/tcp/0".to_owned()];
        home.write_config(&config).unwrap();
        let page = Self::on(Arc::new(dir));
        page.until_phase("running");
        page
    }

    /// With a passphrase file, as a service has it.
    fn on(dir: Arc<tempfile::TempDir>) -> Self {
        let passphrase = dir.path().join("passphrase");
        std::fs::write(&passphrase, PASSPHRASE).unwrap();
        Self::with(dir, Some(passphrase))
    }

    /// Begun anew where nobody gives the passphrase.
    fn locked_again(self) -> Self {
        let dir = Arc::clone(&self.dir);
        drop(self);
        let page = Self::with(dir, None);
        page.until_phase("locked");
        page
    }

    fn with(dir: Arc<tempfile::TempDir>, passphrase: Option<PathBuf>) -> Self {
        let start = HostStart {
            home: ChosenHome::named(dir.path().join("home")),
            environment: Box::new(move |name| {
                passphrase.clone().filter(|_| name == "LAYR_PASSPHRASE_FILE").map(PathBuf::into_os_string)
            }),
            quit: Arc::new(|| ()),
        };
        let fakes = Fakes::default();
        let (app, window) = windowless::open(start, None, &fakes).unwrap();
        Self { app, window, fakes, dir }
    }

    /// What a call without an argument answers.
    fn ask(&self, command: &str) -> Result<Value, Value> {
        self.send(command, json!({}))
    }

    /// What a call with this request answers.
    fn request(&self, command: &str, request: Value) -> Result<Value, Value> {
        self.send(command, json!({ "request": request }))
    }

    fn send(&self, command: &str, body: Value) -> Result<Value, Value> {
        tauri::async_runtime::block_on(windowless::answer(&self.window, command, body))
    }

    /// Waits until the node's view has this phase; the view tells of each change.
    fn until_phase(&self, phase: &str) {
        let mut views = self.app.state::<Shell>().host.views();
        let found = views.wait_for(|view| serde_json::to_value(view).unwrap()["phase"] == phase);
        let found = tauri::async_runtime::block_on(async {
            tokio::time::timeout(Duration::from_mins(1), found).await
        });
        assert!(found.is_ok(), "the node did not come to {phase}: {:?}", self.ask("node_view"));
    }

    fn dir(&self) -> &Path {
        self.dir.path()
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.app.state::<Shell>().host.stop();
    }
}

fn code(answer: &Result<Value, Value>) -> &str {
    answer.as_ref().unwrap_err()["code"].as_str().expect("an error of ours has a code")
}

/// A restore from a sealed file.
fn sealed_source(selection: &str, passphrase: &str) -> Value {
    let source = json!({ "sealed": { "selection": selection, "passphrase": passphrase } });
    json!({ "network": "try_out", "source": source })
}

#[test]
fn a_home_without_an_identity_says_so_and_runs_no_node() {
    let page = Page::without_identity();
    page.until_phase("no_identity");
    assert_eq!(page.ask("node_view").unwrap()["phase"], "no_identity");
    page.ask("retry_start").unwrap();
    let refused = page.ask("hosting");
    assert_eq!(code(&refused), "no_node");
    assert_eq!(refused.unwrap_err()["retry"], "after_user_action");
}

#[test]
fn a_home_whose_path_is_too_long_for_a_socket_has_a_window_all_the_same() {
    // The name of a socket has at most 107 bytes.
    let page = Page::running_in(tempfile::Builder::new().prefix(&"long".repeat(30)).tempdir().unwrap());
    assert!(!page.dir().join("home/control.sock").exists());
    assert_eq!(page.ask("node_view").unwrap()["status"]["files"], 0);
    let told = page.ask("activity").unwrap()["entries"][0].clone();
    assert_eq!((&told["kind"], &told["level"]), (&json!("no_control_socket"), &json!("warning")), "{told}");
}

#[test]
fn a_running_node_answers_every_question() {
    let page = Page::running();
    assert_eq!(page.ask("node_view").unwrap()["status"]["files"], 0);
    assert_eq!(page.ask("hosting").unwrap()["hosting"], false);
    assert_eq!(page.ask("network_hosts").unwrap()["hosts"], json!([]));
    for (command, request) in [
        ("file_info", json!({ "name": "/no such" })),
        ("file_rename", json!({ "name": "/no such", "new_name": "other" })),
        ("files_remove", json!({ "names": ["/no such"] })),
        ("file_restore", json!({ "name": "/no such" })),
        ("files_repair_plan", json!({ "names": ["/no such"] })),
        ("files_repair", json!({ "names": ["/no such"] })),
        ("transfer_reveal", json!({ "id": 1 })),
        ("activity_resolve", json!({ "id": 1 })),
    ] {
        assert_eq!(code(&page.request(command, request)), "not_found", "{command}");
    }
    let activity = page.ask("activity").unwrap();
    assert_eq!(activity["entries"], json!([]));
    assert_eq!(activity["workers"].as_array().unwrap().len(), 16, "{activity}");
    page.ask("activity_clear").unwrap();
}

#[test]
fn what_transfers_may_take_of_the_line_is_set_and_kept() {
    let page = Page::running();
    let set = json!({ "up_bytes_per_s": 250_000, "schedule": "Mon-Fri 08:00-18:00" });
    let set = page.request("bandwidth_set", set).unwrap();
    assert_eq!((&set["up_bytes_per_s"], &set["schedule"]), (&json!(250_000), &json!("mon-fri 08:00-18:00")));
    let wrong =
        page.request("bandwidth_set", json!({ "up_bytes_per_s": 1, "schedule": "at night" })).unwrap_err();
    assert_eq!(
        (&wrong["code"], &wrong["params"]["schedule"]),
        (&json!("invalid_request"), &json!("at night"))
    );
    assert_eq!(page.ask("bandwidth").unwrap()["up_bytes_per_s"], 250_000);
    assert!(std::fs::read_to_string(page.dir().join("home/config.toml")).unwrap().contains("250000"));
}

#[test]
fn hosting_is_set_paused_resumed_and_left() {
    let page = Page::running();
    assert_eq!(code(&page.ask("hosting_pause")), "invalid_request");
    let set = page.request("hosting_set", json!({ "quota_bytes": 1_000_000 })).unwrap();
    assert_eq!((&set["hosting"], &set["quota_bytes"]), (&json!(true), &json!(1_000_000)));
    assert_eq!(page.ask("hosting_pause").unwrap()["paused"], true);
    assert_eq!(page.ask("hosting_resume").unwrap()["paused"], false);
    assert!(page.dir().join("home/vault").exists());
    let leaves = page.request("hosting_leave", json!({ "until_s": 86_400 })).unwrap();
    // Nothing of anybody lies here: it has left at once.
    assert!(leaves["hosting"] == false && leaves.get("leaves_at").is_none(), "{leaves}");
    assert_eq!(code(&page.ask("hosting_stay")), "invalid_request");
}

#[test]
fn wrong_arguments_are_refused_with_a_sentence() {
    let long = "x".repeat(40_000);
    let many = vec!["/a"; 10_001];
    are_refused([
        ("file_info", json!(null)),
        ("file_info", json!({})),
        ("file_info", json!({ "name": 7 })),
        ("file_info", json!({ "name": "" })),
        ("file_info", json!({ "name": long })),
        ("file_info", json!({ "name": "/a", "output": "/etc/passwd" })),
        ("file_rename", json!({ "name": "/a", "new_name": "" })),
        ("file_rename", json!({ "name": "", "new_name": "a" })),
        ("files_remove", json!({ "names": [] })),
        ("files_remove", json!({ "names": many })),
        ("files_remove", json!({ "names": ["/a", ""] })),
        ("file_versions", json!({ "name": "" })),
        ("file_restore", json!({ "name": "/a", "version": -1 })),
        ("file_restore", json!({ "name": "" })),
        ("onboarding_create", json!({ "network": "/etc/passwd" })),
        ("onboarding_create", json!({ "network": { "selection": "/etc/passwd" } })),
        ("onboarding_create", json!({ "network": "try_out", "passphrase": "" })),
        ("onboarding_create", json!({ "network": "try_out", "passphrase": "x".repeat(5000) })),
        ("onboarding_restore", json!({ "network": "try_out", "source": { "phrase": "x".repeat(5000) } })),
        ("onboarding_restore", json!({ "network": "try_out", "source": { "file": "/etc/passwd" } })),
        ("onboarding_check", json!({ "source": { "phrase": "x".repeat(5000) } })),
        ("onboarding_check", json!({ "source": { "phrase": "x" }, "home": "/etc" })),
        ("onboarding_check", json!({ "source": sealed_source("/etc/passwd", "x")["source"] })),
        ("onboarding_restore", sealed_source("/etc/passwd", "x")),
        ("onboarding_restore", sealed_source(&"0".repeat(32), "")),
        ("onboarding_restore", sealed_source(&"0".repeat(32), &"x".repeat(5000))),
        ("phrase_save", json!({ "passphrase": "" })),
        ("phrase_save", json!({ "passphrase": "x", "path": "/tmp/x" })),
        ("onboarding_restore", json!({ "network": "try_out" })),
        ("keys_restore", json!({})),
        ("keys_restore", json!({ "source": { "phrase": "x".repeat(5000) } })),
        ("keys_restore", json!({ "source": { "file": "/etc/passwd" } })),
        ("keys_restore", json!({ "source": { "phrase": "x" }, "passphrase": "" })),
        ("keys_restore", json!({ "source": { "phrase": "x" }, "passphrase": "x".repeat(5000) })),
        ("keys_restore", json!({ "source": { "phrase": "x" }, "home": "/etc" })),
        ("keys_restore", json!({ "source": sealed_source("/etc/passwd", "x")["source"] })),
        ("unlock", json!({ "passphrase": "" })),
        ("unlock", json!({ "passphrase": "x".repeat(5000) })),
    ]);
}

#[test]
fn so_are_those_about_what_is_stored_and_how_the_app_behaves() {
    are_refused([
        ("library_page", json!({ "limit": 501 })),
        ("library_page", json!({ "limit": 1, "search": "x".repeat(1025) })),
        ("library_page", json!({ "limit": 1, "dir": "" })),
        ("library_page", json!({ "limit": 1, "sort": "id; DROP TABLE entry" })),
        ("upload_start", json!({ "selection": "1" })),
        ("download_start", json!({ "names": vec!["/a"; 501] })),
        ("transfer_cancel", json!({ "id": "1" })),
        ("transfer_pause", json!({ "id": -1 })),
        ("transfer_reveal", json!({ "path": "/etc/passwd" })),
        ("transfer_reveal", json!({ "id": 1, "path": "/etc/passwd" })),
        ("activity_resolve", json!({ "id": "1" })),
        ("activity_resolve", json!({})),
        ("transfers_pause_for", json!({ "minutes": 24 * 60 + 1 })),
        ("transfers_pause_for", json!({ "minutes": -1 })),
        ("transfers_pause_for", json!({})),
        ("settings_set", json!({ "close_to_tray": "yes" })),
        ("settings_set", json!({ "close_decided": true })),
        ("settings_set", json!({ "theme": "pink" })),
        ("settings_set", json!({ "zoom_percent": 250 })),
        ("files_verify", json!({ "names": [] })),
        ("files_verify", json!({ "names": ["/a"], "thorough": 7 })),
        ("files_verify_plan", json!({ "names": [""] })),
        ("files_repair", json!({ "names": [] })),
        ("files_repair", json!({ "names": ["/a"], "when": "due" })),
        ("files_repair_plan", json!({ "names": [""] })),
        ("share_copy", json!({ "name": "" })),
        ("close_decided", json!({ "keep_running": "yes" })),
        ("choose_upload", json!({ "what": "/etc/passwd" })),
        ("selection_review", json!({ "selection": "/etc/passwd" })),
        ("selection_review", json!({ "selection": "0".repeat(32), "to": "" })),
        ("selection_drop", json!({ "selection": "x".repeat(32) })),
        ("import_confirm", json!({ "token": "" })),
        ("export_manifest", json!({ "name": "", "private": true })),
        ("export_manifest", json!({ "name": "/a", "private": true, "output": "/tmp/x" })),
        ("bandwidth_set", json!({ "up_bytes_per_s": u64::MAX })),
        ("bandwidth_set", json!({ "schedule": "x".repeat(2000) })),
        ("hosting_set", json!({ "quota_bytes": 1.5 })),
        ("hosting_set", json!({ "quota_bytes": u64::MAX })),
        ("hosting_set", json!({ "up_bytes_per_s": u64::MAX })),
        ("hosting_set", json!({ "down_bytes_per_s": u64::MAX })),
        ("hosting_set", json!({ "max_term_days": 100_000 })),
        ("hosting_leave", json!({ "until_s": 8_000_000 })),
        ("hosting_leave", json!({ "until": "14d" })),
    ]);
}

/// Each of these commands refuses its request. One that got through would find no node.
fn are_refused<const N: usize>(calls: [(&str, Value); N]) {
    let page = Page::without_identity();
    for (command, request) in calls {
        let refused = page.request(command, request.clone());
        assert_eq!(code(&refused), "invalid_request", "{command} {request:.100}");
    }
    assert_eq!(code(&page.ask("file_info")), "invalid_request", "no request at all");
}

/// What the call answers within a few seconds.
fn soon(call: impl Future<Output = Result<Value, Value>>) -> Result<Value, Value> {
    let soon = async { tokio::time::timeout(Duration::from_secs(20), call).await };
    tauri::async_runtime::block_on(soon).expect("the call waits for a place")
}

#[test]
fn a_page_that_takes_every_place_can_still_be_shown_closed_and_quit() {
    let page = Page::running();
    let shell = page.app.state::<Shell>();
    let _all = shell.calls.all();
    let ask = |command: &str, body: Value| soon(windowless::answer(&page.window, command, body));
    ask("node_view", json!({})).unwrap();
    ask("check_cancel", json!({})).unwrap();
    ask("repair_cancel", json!({})).unwrap();
    ask("close_dismissed", json!({})).unwrap();
    ask("close_decided", json!({ "request": { "keep_running": true } })).unwrap();
    ask("quit", json!({})).unwrap();
    assert_eq!(*page.fakes.desktop.done.lock(), ["hidden", "quit"]);
}

#[test]
fn who_waits_for_the_end_of_a_copy_takes_no_place_from_others() {
    let page = Page::running();
    page.ask("phrase_copy").unwrap();
    let ends = (0..64).map(|_| windowless::answer(&page.window, "phrase_copy_end", json!({})));
    let ends = futures::future::select_all(ends.map(Box::pin));
    let others = windowless::answer(&page.window, "settings", json!({}));
    let first = async {
        tokio::select! {
            biased;
            _ = ends => panic!("the minute is not over"),
            answer = others => answer,
        }
    };
    soon(first).unwrap();
}

#[test]
fn what_is_not_granted_is_not_served() {
    let page = Page::without_identity();
    for (command, body) in [
        ("no_such_command", json!({})),
        ("plugin:event|emit", json!({ "event": "node-view", "payload": { "phase": "starting" } })),
        ("plugin:window|set_title", json!({ "label": "main", "value": "Not Layr" })),
        ("plugin:path|resolve_directory", json!({ "directory": 21 })),
    ] {
        let refused = page.send(command, body).unwrap_err().to_string();
        assert!(refused.contains("not allowed"), "{command}: {refused}");
    }
}
