//! Keys in the system's keyring: a real gnome-keyring on a bus of the test's own, and none, a locked one, an empty one.
#![cfg(target_os = "linux")]

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use layr_suites::{Layr, Node};
use serde_json::Value;

use crate::PROGRAM;
use crate::wallet::{BROUGHT, BROUGHT_KEY, use_key};

/// How the bus starts the keyring when somebody first calls it; the call is held until the keyring is there.
const UNLOCKED: Option<&str> =
    Some("sh -c 'printf secret | exec gnome-keyring-daemon --unlock --foreground --components=secrets'");
/// As after a login without a password, on a machine on which nobody can be asked for it.
const LOCKED: Option<&str> = Some("gnome-keyring-daemon --start --foreground --components=secrets");
const ABSENT: Option<&str> = None;
const LOOPBACK: &[&str] = &["--listen", "/ip4/127.0.0.1/tcp/0"];

/// A session bus; it ends when dropped, and the keyring with it.
struct Bus {
    daemon: Child,
    address: String,
}

impl Bus {
    fn start(dir: &Path, keyring: Option<&str>) -> Self {
        let (services, runtime) = (dir.join("services"), dir.join("run"));
        let _ = std::fs::remove_dir_all(&services);
        for folder in [&services, &runtime] {
            std::fs::create_dir_all(folder).unwrap();
            std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).unwrap();
        }
        if let Some(command) = keyring {
            let service =
                format!("[D-BUS Service]\nName=org.freedesktop.secrets\nExec=/usr/bin/env {command}\n");
            std::fs::write(services.join("org.freedesktop.secrets.service"), service).unwrap();
        }
        let config = format!(
            "<busconfig><type>session</type><listen>unix:dir={}</listen><servicedir>{}</servicedir>
             <policy context=\"default\"><allow send_destination=\"*\"/><allow eavesdrop=\"true\"/>
             <allow own=\"*\"/></policy></busconfig>",
            runtime.display(),
            services.display()
        );
        std::fs::write(dir.join("bus.conf"), config).unwrap();
        let mut daemon = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", dir.join("bus.conf").display()))
            .args(["--nofork", "--print-address"])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs([("HOME", dir), ("XDG_RUNTIME_DIR", &runtime)])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("this test needs the packages dbus, gnome-keyring and libsecret-tools");
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { daemon, address: address.trim().to_owned() }
    }

    /// Commands of this session.
    fn session(&self, layr: &Layr) -> Layr {
        layr.with_environment(&[("DBUS_SESSION_BUS_ADDRESS", self.address.as_ref())])
    }

    /// What lies in the keyring for a home.
    fn entry(&self, home_id: &str) -> String {
        let output = self.secret_tool(&["lookup", "service", "layr", "username", home_id], "");
        String::from_utf8(output).unwrap()
    }

    fn secret_tool(&self, words: &[&str], input: &str) -> Vec<u8> {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", r#"input=$1; shift; printf %s "$input" | secret-tool "$@""#, "sh", input])
            .args(words);
        shell.env("DBUS_SESSION_BUS_ADDRESS", &self.address).output().unwrap().stdout
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// A directory with a home whose keys are in the keyring, and the passphrase file that its key file would need.
struct Scene {
    dir: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("passphrase"), "correct horse\n").unwrap();
        Self { dir }
    }

    fn bus(&self, keyring: Option<&str>) -> Bus {
        Bus::start(self.dir.path(), keyring)
    }

    fn layr(&self, home: &str) -> Layr {
        Layr::new(PROGRAM.as_ref(), &self.dir.path().join(home), &self.dir.path().join("passphrase"))
    }

    fn config(&self) -> PathBuf {
        self.dir.path().join("home/config.toml")
    }

    /// Takes the home's configuration away, as somebody does who deletes the wrong file.
    fn lose_config(&self) -> PathBuf {
        let kept = self.dir.path().join("config.kept");
        std::fs::rename(self.config(), &kept).unwrap();
        kept
    }

    fn home_id(&self) -> String {
        let config = std::fs::read_to_string(self.config()).unwrap();
        let line = config.lines().find(|line| line.starts_with("home_id")).unwrap();
        line.split('"').nth(1).unwrap().to_owned()
    }

    /// `layr init` into an unlocked keyring, and what it said.
    fn init(&self, bus: &Bus) -> Value {
        bus.session(&self.layr("home")).ok(&["init", "--key-store", "keyring"])
    }

    /// The daemon does not start, says so with `words`, and leaves the home's files as they are.
    fn daemon_is_refused(&self, layr: &Layr, words: &str) {
        let before = std::fs::read(self.config()).unwrap();
        let error = layr.fails(8, &["daemon"]);
        assert_eq!(error["code"], "locked", "{error}");
        assert!(error["message"].as_str().unwrap().contains(words), "{error}");
        assert_eq!(std::fs::read(self.config()).unwrap(), before);
        assert!(!self.dir.path().join("home/keys.sealed").exists());
        assert!(!self.dir.path().join("home/library.sqlite").exists(), "nothing is made without the keys");
    }
}

