//! From an empty home to a file that is stored and brought back, as the page does it.

use super::*;

pub(super) const TYPED: &str = "typed into the page";

/// A home with nothing in it, and no passphrase file.
pub(super) fn newcomer() -> Page {
    let page = Page::with(Arc::new(tempfile::tempdir().unwrap()), None);
    page.until_phase("no_identity");
    page
}

pub(super) fn create(page: &Page, network: Value) -> Result<Value, Value> {
    page.request("onboarding_create", json!({ "network": network, "passphrase": TYPED }))
}

pub(super) fn owner(page: &Page) -> Value {
    page.ask("node_view").unwrap()["status"]["owner"].clone()
}

/// Waits until the newest transfer has ended, and says how. Every change comes as an event.
pub(super) fn newest_ended(page: &Page, told: &std::sync::mpsc::Receiver<String>) -> Value {
    loop {
        let report = page.ask("transfers").unwrap();
        let newest = report["transfers"].as_array().unwrap().last().unwrap().clone();
        if !["waiting", "running"].contains(&newest["state"].as_str().unwrap()) {
            return newest;
        }
        told.recv_timeout(Duration::from_mins(2)).unwrap_or_else(|_| panic!("nothing moves: {newest}"));
    }
}

#[test]
fn a_newcomer_stores_a_file_and_brings_it_back_without_leaving_the_app() {
    let page = newcomer();
    let offered = page.ask("onboarding_networks").unwrap();
    assert_eq!(offered["networks"][0]["id"], "try_out");
    assert_eq!(create(&page, json!("try_out")).unwrap(), json!({ "phrase_words": 24 }));
    page.until_phase("running");
    let (tell, told) = std::sync::mpsc::channel();
    page.app.listen_any("transfers", move |event| drop(tell.send(event.payload().to_owned())));
    let file = page.dir().join("letter.txt");
    std::fs::write(&file, "some words ".repeat(1000)).unwrap();
    page.fakes.dialogs.will_be(&file);
    let chosen = page.request("choose_upload", json!({ "what": "files" })).unwrap();
    page.request("upload_start", json!({ "selection": chosen["selection"] })).unwrap();
    let uploaded = newest_ended(&page, &told);
    assert_eq!(uploaded["state"], "done", "{uploaded}");
    let back = page.dir().join("back");
    std::fs::create_dir(&back).unwrap();
    page.fakes.dialogs.will_be(&back);
    page.request("download_start", json!({ "names": ["/letter.txt"] })).unwrap();
    let downloaded = newest_ended(&page, &told);
    assert_eq!(downloaded["state"], "done", "{downloaded}");
    assert_eq!(std::fs::read(back.join("letter.txt")).unwrap(), std::fs::read(&file).unwrap());
    // A file that the dialog has asked about gives way, and a directory of that name does not.
    let older = back.join("older.txt");
    std::fs::write(&older, b"older").unwrap();
    page.fakes.dialogs.will_be(&older);
    page.request("download_start", json!({ "names": ["/letter.txt"] })).unwrap();
    let over = newest_ended(&page, &told);
    assert_eq!(over["state"], "done", "{over}");
    assert_eq!(std::fs::read(&older).unwrap(), std::fs::read(&file).unwrap());
    assert_eq!(code(&create(&page, json!("try_out"))), "identity_exists");
}

#[test]
fn the_words_bring_the_identity_back_and_are_confirmed_once_written_down() {
    let network = "name = \"friends\"\nprivate_addresses = true\n";
    let join = |page: &Page| {
        let file = page.dir().join("network.toml");
        std::fs::write(&file, network).unwrap();
        page.fakes.dialogs.will_be(&file);
        let chosen = page.ask("onboarding_choose_network").unwrap();
        assert_eq!((&chosen["file"], &chosen["network"]), (&json!("network.toml"), &json!("friends")));
        chosen["selection"].clone()
    };
    let first = newcomer();
    assert_eq!(first.ask("shell_state").unwrap()["phrase_confirmed"], false);
    assert_eq!(code(&first.ask("phrase_show")), "no_identity");
    assert_eq!(code(&first.ask("phrase_confirmed")), "no_identity");
    create(&first, json!({ "selection": join(&first) })).unwrap();
    first.until_phase("running");
    assert_eq!(first.ask("node_view").unwrap()["status"]["network"], "friends");
    let words = first.ask("phrase_show").unwrap()["words"].clone();
    let words: Vec<&str> = words.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    assert_eq!(words.len(), 24);
    assert_eq!(first.ask("shell_state").unwrap()["phrase_confirmed"], false);
    first.ask("phrase_confirmed").unwrap();
    assert_eq!(first.ask("shell_state").unwrap()["phrase_confirmed"], true);

    let second = newcomer();
    let restore = |words: String| {
        let network = json!({ "selection": join(&second) });
        let request = json!({ "source": { "phrase": words }, "network": network, "passphrase": TYPED });
        second.request("onboarding_restore", request)
    };
    assert_eq!(code(&restore("zoo ".repeat(24))), "wrong_key");
    let look = |words: &str| second.request("onboarding_check", json!({ "source": { "phrase": words } }));
    assert_eq!(code(&look(&"zoo ".repeat(24))), "wrong_key");
    let found = look(&words.join(" ")).unwrap();
    assert_eq!((&found["owner"], &found["is_known_here"]), (&owner(&first), &json!(false)));
    assert!(found["stellar_account"].as_str().unwrap().starts_with('G'), "{found}");
    assert!(!second.dir().join("home").exists(), "a look writes nothing");
    restore(words.join(" ")).unwrap();
    second.until_phase("running");
    assert_eq!(look(&words.join(" ")).unwrap()["is_known_here"], true);
    let others = layr_keys::RecoveryPhrase::from_entropy(&[7; 32]).to_text();
    assert_eq!(code(&look(&others)), "other_owner");
    assert_eq!(owner(&second), owner(&first));
    let remembered = second.ask("shell_state").unwrap();
    assert_eq!(remembered["phrase_confirmed"], true, "they were typed in");
    assert_eq!(remembered["restored"], true, "the page says that files come with their manifests");
    assert_eq!(first.ask("shell_state").unwrap()["restored"], false);
}

