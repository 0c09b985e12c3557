//! Commands called as the page calls them, without a window: the real handler, permissions and node on a runtime that
//! draws nothing.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use layr_node::clock::SystemEntropy;
use layr_node::home::{Home, KeyStoreKind};
use layr_node::identity::{self, Setup};
use layr_node::network_file::NetworkFile;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tauri::ipc::{CallbackFn, InvokeBody};
use tauri::test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder};
use tauri::webview::InvokeRequest;
use tauri::{App, DragDropEvent, Listener, Manager, PhysicalPosition, WebviewWindow, WebviewWindowBuilder};

use crate::dialogs::{Asker, Question};
use crate::home::ChosenHome;
use crate::node_host::{self, HostStart};
use crate::shell::Shell;
use crate::{drops, ipc};

const PASSPHRASE: &str = "a throw-away identity";

/// The app around one home, and the window of its page.
struct Page {
    app: App<MockRuntime>,
    window: WebviewWindow<MockRuntime>,
    asker: Answers,
    dir: tempfile::TempDir,
}

/// A person at the dialogs, whose answers are set in advance; without one they dismiss it.
#[derive(Clone, Default)]
struct Answers {
    next: Arc<Mutex<VecDeque<Vec<PathBuf>>>>,
    asked: Arc<Mutex<Vec<Question>>>,
}

impl Answers {
    fn will_be(&self, path: &Path) {
        self.next.lock().push_back(vec![path.to_owned()]);
    }
}

impl Asker for Answers {
    fn ask(&self, question: Question) -> BoxFuture<'_, Vec<PathBuf>> {
        self.asked.lock().push(question);
        Box::pin(std::future::ready(self.next.lock().pop_front().unwrap_or_default()))
    }
}

impl Page {
    /// On a home that nobody has created an identity in.
    fn without_identity() -> Self {
        Self::on(tempfile::tempdir().unwrap())
    }

    /// On a home with an identity, whose node runs.
    fn running() -> Self {
        let dir = tempfile::tempdir().unwrap();
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
        let page = Self::on(dir);
        page.until_phase("running");
        page
    }

    fn on(dir: tempfile::TempDir) -> Self {
        let passphrase = dir.path().join("passphrase");
        std::fs::write(&passphrase, PASSPHRASE).unwrap();
        let app = mock_builder().invoke_handler(ipc::handler()).build(crate::context()).unwrap();
        let start = HostStart {
            home: ChosenHome::named(dir.path().join("home")),
            environment: Box::new(move |name| {
                (name == "LAYR_PASSPHRASE_FILE").then(|| passphrase.clone().into())
            }),
            on_end: Box::new(|| ()),
        };
        let asker = Answers::default();
        app.manage(Shell::new(node_host::start(app.handle(), start), Box::new(asker.clone())));
        let window = WebviewWindowBuilder::new(&app, "main", tauri::WebviewUrl::default()).build().unwrap();
        Self { app, window, asker, dir }
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
        let request = InvokeRequest {
            cmd: command.to_owned(),
            callback: CallbackFn(0),
            error: CallbackFn(1),
            url: "tauri://localhost".parse().unwrap(),
            body: InvokeBody::Json(body),
            headers: Default::default(),
            invoke_key: INVOKE_KEY.to_owned(),
        };
        get_ipc_response(&self.window, request).map(|answer| answer.deserialize().unwrap())
    }

