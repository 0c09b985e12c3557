//! The 24 words on their way to a safe place, and back from there.

use std::os::unix::fs::PermissionsExt;

use super::onboarding::{TYPED, newcomer, owner};
use super::*;

const SEAL: &str = "what seals the words";

fn words(page: &Page) -> String {
    let words = page.ask("phrase_show").unwrap()["words"].clone();
    let words: Vec<&str> = words.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    words.join(" ")
}

/// Saves the words of `page` sealed, and returns the file.
fn sealed_by(page: &Page) -> PathBuf {
    let file = page.dir().join("words.layrkey");
    page.fakes.dialogs.will_be(&file);
    let saved = page.request("phrase_save", json!({ "passphrase": SEAL })).unwrap();
    assert_eq!(saved["path"], json!(file));
    file
}

fn choose(page: &Page, file: &Path) -> Value {
    page.fakes.dialogs.will_be(file);
    page.ask("onboarding_choose_sealed").unwrap()["selection"].clone()
}

fn restore(page: &Page, selection: &Value, passphrase: &str) -> Result<Value, Value> {
    let source = json!({ "sealed": { "selection": selection, "passphrase": passphrase } });
    page.request("onboarding_restore", json!({ "source": source, "network": "try_out", "passphrase": TYPED }))
}

#[test]
fn the_words_go_to_the_clipboard_and_to_the_printer() {
    let page = Page::running();
    let copied = page.ask("phrase_copy").unwrap();
    assert_eq!(copied, json!({ "clears_in_s": 60 }));
    assert_eq!(page.fakes.clipboard.text.lock().as_deref(), Some(words(&page).as_str()));
    page.ask("phrase_print").unwrap();
    assert_eq!(*page.fakes.desktop.done.lock(), ["printed"]);
    assert_eq!(page.ask("shell_state").unwrap()["phrase_confirmed"], false, "neither is a confirmation");
}

#[test]
fn the_end_of_the_copy_can_be_waited_for() {
    let page = Page::running();
    assert_eq!(page.ask("phrase_copy_end").unwrap(), json!({ "cleared": true }), "nothing was copied");
}

#[test]
fn words_that_may_still_be_on_the_clipboard_are_told_until_they_are_gone() {
    let page = Page::running();
    let name = super::sharing::import_example(&page);
    let shell = page.app.state::<Shell>();
    let long_ago = std::time::Instant::now().checked_sub(crate::clipboard::KEPT).unwrap();
    let end = || {
        let end = crate::clipboard::end_of_copy(Arc::clone(&shell.copied), shell.host.finder());
        tauri::async_runtime::block_on(end);
    };
    let entries = || page.ask("activity").unwrap()["entries"].clone();
    shell.copied.copy("some words", long_ago).unwrap();
    end();
    assert_eq!(entries(), json!([]), "they were taken away");
    for gone_by in ["share_copy", "another copy"] {
        shell.copied.copy("some words", long_ago).unwrap();
        // A clipboard that does not answer.
        *page.fakes.clipboard.text.lock() = None;
        end();
        let told = entries()[0].clone();
        assert_eq!(
            (&told["kind"], &told["level"], &told["resolved"]),
            (&json!("phrase_on_clipboard"), &json!("action"), &json!(false))
        );
        if gone_by == "share_copy" {
            page.request("share_copy", json!({ "name": name })).unwrap();
        } else {
            shell.copied.copy("some words", long_ago).unwrap();
            end();
        }
        assert_eq!(entries()[0]["resolved"], true, "{gone_by}");
    }
}

#[test]
fn without_an_identity_there_is_nothing_to_copy_print_or_save() {
    let page = newcomer();
    assert_eq!(code(&page.ask("phrase_copy")), "no_identity");
    assert_eq!(code(&page.ask("phrase_print")), "no_identity");
    page.fakes.dialogs.will_be(&page.dir().join("words.layrkey"));
    assert_eq!(code(&page.request("phrase_save", json!({ "passphrase": SEAL }))), "no_identity");
    assert!(page.fakes.dialogs.asked.lock().is_empty(), "nobody was asked where to");
    assert!(page.fakes.clipboard.text.lock().is_none());
}

