//! Links and sealed words: handed over as text and as a file, and good for what they say only.

use layr_suites::{Devnet, Layr, sample};

use crate::PROGRAM;

fn fixture(name: &str) -> String {
    // Not where this was built: cargo takes a test that another checkout has built as fresh.
    let package = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    format!("{package}/../../../tests/fixtures/keys/{name}")
}

#[test]
fn a_link_brings_a_file_to_somebody_else() {
    let net = Devnet::start(PROGRAM, 3);
    let owner = &net.owner.layr;
    let folder = net.dir().join("letters");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("a.txt"), sample::noise(7, 300_000)).unwrap();
    std::fs::write(folder.join("b.txt"), "dear reader").unwrap();
    owner.ok(&["put", folder.to_str().unwrap()]);

    let shared = owner.ok(&["share", "/letters"]);
    let link = shared["link"].as_str().unwrap();
    assert!(link.starts_with("layr://import/1#"), "{link}");
    assert_eq!(shared["names"], serde_json::json!(["letters/a.txt", "letters/b.txt"]));
    assert_eq!(shared["size"], 300_011);
    assert_eq!(shared.as_object().unwrap().len(), 3, "{shared}");
    let shown = owner.command(&["share", "/letters/b.txt"]).output().unwrap();
    let text = String::from_utf8(shown.stdout).unwrap();
    assert!(
        text.starts_with("layr://") && text.trim_end().lines().count() == 1,
        "a pipe gets the link alone"
    );

    let mut friend = net.new_home("friend", None);
    friend.start(&["--listen", "/ip4/127.0.0.1/tcp/0"]);
    let got = net.dir().join("got");
    friend.layr.ok(&["get", link, "-o", got.to_str().unwrap()]);
    sample::assert_same(&folder, &got);
    assert_eq!(friend.layr.ok(&["ls"])["files"], serde_json::json!([]), "a download takes nothing in");
    friend.layr.ok(&["import", link]);
    let back = net.dir().join("back");
    friend.layr.ok(&["get", "/letters", "-o", back.to_str().unwrap()]);
    sample::assert_same(&folder, &back);

    // Without a target it gets its own name, in the working directory.
    let here = net.dir().join("here");
    std::fs::create_dir(&here).unwrap();
    let mut command = friend.layr.command(&["get", text.trim()]);
    assert!(command.current_dir(&here).output().unwrap().status.success());
    assert_eq!(std::fs::read_to_string(here.join("b.txt")).unwrap(), "dear reader");

    for bad in [&link[..link.len() - 1], "layr://import/2#AA", "layr://", "layr://import/1#"] {
        let refused = friend.layr.fails(1, &["import", bad]);
        assert_eq!(refused["code"], "invalid_manifest", "{bad}");
        let refused = friend.layr.fails(1, &["get", bad, "-o", got.to_str().unwrap()]);
        assert_eq!(refused["code"], "invalid_manifest", "{bad}");
    }
    owner.fails(3, &["share", "/nowhere"]);
    for wrong in ["7", "soon", "11w10d", "0d", "99999w"] {
        owner.fails(2, &["share", "/letters", "--expires", wrong]);
    }
    let ending = owner.ok(&["share", "/letters", "--expires", "7d"]);
    assert_eq!((&ending["names"], ending.as_object().unwrap().len()), (&shared["names"], 4), "{ending}");
    assert!(ending["expires"].as_str().unwrap().ends_with('Z'), "{ending}");
    let later = net.dir().join("later");
    friend.layr.ok(&["get", ending["link"].as_str().unwrap(), "-o", later.to_str().unwrap()]);

    // Listing needs no node, and neither does a link.
    owner.ok(&["stop"]);
    assert_eq!(owner.ok(&["share", "/letters"])["names"], shared["names"]);
    assert!(owner.ok(&["share", "/letters", "--expires", "2w"])["expires"].is_string());
}

#[test]
fn what_is_too_large_for_a_link_names_the_way_that_has_room() {
    let net = Devnet::start(PROGRAM, 3);
    let owner = &net.owner.layr;
    let folder = net.dir().join("many");
    std::fs::create_dir(&folder).unwrap();
    for number in 0..400 {
        std::fs::write(folder.join(format!("{number:0>150}")), number.to_string()).unwrap();
    }
    owner.ok(&["put", folder.to_str().unwrap()]);
    let refused = owner.fails(2, &["share", "/many"]);
    let message = refused["message"].as_str().unwrap();
    assert!(message.contains("65536") && message.contains("Export it instead"), "{message}");
    owner.ok(&["share", &format!("/many/{:0>150}", 7)]);
}

#[test]
fn sealed_words_recover_an_identity_on_a_machine_without_a_keyring() {
    let dir = tempfile::tempdir().unwrap();
    let passphrase = dir.path().join("passphrase");
    let sealed = fixture("phrase-1.layrkey");
    let home = |name: &str| Layr::new(PROGRAM.as_ref(), &dir.path().join(name), &passphrase);
    let init =
        |file: &str| ["init", "--key-store", "file", "--recover", "--phrase-file", file].map(str::to_owned);

    std::fs::write(&passphrase, "not this one\n").unwrap();
    let layr = home("home");
    assert_eq!(layr.fails(8, &init(&sealed))["code"], "wrong_key");
    assert!(!dir.path().join("home").exists(), "a wrong passphrase leaves nothing behind");
    let damaged = dir.path().join("damaged.layrkey");
    std::fs::write(&damaged, &std::fs::read(&sealed).unwrap()[..100]).unwrap();
    layr.fails(2, &init(damaged.to_str().unwrap()));

    std::fs::write(&passphrase, "correct horse b\u{e4}ttery\n").unwrap();
    let made = layr.ok(&init(&sealed));
    let golden = std::fs::read_to_string(fixture("golden.txt")).unwrap();
    let owner = golden.lines().find_map(|line| line.strip_prefix("owner_id = ")).unwrap();
    assert_eq!(made["owner"], owner);
    assert!(made["phrase"].is_null(), "the words are not printed");

    // The same over standard input; the passphrase opens the new key file, too.
    let mut command = home("other").command(&init("-"));
    command.arg("--json").stdin(std::fs::File::open(&sealed).unwrap());
    let answer = layr_suites::layr::answer(command);
    assert_eq!((answer.code, &answer.json["owner"]), (0, &made["owner"]), "{}", answer.stderr);
    layr.ok(&["daemon", "--detach", "--listen", "/ip4/127.0.0.1/tcp/0"]);
    layr.ok(&["stop"]);
}