    /// Waits until the node's view has this phase; the view tells of each change.
    fn until_phase(&self, phase: &str) {
        let mut views = self.app.state::<Shell>().host.views();
        let found = views.wait_for(|view| serde_json::to_value(view).unwrap()["phase"] == phase);
        let found = tauri::async_runtime::block_on(async {
            tokio::time::timeout(Duration::from_secs(60), found).await
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
fn a_running_node_answers_every_question() {
    let page = Page::running();
    assert_eq!(page.ask("node_view").unwrap()["status"]["files"], 0);
    assert_eq!(page.ask("hosting").unwrap()["hosting"], false);
    assert_eq!(page.ask("network_hosts").unwrap()["hosts"], json!([]));
    for (command, request) in [
        ("file_info", json!({ "name": "/no such" })),
        ("file_rename", json!({ "from": "/no such", "to": "/other" })),
        ("files_remove", json!({ "names": ["/no such"] })),
        ("file_restore", json!({ "name": "/no such" })),
    ] {
        assert_eq!(code(&page.request(command, request)), "not_found", "{command}");
    }
}

#[test]
fn hosting_is_set_paused_and_resumed() {
    let page = Page::running();
    assert_eq!(code(&page.ask("hosting_pause")), "invalid_request");
    let set = page.request("hosting_set", json!({ "quota_bytes": 1_000_000 })).unwrap();
    assert_eq!((&set["hosting"], &set["quota_bytes"]), (&json!(true), &json!(1_000_000)));
    assert_eq!(page.ask("hosting_pause").unwrap()["paused"], true);
    assert_eq!(page.ask("hosting_resume").unwrap()["paused"], false);
    assert!(page.dir().join("home/vault").exists());
}

#[test]
fn wrong_arguments_are_refused_with_a_sentence() {
    let page = Page::without_identity();
    let long = "x".repeat(40_000);
    let many = vec!["/a"; 10_001];
    for (command, request) in [
        ("file_info", json!(null)),
        ("file_info", json!({})),
        ("file_info", json!({ "name": 7 })),
        ("file_info", json!({ "name": "" })),
        ("file_info", json!({ "name": long })),
        ("file_info", json!({ "name": "/a", "output": "/etc/passwd" })),
        ("file_rename", json!({ "from": "/a", "to": "" })),
        ("file_rename", json!({ "from": "", "to": "/a" })),
        ("files_remove", json!({ "names": [] })),
        ("files_remove", json!({ "names": many })),
        ("files_remove", json!({ "names": ["/a", ""] })),
        ("file_restore", json!({ "name": "/a", "version": -1 })),
        ("file_restore", json!({ "name": "" })),
        ("choose_upload", json!({ "what": "/etc/passwd" })),
        ("selection_review", json!({ "selection": "/etc/passwd" })),
        ("selection_review", json!({ "selection": "0".repeat(32), "to": "" })),
        ("selection_drop", json!({ "selection": "x".repeat(32) })),
        ("import_confirm", json!({ "token": "" })),
        ("export_manifest", json!({ "name": "", "private": true })),
        ("export_manifest", json!({ "name": "/a", "private": true, "output": "/tmp/x" })),
        ("hosting_set", json!({ "quota_bytes": 1.5 })),
        ("hosting_set", json!({ "quota_bytes": u64::MAX })),
        ("hosting_set", json!({ "up_bytes_per_s": u64::MAX })),
        ("hosting_set", json!({ "down_bytes_per_s": u64::MAX })),
        ("hosting_set", json!({ "max_term_days": 100_000 })),
    ] {
        // A request that got through would find no node.
        let refused = page.request(command, request.clone());
        assert_eq!(code(&refused), "invalid_request", "{command} {request:.100}");
    }
    assert_eq!(code(&page.ask("file_info")), "invalid_request", "no request at all");
}

#[test]
fn what_is_not_granted_is_not_served() {
    let page = Page::without_identity();
    for command in ["no_such_command", "plugin:event|emit", "plugin:dialog|open", "plugin:window|set_title"] {
        assert!(page.ask(command).is_err(), "{command}");
    }
}

/// A `.layr` file that anybody can read, made by an earlier version.
fn bearer_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/library/bearer.layr")
}

/// Takes the example into the library and returns the first name in it.
fn import_example(page: &Page) -> String {
    page.asker.will_be(&bearer_file());
    let preview = page.ask("import_manifest").unwrap();
    let names =
        page.request("import_confirm", json!({ "token": preview["token"] })).unwrap()["names"].clone();
    names[0].as_str().unwrap().to_owned()
}

#[test]
fn an_import_is_shown_first_and_taken_in_once() {
    let page = Page::running();
    assert_eq!(page.ask("import_manifest").unwrap(), Value::Null, "the person dismissed the dialog");
    page.asker.will_be(&bearer_file());
    let preview = page.ask("import_manifest").unwrap();
    assert_eq!(preview["from"], "bearer.layr");
    assert_eq!(preview["files"], preview["names"].as_array().unwrap().len());
    let name = preview["names"][0].as_str().unwrap();
    assert_eq!(code(&page.request("file_info", json!({ "name": name }))), "not_found", "nothing yet");
    let token = json!({ "token": preview["token"] });
    assert_eq!(page.request("import_confirm", token.clone()).unwrap()["names"][0], name);
    assert_eq!(page.request("file_info", json!({ "name": name })).unwrap()["name"], name);
    assert_eq!(code(&page.request("import_confirm", token)), "not_found", "a token is good for once");
}

#[test]
fn a_file_that_changed_after_the_look_is_not_taken_in() {
    let page = Page::running();
    let file = page.dir().join("some.layr");
    std::fs::copy(bearer_file(), &file).unwrap();
    page.asker.will_be(&file);
    let preview = page.ask("import_manifest").unwrap();
    std::fs::write(&file, b"LAYR and no more").unwrap();
    let token = json!({ "token": preview["token"] });
    assert_eq!(code(&page.request("import_confirm", token)), "invalid_manifest");
    page.asker.will_be(&file);
    assert_eq!(code(&page.ask("import_manifest")), "invalid_manifest");
}

#[test]
fn a_stored_file_is_renamed_removed_restored_and_exported() {
    let page = Page::running();
    let name = import_example(&page);
    let renamed = page.request("file_rename", json!({ "from": name, "to": "/another name" })).unwrap();
    assert_eq!(renamed["name"], "/another name");
    let removed = page.request("files_remove", json!({ "names": ["/another name"] })).unwrap();
    assert_eq!(removed["removed"], 1);
    assert_eq!(code(&page.request("file_info", json!({ "name": "/another name" }))), "not_found");
    let restored = page.request("file_restore", json!({ "name": "/another name" })).unwrap();
    assert_eq!(restored["name"], "/another name");

    let request = json!({ "name": "/another name", "private": false });
    assert_eq!(page.request("export_manifest", request.clone()).unwrap(), Value::Null, "dismissed");
    let target = page.dir().join("carried.layr");
    page.asker.will_be(&target);
    assert_eq!(page.request("export_manifest", request).unwrap()["path"], json!(target));
    assert!(std::fs::read(&target).unwrap().starts_with(b"LAYR"));
    let suggested = Question::SaveManifest { name: "another name.layr".to_owned() };
    assert_eq!(page.asker.asked.lock().last(), Some(&suggested));
}

#[test]
fn the_page_cannot_name_a_file_of_the_machine_for_an_export() {
    let page = Page::running();
    page.asker.will_be(&page.dir().join("stolen.layr"));
    let request = json!({ "name": bearer_file(), "private": false });
    assert_eq!(code(&page.request("export_manifest", request)), "not_found");
    assert!(page.asker.asked.lock().is_empty(), "nobody was asked");
}

#[test]
fn the_page_hears_of_a_changed_library() {
    let page = Page::running();
    let (heard, hears) = std::sync::mpsc::channel();
    page.app.listen_any("library-changed", move |event| drop(heard.send(event.payload().to_owned())));
    import_example(&page);
    hears.recv_timeout(Duration::from_secs(60)).expect("the event comes");
}

#[test]
fn a_chosen_file_is_reviewed_without_its_path() {
    let page = Page::running();
    assert_eq!(page.request("choose_upload", json!({ "what": "files" })).unwrap(), Value::Null);
    let file = page.dir().join("secret place.txt");
    std::fs::write(&file, b"some words").unwrap();
    page.asker.will_be(&file);
    let chosen = page.request("choose_upload", json!({ "what": "files" })).unwrap();
    assert_eq!(chosen["count"], 1);
    assert!(!chosen.to_string().contains("secret place"), "{chosen}");
    let selection = &chosen["selection"];
    // Nobody hosts anything here, so the node says what it would need.
    let review = page.request("selection_review", json!({ "selection": selection, "to": "/docs" }));
    assert_eq!(code(&review), "not_enough_hosts");
    page.request("selection_drop", json!({ "selection": selection })).unwrap();
    let gone = page.request("selection_review", json!({ "selection": selection }));
    assert_eq!(code(&gone), "not_found");
    assert_eq!(*page.asker.asked.lock(), [Question::Files, Question::Files]);
}

#[test]
fn what_was_chosen_for_one_thing_serves_no_other() {
    let page = Page::running();
    page.asker.will_be(&bearer_file());
    let preview = page.ask("import_manifest").unwrap();
    let review = page.request("selection_review", json!({ "selection": preview["token"] }));
    assert_eq!(code(&review), "invalid_request");
    page.asker.will_be(page.dir());
    let chosen = page.request("choose_upload", json!({ "what": "folder" })).unwrap();
    let import = page.request("import_confirm", json!({ "token": chosen["selection"] }));
    assert_eq!(code(&import), "invalid_request");
}

#[test]
fn a_drop_becomes_a_selection_and_its_paths_stay_with_the_shell() {
    let page = Page::running();
    let (heard, hears) = std::sync::mpsc::channel();
    page.app.listen_any("drop", move |event| drop(heard.send(event.payload().to_owned())));
    let next =
        || serde_json::from_str::<Value>(&hears.recv_timeout(Duration::from_secs(60)).unwrap()).unwrap();
    let file = page.dir().join("dropped.txt");
    std::fs::write(&file, b"some words").unwrap();
    let (paths, position) = (vec![file], PhysicalPosition::new(1.0, 1.0));
    drops::tell(page.app.handle(), &DragDropEvent::Enter { paths: paths.clone(), position });
    assert_eq!(next(), json!({ "phase": "enter", "count": 1 }));
    drops::tell(page.app.handle(), &DragDropEvent::Over { position });
    assert_eq!(next(), json!({ "phase": "over" }));
    drops::tell(page.app.handle(), &DragDropEvent::Leave);
    assert_eq!(next(), json!({ "phase": "leave" }));
    drops::tell(page.app.handle(), &DragDropEvent::Drop { paths, position });
    let dropped = next();
    assert_eq!((&dropped["phase"], &dropped["count"]), (&json!("drop"), &json!(1)));
    let review = page.request("selection_review", json!({ "selection": dropped["selection"] }));
    assert_eq!(code(&review), "not_enough_hosts");
    drops::tell(page.app.handle(), &DragDropEvent::Drop { paths: Vec::new(), position });
    assert_eq!(next(), json!({ "phase": "drop", "count": 0 }), "nothing to keep");
}