#[test]
fn sealed_words_bring_the_identity_back_with_the_right_passphrase_only() {
    let first = Page::running();
    let file = sealed_by(&first);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(first.fakes.dialogs.asked.lock().last(), Some(&Question::SaveSealedPhrase));
    let bytes = std::fs::read(&file).unwrap();
    assert!(!words(&first).split(' ').any(|word| bytes.windows(word.len()).any(|at| at == word.as_bytes())));

    let second = newcomer();
    assert_eq!(second.ask("onboarding_choose_sealed").unwrap(), Value::Null, "dismissed");
    let selection = choose(&second, &file);
    assert_eq!(code(&restore(&second, &selection, "not this one")), "wrong_key");
    assert!(!second.dir().join("home/config.toml").exists(), "nothing was changed");
    restore(&second, &selection, SEAL).unwrap();
    second.until_phase("running");
    assert_eq!(owner(&second), owner(&first));
    assert_eq!(words(&second), words(&first));
    let state = second.ask("shell_state").unwrap();
    assert_eq!(state, json!({ "phrase_confirmed": true, "restored": true, "can_lock": true }));
    // Its first files end the reminder that there are none.
    let (tell, told) = std::sync::mpsc::channel();
    second.app.listen_any("shell-state-changed", move |event| drop(tell.send(event.payload().to_owned())));
    super::sharing::import_example(&second);
    told.recv_timeout(Duration::from_mins(1)).expect("the page is told");
    let state = second.ask("shell_state").unwrap();
    assert_eq!(state, json!({ "phrase_confirmed": true, "restored": false, "can_lock": true }));
}

#[test]
fn saving_replaces_only_a_file_that_was_chosen_and_may_be_given_up() {
    let page = Page::running();
    let save = || page.request("phrase_save", json!({ "passphrase": SEAL }));
    assert_eq!(save().unwrap(), Value::Null);
    let file = page.dir().join("words.layrkey");
    std::fs::write(&file, "somebody's words").unwrap();
    // The dialog has asked whether to replace it.
    page.fakes.dialogs.will_be(&file);
    save().unwrap();
    assert!(std::fs::read(&file).unwrap().starts_with(b"LAYRWORD"));
    let folder = page.dir().join("folder.layrkey");
    std::fs::create_dir(&folder).unwrap();
    page.fakes.dialogs.will_be(&folder);
    assert_eq!(code(&save()), "conflict");
    page.fakes.dialogs.will_be(&page.dir().join("no/such/folder/words.layrkey"));
    assert_eq!(code(&save()), "local_file");
    let left: Vec<_> =
        std::fs::read_dir(page.dir()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains(".tmp")), "{left:?}");
}

#[test]
fn a_file_without_sealed_words_is_not_chosen() {
    let page = newcomer();
    let file = page.dir().join("words.layrkey");
    for bytes in [b"LAYRWORD".as_slice(), b"", b"zoo zoo zoo", &[0; 5000]] {
        std::fs::write(&file, bytes).unwrap();
        page.fakes.dialogs.will_be(&file);
        assert_eq!(code(&page.ask("onboarding_choose_sealed")), "invalid_request");
    }
    page.fakes.dialogs.will_be(&page.dir().join("nowhere"));
    assert_eq!(code(&page.ask("onboarding_choose_sealed")), "not_found");
}

#[test]
fn what_was_chosen_for_something_else_opens_no_identity() {
    let page = newcomer();
    let file = page.dir().join("words.layrkey");
    std::fs::write(&file, "LAYRWORD").unwrap();
    page.fakes.dialogs.will_be(&file);
    let chosen = page.request("choose_upload", json!({ "what": "files" })).unwrap();
    assert_eq!(code(&restore(&page, &chosen["selection"], SEAL)), "invalid_request");
    assert_eq!(code(&restore(&page, &json!("0".repeat(32)), SEAL)), "not_found");
}
