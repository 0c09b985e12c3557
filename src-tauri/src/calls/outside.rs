//! What is opened from outside: shown, and taken in after a yes only.

use std::ffi::OsString;
use std::sync::mpsc::Receiver;

use super::onboarding::{TYPED, newcomer};
use super::sharing::bearer_file;
use super::*;
use crate::closing::Successor;

/// The `opened` events of the page.
fn told(page: &Page) -> Receiver<String> {
    let (tell, told) = std::sync::mpsc::channel();
    page.app.listen_any("opened", move |event| drop(tell.send(event.payload().to_owned())));
    told
}

/// As another start of the app hands it over.
fn second_start(page: &Page, arguments: &[&str], directory: &Path) {
    let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
    let opening = std::sync::Arc::clone(&page.app.state::<Shell>().opening);
    crate::opening::arguments(page.app.handle(), &opening, &arguments, directory);
}

/// A link to what the example file holds.
fn link() -> String {
    use base64::Engine as _;
    let bytes = std::fs::read(bearer_file()).unwrap();
    format!("layr://import/1#{}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes))
}

fn files(page: &Page) -> Value {
    page.request("library_page", json!({ "limit": 500 })).unwrap()["total"].clone()
}

#[test]
fn a_file_of_another_start_waits_for_a_yes() {
    let page = Page::running();
    let told = told(&page);
    assert_eq!(page.ask("opened").unwrap(), Value::Null);
    let file = bearer_file();
    second_start(&page, &["--home", "/elsewhere", "bearer.layr"], file.parent().unwrap());
    told.recv_timeout(Duration::from_mins(1)).expect("the page is told");
    assert_eq!(files(&page), 0, "nothing before the yes");
    let preview = page.ask("opened").unwrap();
    assert_eq!(preview["from"], "bearer.layr");
    assert_eq!(files(&page), 0, "a look takes nothing in");
    assert_eq!(page.ask("opened").unwrap(), Value::Null, "it is asked for once");
    let names =
        page.request("import_confirm", json!({ "token": preview["token"] })).unwrap()["names"].clone();
    assert_eq!(names, preview["names"]);
    assert_ne!(files(&page), 0);
    assert_eq!(page.ask("node_view").unwrap()["home"], json!(page.dir().join("home")));
}

#[test]
fn a_start_that_comes_while_the_app_ends_begins_anew_at_the_end() {
    let page = Page::running();
    let shell = page.app.state::<Shell>();
    assert!(shell.closing.begins());
    let link = link();
    for arguments in [vec!["--hidden"], vec![link.as_str()]] {
        second_start(&page, &arguments, page.dir());
    }
    assert_eq!(shell.opening.take(), None, "this app shows it to nobody");
    let last = Successor { arguments: vec![link.into()], directory: page.dir().to_owned() };
    assert_eq!(shell.closing.take_successor(), Some(last));
    assert_eq!(shell.closing.take_successor(), None);
}

#[test]
fn a_link_says_the_same_as_the_file() {
    let page = Page::running();
    second_start(&page, &[&link()], Path::new("/"));
    let preview = page.ask("opened").unwrap();
    assert_eq!(preview["from"], Value::Null);
    let report = page.request("import_confirm", json!({ "token": preview["token"] })).unwrap();
    assert_eq!((&report["names"], &report["path"]), (&preview["names"], &json!("")));
    assert_ne!(files(&page), 0);
}

#[test]
fn the_newest_one_counts_and_an_older_look_is_forgotten() {
    let page = Page::running();
    let folder = bearer_file();
    for _ in 0..1000 {
        second_start(&page, &["no such.layr"], folder.parent().unwrap());
    }
    second_start(&page, &["bearer.layr"], folder.parent().unwrap());
    let older = page.ask("opened").unwrap();
    second_start(&page, &[&link()], Path::new("/"));
    let newer = page.ask("opened").unwrap();
    assert_eq!(code(&page.request("import_confirm", json!({ "token": older["token"] }))), "not_found");
    page.request("import_confirm", json!({ "token": newer["token"] })).unwrap();
}

#[test]
fn hostile_things_give_a_sentence_and_nothing_else() {
    let page = Page::running();
    let dir = page.dir().to_owned();
    std::fs::write(dir.join("garbage.layr"), b"LAYR and no more").unwrap();
    std::fs::create_dir(dir.join("folder.layr")).unwrap();
    // Reading it would wait for ever.
    std::process::Command::new("mkfifo").arg(dir.join("pipe.layr")).status().unwrap();
    std::os::unix::fs::symlink("/dev/zero", dir.join("endless.layr")).unwrap();
    let sparse = std::fs::File::create(dir.join("huge.layr")).unwrap();
    sparse.set_len(1 << 40).unwrap();
    let link = link();
    let (cut, endless) = (&link[..link.len() - 1], format!("{link}{}", "A".repeat(70_000)));
    for (argument, expected) in [
        ("garbage.layr", "invalid_manifest"),
        ("huge.layr", "invalid_manifest"),
        ("folder.layr", "local_file"),
        ("pipe.layr", "local_file"),
        ("endless.layr", "local_file"),
        ("missing.layr", "not_found"),
        ("layr://import/1#", "invalid_manifest"),
        ("layr://import/2#AAAA", "invalid_manifest"),
        ("layr://settings/delete-everything", "invalid_manifest"),
        (cut, "invalid_manifest"),
        (endless.as_str(), "invalid_request"),
        ("/etc/passwd", "invalid_request"),
        ("https://example.org/a.layr", "invalid_request"),
    ] {
        second_start(&page, &[argument], &dir);
        let refused = page.ask("opened");
        assert_eq!(code(&refused), expected, "{argument:.60}");
        assert!(refused.unwrap_err()["message"].as_str().unwrap().ends_with('.'), "{argument:.60}");
        assert_eq!(page.ask("opened").unwrap(), Value::Null, "it is not told again");
    }
    second_start(&page, &["--strange", "--home", "a.layr"], &dir);
    assert_eq!(page.ask("opened").unwrap(), Value::Null);
    assert_eq!(files(&page), 0);
}

#[test]
fn it_waits_until_there_is_a_node() {
    let page = newcomer();
    let told = told(&page);
    second_start(&page, &["bearer.layr"], bearer_file().parent().unwrap());
    assert_eq!(page.ask("opened").unwrap(), Value::Null, "there is no library to take it in");
    assert!(told.try_recv().is_err(), "nor anything to tell");
    page.request("onboarding_create", json!({ "network": "try_out", "passphrase": TYPED })).unwrap();
    page.until_phase("running");
    told.recv_timeout(Duration::from_mins(1)).expect("the page is told");
    assert_eq!(page.ask("opened").unwrap()["from"], "bearer.layr");
}

#[test]
fn the_page_cannot_bring_a_link_in_by_itself() {
    let page = Page::running();
    let link = link();
    page.fakes.dialogs.will_be(&page.dir().join("stolen"));
    for (command, request) in [
        ("download_start", json!({ "names": [link] })),
        ("export_manifest", json!({ "name": link, "private": false })),
        ("file_info", json!({ "name": link })),
    ] {
        let answer = page.request(command, request);
        assert!(["not_found", "invalid_request"].contains(&code(&answer)), "{command}");
    }
    assert!(page.fakes.dialogs.asked.lock().is_empty(), "nobody was asked");
}