#[test]
fn a_node_whose_keys_are_in_the_keyring_starts_without_a_passphrase() {
    let scene = Scene::new();
    std::fs::remove_file(scene.dir.path().join("passphrase")).unwrap();
    let bus = scene.bus(UNLOCKED);
    let made = scene.init(&bus);
    assert_eq!(made["phrase"].as_array().unwrap().len(), 24);
    assert!(!scene.dir.path().join("home/keys.sealed").exists(), "the keys are nowhere else");
    assert!(!bus.entry(&scene.home_id()).is_empty());
    let mut node = Node::new(bus.session(&scene.layr("home")), &made);
    node.start(LOOPBACK);
    assert_eq!(node.layr.ok(&["status"])["peer_id"], made["peer_id"]);
    node.layr.ok(&["stop"]);
}

#[test]
fn without_a_keyring_the_node_says_so_and_a_new_home_takes_a_key_file() {
    let scene = Scene::new();
    let made = scene.init(&scene.bus(UNLOCKED));
    let bus = scene.bus(ABSENT);
    let without_bus = scene.layr("home").with_environment(&[
        ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus".as_ref()),
        ("XDG_RUNTIME_DIR", "/nonexistent".as_ref()),
    ]);
    for layr in [bus.session(&scene.layr("home")), without_bus] {
        scene.daemon_is_refused(&layr, "no system keyring");
    }
    let other = bus.session(&scene.layr("other"));
    let error = other.fails(8, &["init", "--key-store", "keyring"]);
    assert!(error["message"].as_str().unwrap().contains("--key-store file"), "{error}");
    assert!(!scene.dir.path().join("other/config.toml").exists(), "a failed init leaves no identity");
    other.ok(&["init"]);
    assert!(scene.dir.path().join("other/keys.sealed").exists());
    drop(bus);

    let bus = scene.bus(UNLOCKED);
    Node::new(bus.session(&scene.layr("home")), &made).start(LOOPBACK);
}

#[test]
fn a_locked_keyring_is_to_be_unlocked_and_then_the_node_starts() {
    let scene = Scene::new();
    let made = scene.init(&scene.bus(UNLOCKED));
    let bus = scene.bus(LOCKED);
    scene.daemon_is_refused(&bus.session(&scene.layr("home")), "Unlock it");
    let error = bus.session(&scene.layr("other")).fails(8, &["init", "--key-store", "keyring"]);
    assert_eq!(error["code"], "locked", "{error}");
    assert!(!scene.dir.path().join("other/config.toml").exists(), "a failed init leaves no identity");
    drop(bus);

    let bus = scene.bus(UNLOCKED);
    Node::new(bus.session(&scene.layr("home")), &made).start(LOOPBACK);
}

