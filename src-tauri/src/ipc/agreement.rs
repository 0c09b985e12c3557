//! The registry, the permissions and the page's bindings are one thing: each test here compares two of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::json;
use tauri::Emitter;
use tauri_utils::acl::capability::Capability;
use tauri_utils::acl::manifest::Manifest;
use tauri_utils::acl::resolved::Resolved;
use tauri_utils::platform::Target;

use super::{PageEvent, bindings};
use crate::bridge::tests::Served;

macro_rules! names {
    ($($(#[$doc:meta])* $module:ident::$name:ident($($request:ty)?) -> $answer:ty,)*) => {
        [$(stringify!($name)),*]
    };
}

/// The checkout, named when the test runs: cargo takes a test that another checkout has built as fresh.
fn root() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").unwrap().into()
}

/// Compares with a file of the repository; with `LAYR_WRITE_BINDINGS` set it writes the file instead.
fn assert_written(path: &str, text: &str) {
    let path = root().join(path);
    if std::env::var_os("LAYR_WRITE_BINDINGS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == text, "{} is not what the registry says; it should be:\n{text}", path.display());
}

fn capability() -> Capability {
    let text = std::fs::read(root().join("src-tauri/capabilities/main.json")).unwrap();
    serde_json::from_slice(&text).unwrap()
}

#[test]
fn the_page_has_the_bindings() {
    assert_written("ui/src/ipc/bindings.ts", &bindings::text());
}

#[test]
fn the_window_may_call_every_command_of_the_registry_and_listen_to_events() {
    let granted: BTreeSet<String> =
        capability().permissions.iter().map(|entry| entry.identifier().get().to_owned()).collect();
    let of_commands = registry!(names).map(|name| format!("allow-{}", name.replace('_', "-")));
    let of_events = ["core:event:allow-listen", "core:event:allow-unlisten"].map(str::to_owned);
    assert_eq!(granted, of_commands.into_iter().chain(of_events).collect());
}

#[test]
fn the_isolation_frame_passes_every_command_of_the_registry_once_and_no_other() {
    let frame = std::fs::read_to_string(root().join("ui/isolation/isolation.js")).unwrap();
    let list = frame.split_once("PASSED_COMMANDS = new Set([").and_then(|(_, rest)| rest.split_once("])"));
    let mut passed: Vec<&str> =
        list.unwrap().0.split(',').map(|entry| entry.trim().trim_matches('\'')).collect();
    passed.retain(|entry| !entry.is_empty());
    passed.sort_unstable();
    let mut expected = registry!(names).to_vec();
    expected.extend(["plugin:event|listen", "plugin:event|unlisten"]);
    expected.sort_unstable();
    assert_eq!(passed, expected);
}

#[test]
fn what_the_permissions_come_to_is_written_down() {
    // The build script has written what the permissions mean.
    let manifests = std::fs::read(concat!(env!("OUT_DIR"), "/acl-manifests.json")).unwrap();
    let manifests: BTreeMap<String, Manifest> = serde_json::from_slice(&manifests).unwrap();
    let capability = capability();
    assert_eq!((&capability.windows, &capability.webviews), (&vec!["main".to_owned()], &Vec::new()));
    assert!(capability.remote.is_none(), "no other origin may call anything");
    let capabilities = BTreeMap::from([(capability.identifier.clone(), capability)]);
    let resolved = Resolved::resolve(&manifests, capabilities, Target::current()).unwrap();
    let mut text =
        "# What the page in the window `main` may call, as the shell resolves it. Nothing else.\n".to_owned();
    for command in resolved.allowed_commands.keys() {
        assert!(!resolved.denied_commands.contains_key(command));
        text.push_str(command);
        text.push('\n');
    }
    assert_written("src-tauri/src/ipc/permissions.txt", &text);
}

#[test]
fn the_bridge_serves_every_command_of_the_registry_and_no_other() {
    let served = Served::start();
    for command in registry!(names) {
        // No request that any command takes: those with one refuse it, and the others do without.
        let (status, answer) = served.ask(command, &json!({ "request": "none of this kind" }));
        let is_error = status == 422 && answer["code"].is_string();
        assert!(status == 200 || is_error, "{command}: {status} {answer}");
    }
    for command in ["no_such_command", "plugin:event|emit", "plugin:window|set_title", ""] {
        let (status, answer) = served.ask(command, &json!({}));
        assert_eq!(status, 403, "{command}: {answer}");
    }
}

#[test]
fn the_bridge_passes_every_event_on() {
    let served = Served::start();
    let mut told = served.bridge.events();
    for name in PageEvent::NAMES {
        served.app.emit_to(crate::MAIN_WINDOW, name, json!({ "of": name })).unwrap();
        let expected = json!({ "event": name, "payload": { "of": name } });
        // The node tells of itself between them.
        let is_it = |event: String| serde_json::from_str::<serde_json::Value>(&event).unwrap() == expected;
        while !is_it(told.blocking_recv().unwrap()) {}
    }
}
