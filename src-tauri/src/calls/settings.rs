//! How the app behaves: what is chosen is kept, what the system refuses changes nothing, and closing means what was decided.

use std::sync::atomic::Ordering;

use super::*;

fn settings(close_to_tray: bool, autostart: bool, theme: &str) -> Value {
    json!({
        "close_to_tray": close_to_tray,
        "autostart": autostart,
        "notifications": false,
        "theme": theme,
        "zoom_percent": 150,
        "single_key_shortcuts": false
    })
}

fn remembered(page: &Page) -> crate::remembered::Remembered {
    page.app.state::<Shell>().memory.read()
}

#[test]
fn settings_are_kept_and_survive_the_app() {
    let page = Page::running();
    let dir = Arc::clone(&page.dir);
    let before = page.ask("settings").unwrap();
    let fresh = json!({
        "close_to_tray": true,
        "autostart": false,
        "notifications": true,
        "theme": "system",
        "zoom_percent": 100,
        "single_key_shortcuts": true
    });
    assert_eq!(before, fresh);
    let wanted = settings(true, true, "dark");
    for _ in 0..2 {
        assert_eq!(page.request("settings_set", wanted.clone()).unwrap(), wanted);
    }
    assert_eq!(*page.fakes.desktop.done.lock(), ["zoomed"], "once");
    assert!(page.fakes.desktop.starts.load(Ordering::Relaxed));
    assert!(!remembered(&page).close_decided, "another switch says nothing about closing");
    drop(page);
    let page = Page::on(dir);
    page.fakes.desktop.starts.store(true, Ordering::Relaxed);
    assert_eq!(page.ask("settings").unwrap(), wanted);
    page.request("settings_set", settings(false, false, "dark")).unwrap();
    assert!(remembered(&page).close_decided);
}

#[test]
fn only_what_is_sent_changes() {
    let page = Page::running();
    page.request("settings_set", json!({ "zoom_percent": 150 })).unwrap();
    // Another place of the page, which read the settings before, and the desktop's own list of what starts.
    page.fakes.desktop.starts.store(true, Ordering::Relaxed);
    page.fakes.desktop.refuses.store(true, Ordering::Relaxed);
    let kept = page.request("settings_set", json!({ "theme": "dark" })).unwrap();
    assert_eq!(
        (&kept["zoom_percent"], &kept["theme"], &kept["autostart"], &kept["notifications"]),
        (&json!(150), &json!("dark"), &json!(true), &json!(true))
    );
    assert_eq!(page.request("settings_set", json!({})).unwrap(), kept);
    assert!(!remembered(&page).close_decided);
    page.request("settings_set", json!({ "close_to_tray": false })).unwrap();
    assert!(remembered(&page).close_decided);
}

#[test]
fn what_the_system_refuses_is_an_error_and_changes_nothing() {
    let page = Page::running();
    let before = page.ask("settings").unwrap();
    page.fakes.desktop.refuses.store(true, Ordering::Relaxed);
    assert_eq!(code(&page.request("settings_set", settings(false, true, "dark"))), "local_file");
    assert_eq!(page.ask("settings").unwrap(), before);
    // The other way round: what cannot be written takes the system's change back.
    page.fakes.desktop.refuses.store(false, Ordering::Relaxed);
    std::fs::create_dir_all(page.dir().join("home/desktop.json")).unwrap();
    page.request("settings_set", settings(false, true, "dark")).unwrap_err();
    assert!(!page.fakes.desktop.starts.load(Ordering::Relaxed));
}

#[test]
fn a_decision_about_closing_is_kept_and_done() {
    let page = Page::running();
    page.request("close_decided", json!({ "keep_running": true })).unwrap();
    assert!(remembered(&page).close_decided && remembered(&page).close_to_tray);
    page.ask("close_dismissed").unwrap();
    page.request("close_decided", json!({ "keep_running": false })).unwrap();
    assert!(!remembered(&page).close_to_tray);
    page.ask("quit").unwrap();
    assert_eq!(*page.fakes.desktop.done.lock(), ["hidden", "quit", "quit"]);
}

#[test]
fn without_an_identity_there_are_no_settings_to_keep_but_a_window_to_close() {
    let page = Page::without_identity();
    assert_eq!(code(&page.request("settings_set", settings(false, true, "dark"))), "no_identity");
    assert!(!page.fakes.desktop.starts.load(Ordering::Relaxed) && !page.dir().join("home").exists());
    page.request("close_decided", json!({ "keep_running": false })).unwrap();
    assert_eq!(*page.fakes.desktop.done.lock(), ["quit"]);
}

#[test]
fn a_pause_for_a_while_tells_its_end() {
    let page = Page::running();
    page.request("transfers_pause_for", json!({ "minutes": 30 })).unwrap();
    let report = page.ask("transfers").unwrap();
    assert_eq!(report["paused_all"], true);
    assert!(report["paused_until"].as_str().unwrap().ends_with('Z'), "{report}");
    page.request("transfer_resume", json!({})).unwrap();
    assert_eq!(page.ask("transfers").unwrap(), json!({ "transfers": [], "paused_all": false }));
    assert_eq!(code(&page.request("transfers_pause_for", json!({ "minutes": 0 }))), "invalid_request");
}