#[test]
fn an_account_is_brought_along_only_into_a_keyring_that_is_open() {
    let scene = Scene::new();
    let bus = scene.bus(UNLOCKED);
    scene.init(&bus);
    let (home_id, config) = (scene.home_id(), std::fs::read(scene.config()).unwrap());
    let own = bus.entry(&home_id);
    drop(bus);

    let bus = scene.bus(LOCKED);
    for (words, input) in [(&[][..], BROUGHT_KEY), (&["--phrase"], "")] {
        let (code, refused) = use_key(&bus.session(&scene.layr("home")), words, input);
        assert_eq!((code, &refused["error"]["code"]), (Some(8), &"locked".into()), "{refused}");
        assert!(refused["error"]["message"].as_str().unwrap().contains("Unlock it"), "{refused}");
    }
    drop(bus);

    let bus = scene.bus(UNLOCKED);
    let layr = bus.session(&scene.layr("home"));
    assert_eq!(bus.entry(&home_id), own, "nothing was changed");
    let (code, used) = use_key(&layr, &[], BROUGHT_KEY);
    assert_eq!((code, &used["account"]), (Some(0), &BROUGHT.into()), "{used}");
    let of_words = used["previous_account"].clone();
    assert_ne!(bus.entry(&home_id), own, "the key lies beside the words");
    let (_, back) = use_key(&layr, &["--phrase"], "");
    assert_eq!((&back["account"], &back["previous_account"]), (&of_words, &BROUGHT.into()), "{back}");
    assert_eq!(bus.entry(&home_id), own, "the key is gone from it");
    assert!(!scene.dir.path().join("home/keys.sealed").exists(), "no key file was made beside it");
    assert_eq!(std::fs::read(scene.config()).unwrap(), config);
}

#[test]
fn an_entry_that_is_gone_or_not_ours_is_named_and_never_made_anew() {
    let scene = Scene::new();
    let bus = scene.bus(UNLOCKED);
    let made = scene.init(&bus);
    let (layr, home_id) = (bus.session(&scene.layr("home")), scene.home_id());
    let account = ["service", "layr", "username", &home_id];
    let entry = bus.entry(&home_id);

    bus.secret_tool(&[&["clear"], &account[..]].concat(), "");
    scene.daemon_is_refused(&layr, "24 words");
    assert_eq!(layr.fails(1, &["init", "--key-store", "keyring"])["code"], "identity_exists");
    assert_eq!(bus.entry(&home_id), "", "the missing keys were replaced by others");

    let store = [&["store", "--label=a copy"], &account[..]].concat();
    bus.secret_tool(&store, "00ff");
    scene.daemon_is_refused(&layr, "damaged");
    assert_eq!(bus.entry(&home_id), "00ff", "what is there was overwritten");

    bus.secret_tool(&store, &entry);
    Node::new(layr, &made).start(LOOPBACK);
}

#[test]
fn a_new_identity_in_an_old_home_leaves_the_old_ones_keys_alone() {
    let scene = Scene::new();
    let bus = scene.bus(UNLOCKED);
    let made = scene.init(&bus);
    let old_id = scene.home_id();
    let old_entry = bus.entry(&old_id);
    assert!(!old_entry.is_empty());

    let kept = scene.lose_config();
    let again = scene.init(&bus);
    assert_ne!(again["owner"], made["owner"]);
    let new_id = scene.home_id();
    assert_eq!(bus.entry(&old_id), old_entry, "the keys of the first identity were overwritten");
    assert!(new_id != old_id && !bus.entry(&new_id).is_empty() && bus.entry(&new_id) != old_entry);

    std::fs::rename(kept, scene.config()).unwrap();
    let mut node = Node::new(bus.session(&scene.layr("home")), &made);
    node.start(LOOPBACK);
    assert_eq!(node.layr.ok(&["status"])["owner"], made["owner"]);
    node.layr.ok(&["stop"]);
}
