//! What is chosen and dropped, and what moves then.

use tauri::{DragDropEvent, PhysicalPosition};

use super::sharing::bearer_file;
use super::*;
use crate::drops;

#[test]
fn a_chosen_file_is_reviewed_without_its_path() {
    let page = Page::running();
    assert_eq!(page.request("choose_upload", json!({ "what": "files" })).unwrap(), Value::Null);
    let file = page.dir().join("secret place.txt");
    std::fs::write(&file, b"some words").unwrap();
    page.fakes.dialogs.will_be(&file);
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
    assert_eq!(*page.fakes.dialogs.asked.lock(), [Question::Files, Question::Files]);
}

#[test]
fn what_was_chosen_for_one_thing_serves_no_other() {
    let page = Page::running();
    page.fakes.dialogs.will_be(&bearer_file());
    let preview = page.ask("import_manifest").unwrap();
    let review = page.request("selection_review", json!({ "selection": preview["token"] }));
    assert_eq!(code(&review), "invalid_request");
    page.fakes.dialogs.will_be(page.dir());
    let chosen = page.request("choose_upload", json!({ "what": "folder" })).unwrap();
    let import = page.request("import_confirm", json!({ "token": chosen["selection"] }));
    assert_eq!(code(&import), "invalid_request");
}

#[test]
fn a_drop_becomes_a_selection_and_its_paths_stay_with_the_shell() {
    let page = Page::running();
    let (tell, told) = std::sync::mpsc::channel();
    page.app.listen_any("drop", move |event| drop(tell.send(event.payload().to_owned())));
    let next = || serde_json::from_str::<Value>(&told.recv_timeout(Duration::from_mins(1)).unwrap()).unwrap();
    let file = page.dir().join("dropped.txt");
    std::fs::write(&file, b"some words").unwrap();
    let (paths, position) = (vec![file], PhysicalPosition::new(1.0, 1.0));
    drops::tell(page.app.handle(), &DragDropEvent::Enter { paths: paths.clone(), position });
    assert_eq!(next(), json!({ "phase": "enter", "count": 1 }));
    // Nothing is told of its way over the window, nor of what has no paths.
    drops::tell(page.app.handle(), &DragDropEvent::Over { position });
    drops::tell(page.app.handle(), &DragDropEvent::Enter { paths: Vec::new(), position });
    drops::tell(page.app.handle(), &DragDropEvent::Leave);
    assert_eq!(next(), json!({ "phase": "leave" }));
    drops::tell(page.app.handle(), &DragDropEvent::Drop { paths, position });
    let dropped = next();
    assert_eq!((&dropped["phase"], &dropped["count"]), (&json!("drop"), &json!(1)));
    let many = vec![page.dir().join("a"); 10_001];
    drops::tell(page.app.handle(), &DragDropEvent::Drop { paths: many, position });
    let refused = next();
    assert_eq!(
        (&refused["selection"], &refused["refused"]["code"]),
        (&Value::Null, &json!("invalid_request"))
    );
    let review = page.request("selection_review", json!({ "selection": dropped["selection"] }));
    assert_eq!(code(&review), "not_enough_hosts");
    drops::tell(page.app.handle(), &DragDropEvent::Drop { paths: Vec::new(), position });
    assert!(told.try_recv().is_err(), "nothing to tell");
}

/// Waits for the report in an event in which the newest transfer is in this state.
fn until_state(told: &std::sync::mpsc::Receiver<String>, state: &str) -> Value {
    loop {
        let report: Value =
            serde_json::from_str(&told.recv_timeout(Duration::from_mins(1)).unwrap()).unwrap();
        let newest = report["transfers"].as_array().unwrap().last().cloned().unwrap_or_default();
        if newest["state"] == state {
            return newest;
        }
    }
}

#[test]
fn an_upload_is_queued_paused_resumed_and_cancelled() {
    let page = Page::running();
    let (tell, told) = std::sync::mpsc::channel();
    page.app.listen_any("transfers", move |event| drop(tell.send(event.payload().to_owned())));
    let file = page.dir().join("letter.txt");
    std::fs::write(&file, b"some words").unwrap();
    page.fakes.dialogs.will_be(&file);
    let chosen = page.request("choose_upload", json!({ "what": "files" })).unwrap();
    page.request("transfer_pause", json!({})).unwrap();
    let started =
        page.request("upload_start", json!({ "selection": chosen["selection"], "to": "/docs" })).unwrap();
    assert_eq!(until_state(&told, "paused")["id"], started["transfer"]);
    let report = page.ask("transfers").unwrap();
    assert_eq!(
        (&report["paused_all"], &report["transfers"][0]["name"]),
        (&json!(true), &json!("letter.txt"))
    );
    let again = page.request("upload_start", json!({ "selection": chosen["selection"] }));
    assert_eq!(code(&again), "not_found", "a selection is good for once");
    page.request("transfer_resume", json!({})).unwrap();
    page.request("transfer_retry", json!({})).unwrap();
    page.request("transfer_cancel", json!({})).unwrap();
    // It is shown as cancelled at once, and can be cleared when what it held is given back.
    while until_state(&told, "cancelled")["finished"].is_null() {}
    page.ask("transfers_clear").unwrap();
    assert_eq!(page.ask("transfers").unwrap()["transfers"], json!([]));
    for command in ["transfer_pause", "transfer_resume", "transfer_retry", "transfer_cancel"] {
        assert_eq!(code(&page.request(command, json!({ "id": 999 }))), "not_found", "{command}");
    }
}

#[test]
fn two_uploads_of_one_selection_that_come_at_once_queue_one() {
    let page = Page::running();
    let file = page.dir().join("letter.txt");
    std::fs::write(&file, b"some words").unwrap();
    page.fakes.dialogs.will_be(&file);
    let chosen = page.request("choose_upload", json!({ "what": "files" })).unwrap();
    page.request("transfer_pause", json!({})).unwrap();
    let body = json!({ "request": { "selection": chosen["selection"] } });
    let start = || windowless::answer(&page.window, "upload_start", body.clone());
    let (first, second) = tauri::async_runtime::block_on(async { tokio::join!(start(), start()) });
    // Whichever takes it.
    let (taken, late) = if first.is_ok() { (first, second) } else { (second, first) };
    assert_eq!((taken.is_ok(), code(&late)), (true, "not_found"));
    assert_eq!(page.ask("transfers").unwrap()["transfers"].as_array().unwrap().len(), 1);
}

#[test]
fn a_download_goes_where_the_person_says() {
    let page = Page::running();
    let name = super::sharing::import_example(&page);
    let request = json!({ "names": [name] });
    assert_eq!(page.request("download_start", request.clone()).unwrap(), Value::Null, "dismissed");
    page.fakes.dialogs.will_be(page.dir());
    let started = page.request("download_start", request).unwrap();
    assert_eq!(page.ask("transfers").unwrap()["transfers"][0]["id"], started["transfers"][0]);
    let save = Question::SaveFile { name: name.rsplit('/').next().unwrap().to_owned() };
    assert_eq!(*page.fakes.dialogs.asked.lock(), [Question::Manifest, save.clone(), save]);
    let foreign = page.request("download_start", json!({ "names": [bearer_file()] }));
    assert_eq!(code(&foreign), "not_found", "the page names no file of this machine");
    let many = page.request("download_start", json!({ "names": vec![name; 501] }));
    assert_eq!(code(&many), "invalid_request");
}