#[test]
fn a_file_that_is_no_network_file_makes_no_identity() {
    let page = newcomer();
    for text in ["not toml at all", "name = \"try-out\"\n"] {
        let file = page.dir().join("network.toml");
        std::fs::write(&file, text).unwrap();
        page.fakes.dialogs.will_be(&file);
        assert_eq!(code(&page.ask("onboarding_choose_network")), "invalid_request", "{text}");
    }
    let file = page.dir().join("network.toml");
    page.fakes.dialogs.will_be(&file);
    let chosen = page.request("choose_upload", json!({ "what": "files" })).unwrap();
    let refused = create(&page, json!({ "selection": chosen["selection"] }));
    assert_eq!(code(&refused), "invalid_request", "it was chosen to be stored");
    assert!(!page.dir().join("home/config.toml").exists());
}

#[test]
fn a_sealed_home_opens_with_its_passphrase_only() {
    let page = Page::running().locked_again();
    assert_eq!(code(&page.request("unlock", json!({ "passphrase": "wrong" }))), "wrong_key");
    assert_eq!(page.ask("node_view").unwrap()["phase"], "locked");
    page.request("unlock", json!({ "passphrase": PASSPHRASE })).unwrap();
    page.until_phase("running");
}

#[test]
fn a_locked_app_holds_neither_keys_nor_home_and_goes_on_with_the_passphrase() {
    let page = Page::running().locked_again();
    for _ in 0..2 {
        page.request("unlock", json!({ "passphrase": PASSPHRASE })).unwrap();
        page.until_phase("running");
        assert_eq!(page.ask("shell_state").unwrap()["can_lock"], true);
        page.ask("transfers").unwrap();
        page.ask("phrase_copy").unwrap();
        page.ask("lock").unwrap();
        assert!(page.fakes.clipboard.text.lock().is_none(), "the words are not left to whoever comes next");
        let view = page.ask("node_view").unwrap();
        assert_eq!((&view["phase"], &view["store"]), (&json!("locked"), &json!("file")), "{view}");
        assert_eq!(code(&page.ask("transfers")), "no_node");
        assert_eq!(code(&page.ask("phrase_show")), "locked");
        // Whoever types the passphrase into a terminal may have it.
        drop(Home::new(page.dir().join("home")).lock().unwrap());
    }
    page.ask("lock").unwrap();
    assert_eq!(page.ask("node_view").unwrap()["phase"], "locked", "once more changes nothing");
}

#[test]
fn keys_that_open_by_themselves_cannot_be_locked() {
    let page = Page::running();
    assert_eq!(page.ask("shell_state").unwrap()["can_lock"], false);
    assert_eq!(code(&page.ask("lock")), "invalid_request");
    page.ask("transfers").unwrap();
}

/// A home whose node ran once and whose key file was deleted since; and its words.
fn without_keys() -> (Page, String) {
    let made = Page::running();
    let words = made.ask("phrase_show").unwrap()["words"].clone();
    let words: Vec<&str> = words.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    let dir = Arc::clone(&made.dir);
    drop(made);
    std::fs::remove_file(dir.path().join("home/keys.sealed")).unwrap();
    let page = Page::with(dir, None);
    page.until_phase("keys_gone");
    (page, words.join(" "))
}

fn restore_keys(page: &Page, words: &str) -> Result<Value, Value> {
    page.request("keys_restore", json!({ "source": { "phrase": words }, "passphrase": TYPED }))
}

#[test]
fn the_words_bring_lost_keys_back_to_the_home_that_they_belong_to() {
    let (page, words) = without_keys();
    let view = page.ask("node_view").unwrap();
    assert!(!view["message"].as_str().unwrap().contains("--recover"), "{view}");
    let home = page.dir().join("home");
    let config = std::fs::read(home.join("config.toml")).unwrap();
    let anothers = format!("{}art", "abandon ".repeat(23));
    for (wrong, expected) in [("zoo ".repeat(24), "wrong_key"), (anothers, "other_owner")] {
        assert_eq!(code(&restore_keys(&page, &wrong)), expected);
        assert_eq!(page.ask("node_view").unwrap()["phase"], "keys_gone");
        assert_eq!(std::fs::read(home.join("config.toml")).unwrap(), config);
        assert!(!home.join("keys.sealed").exists());
    }
    restore_keys(&page, &words).unwrap();
    page.until_phase("running");
    let remembered = page.ask("shell_state").unwrap();
    assert_eq!(remembered, json!({ "phrase_confirmed": true, "restored": false, "can_lock": true }));
    // The typed passphrase seals them, and they are not replaced once they are there.
    assert_eq!(code(&restore_keys(&page, &words)), "identity_exists");
    let page = page.locked_again();
    page.request("unlock", json!({ "passphrase": TYPED })).unwrap();
    page.until_phase("running");
}

#[test]
fn keys_come_back_to_no_home_without_an_identity_and_to_none_that_is_locked() {
    let words = format!("{}art", "abandon ".repeat(23));
    assert_eq!(code(&restore_keys(&newcomer(), &words)), "no_identity");
    let page = Page::running().locked_again();
    assert_eq!(code(&restore_keys(&page, &words)), "identity_exists");
}
