//! The library and `.layr` files.

use std::path::PathBuf;

use super::*;

/// A `.layr` file that anybody can read, made by an earlier version.
pub(super) fn bearer_file() -> PathBuf {
    Path::new(&std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("tests/fixtures/library/bearer.layr")
}

/// Takes the example into the library and returns the first name in it.
pub(super) fn import_example(page: &Page) -> String {
    page.fakes.dialogs.will_be(&bearer_file());
    let preview = page.ask("import_manifest").unwrap();
    let names =
        page.request("import_confirm", json!({ "token": preview["token"] })).unwrap()["names"].clone();
    names[0].as_str().unwrap().to_owned()
}

#[test]
fn an_import_is_shown_first_and_taken_in_once() {
    let page = Page::running();
    assert_eq!(page.ask("import_manifest").unwrap(), Value::Null, "the person dismissed the dialog");
    page.fakes.dialogs.will_be(&bearer_file());
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
fn a_copied_link_is_shown_first_and_never_reaches_the_page() {
    let page = Page::running();
    let name = import_example(&page);
    for text in [
        None,
        Some("a shopping list"),
        Some("https://layr.example/layr://import"),
        Some("layr://import/1#AA"),
    ] {
        *page.fakes.clipboard.text.lock() = text.map(str::to_owned);
        let refused = page.ask("import_copied");
        assert!(refused.is_err(), "{text:?}: {refused:?}");
    }
    page.request("share_copy", json!({ "name": name })).unwrap();
    let link = page.fakes.clipboard.text.lock().clone().unwrap();
    *page.fakes.clipboard.text.lock() = Some(format!(" {link}\n"));
    let preview = page.ask("import_copied").unwrap();
    // A link to one file carries its name, not the folders that it lies in.
    let short = json!(name.rsplit_once('/').map(|(_, short)| format!("/{short}")));
    assert_eq!((&preview["names"][0], &preview["from"]), (&short, &Value::Null));
    assert!(!preview.to_string().contains(&link[..40]));
    let imported = page.request("import_confirm", json!({ "token": preview["token"] })).unwrap();
    assert_eq!(imported["names"][0], short);
}

#[test]
fn what_a_dead_page_was_shown_waits_for_the_next_one() {
    let page = Page::running();
    page.fakes.dialogs.will_be(&bearer_file());
    let shown = page.ask("import_manifest").unwrap();
    page.app.state::<Shell>().page_is_gone();
    assert_eq!(code(&page.request("import_confirm", json!({ "token": shown["token"] }))), "not_found");
    let again = page.ask("opened").unwrap();
    assert_eq!(again["names"], shown["names"]);
    page.request("import_confirm", json!({ "token": again["token"] })).unwrap();
    page.app.state::<Shell>().page_is_gone();
    assert_eq!(page.ask("opened").unwrap(), Value::Null, "it was taken in");
}

#[test]
fn a_file_that_changed_after_the_look_is_not_taken_in() {
    let page = Page::running();
    let file = page.dir().join("some.layr");
    std::fs::copy(bearer_file(), &file).unwrap();
    page.fakes.dialogs.will_be(&file);
    let preview = page.ask("import_manifest").unwrap();
    std::fs::write(&file, b"LAYR and no more").unwrap();
    let token = json!({ "token": preview["token"] });
    assert_eq!(code(&page.request("import_confirm", token.clone())), "invalid_manifest");
    assert_eq!(code(&page.request("import_confirm", token)), "not_found", "it is not kept for another try");
    page.fakes.dialogs.will_be(&file);
    assert_eq!(code(&page.ask("import_manifest")), "invalid_manifest");
}

#[test]
fn another_file_under_the_name_that_was_looked_at_is_not_taken_in() {
    let page = Page::running();
    let name = import_example(&page);
    page.request("file_rename", json!({ "name": name, "new_name": "another name" })).unwrap();
    let other = page.dir().join("other.layr");
    page.fakes.dialogs.will_be(&other);
    page.request("export_manifest", json!({ "name": "/shared/another name", "private": false })).unwrap();
    let file = page.dir().join("some.layr");
    std::fs::copy(bearer_file(), &file).unwrap();
    page.fakes.dialogs.will_be(&file);
    let preview = page.ask("import_manifest").unwrap();
    std::fs::copy(&other, &file).unwrap();
    let token = json!({ "token": preview["token"] });
    assert_eq!(code(&page.request("import_confirm", token.clone())), "conflict");
    assert_eq!(code(&page.request("import_confirm", token)), "not_found");
}

#[test]
fn a_stored_file_is_renamed_removed_restored_and_exported() {
    let page = Page::running();
    let name = import_example(&page);
    let renamed = page.request("file_rename", json!({ "name": name, "new_name": "another name" })).unwrap();
    assert_eq!(renamed["name"], "/shared/another name");
    assert!(
        page.request("file_rename", json!({ "name": "/shared/another name", "new_name": "a/b" })).is_err()
    );
    let removed = page.request("files_remove", json!({ "names": ["/shared/another name"] })).unwrap();
    assert_eq!(removed["removed"], 1);
    assert_eq!(code(&page.request("file_info", json!({ "name": "/shared/another name" }))), "not_found");
    let restored = page.request("file_restore", json!({ "name": "/shared/another name" })).unwrap();
    assert_eq!(restored["name"], "/shared/another name");

    let request = json!({ "name": "/shared/another name", "private": false });
    assert_eq!(page.request("export_manifest", request.clone()).unwrap(), Value::Null, "dismissed");
    let target = page.dir().join("carried.layr");
    std::fs::write(&target, b"an older export").unwrap();
    page.fakes.dialogs.will_be(&target);
    assert_eq!(page.request("export_manifest", request).unwrap()["path"], json!(target));
    assert!(std::fs::read(&target).unwrap().starts_with(b"LAYR"));
    let suggested = Question::SaveManifest { name: "another name.layr".to_owned() };
    assert_eq!(page.fakes.dialogs.asked.lock().last(), Some(&suggested));
}

#[test]
fn the_page_cannot_name_a_file_of_the_machine_for_an_export() {
    let page = Page::running();
    page.fakes.dialogs.will_be(&page.dir().join("stolen.layr"));
    let request = json!({ "name": bearer_file(), "private": false });
    assert_eq!(code(&page.request("export_manifest", request)), "not_found");
    assert!(page.fakes.dialogs.asked.lock().is_empty(), "nobody was asked");
}

#[test]
fn a_check_tells_what_it_would_read_and_is_one_at_a_time() {
    let page = Page::running();
    import_example(&page);
    let names = json!({ "names": ["/"] });
    let plan = page.request("files_verify_plan", names.clone()).unwrap();
    assert!(plan["quick"]["bytes"].as_u64() < plan["thorough"]["bytes"].as_u64(), "{plan}");
    let shards = |thorough: bool| {
        let answer = page.request("files_verify", json!({ "names": ["/"], "thorough": thorough })).unwrap();
        ["passed", "missing", "corrupt", "unreachable"]
            .iter()
            .map(|kind| answer[kind].as_u64().unwrap())
            .sum::<u64>()
    };
    assert_eq!(shards(false), plan["thorough"]["shards"].as_u64().unwrap(), "every host is asked for each");
    assert_eq!(shards(false), shards(true));
    let quick = page.request("files_verify", names.clone()).unwrap();
    assert_eq!(quick["unreachable"], shards(false), "nobody is there to answer");
    page.ask("check_cancel").unwrap();
    tauri::async_runtime::block_on(async {
        let call = || windowless::answer(&page.window, "files_verify", json!({ "request": names }));
        let (first, second) = tokio::join!(call(), call());
        assert_eq!(code(&first.and(second)), "conflict");
    });
}

#[test]
fn what_somebody_else_stored_is_not_for_us_to_repair_and_a_repair_is_one_at_a_time() {
    let page = Page::running();
    import_example(&page);
    let names = json!({ "names": ["/"] });
    // Nobody is there to answer, which is held against no host.
    let check = page.request("files_verify", names.clone()).unwrap();
    assert_eq!(check["nobody_answered"], true, "{check}");
    let plan = page.request("files_repair_plan", names.clone()).unwrap();
    assert_eq!((&plan["segments"], &plan["short_segments"]), (&json!(0), &json!(0)), "{plan}");
    let repaired = page.request("files_repair", names).unwrap();
    assert_eq!((&repaired["rebuilt"], &repaired["short_segments"]), (&json!(0), &json!(0)), "{repaired}");
    let shell = page.app.state::<Shell>();
    let _turn = shell.repairing.taken();
    let busy = page.request("files_repair", json!({ "names": ["/"] }));
    assert_eq!(code(&busy), "conflict");
}

#[test]
fn the_page_hears_of_a_changed_library() {
    let page = Page::running();
    let (tell, told) = std::sync::mpsc::channel();
    page.app.listen_any("library-changed", move |event| drop(tell.send(event.payload().to_owned())));
    import_example(&page);
    told.recv_timeout(Duration::from_mins(1)).expect("the event comes");
}

#[test]
fn the_library_and_its_trash_come_in_pages() {
    let page = Page::running();
    let name = import_example(&page);
    let ask = |trash: bool, limit: u64| {
        let request = json!({ "trash": trash, "search": "/", "sort": "size", "descending": true, "offset": 0, "limit": limit });
        page.request("library_page", request)
    };
    let listed = ask(false, 500).unwrap();
    let names: Vec<_> = listed["rows"].as_array().unwrap().iter().map(|row| row["name"].clone()).collect();
    assert!(names.contains(&json!(name)), "{listed}");
    assert_eq!(listed["total"], names.len());
    assert_eq!(ask(true, 500).unwrap()["total"], 0);
    page.request("files_remove", json!({ "names": [name] })).unwrap();
    assert_eq!(ask(true, 500).unwrap()["rows"][0]["name"], name);
    assert_eq!(code(&ask(false, 501)), "invalid_request");
}

#[test]
fn a_link_goes_to_the_clipboard_and_not_to_the_page() {
    let page = Page::running();
    let name = import_example(&page);
    let shared = page.request("share_copy", json!({ "name": name })).unwrap();
    let link = page.fakes.clipboard.text.lock().clone().unwrap();
    assert!(link.starts_with("layr://"), "{link:.12}");
    assert_eq!(shared, json!({ "bytes": link.len() }));
    assert_eq!(code(&page.request("share_copy", json!({ "name": "/nothing" }))), "not_found");
    assert_eq!(page.fakes.clipboard.text.lock().as_deref(), Some(link.as_str()));
}

#[test]
fn everything_goes_into_one_file() {
    let page = Page::running();
    import_example(&page);
    let file = page.dir().join("all.layr");
    page.fakes.dialogs.will_be(&file);
    page.request("export_manifest", json!({ "name": "/", "private": true })).unwrap();
    assert!(file.exists());
    let suggested = Question::SaveManifest { name: "library.layr".to_owned() };
    assert_eq!(page.fakes.dialogs.asked.lock().last(), Some(&suggested));
}
