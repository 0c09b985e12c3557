//! The keyring store against a real gnome-keyring on a private D-Bus session.
//!
//! Every test here runs twice: as the test itself, which starts a session with a home of its own and in it this same
//! binary, and inside that session, where it talks to the keyring. So nothing touches the keyring of who runs the tests,
//! and no test shares anything with another.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test stops at the first surprise"
)]
#![cfg(target_os = "linux")]

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
    time::Duration,
};

use layr_keys::{KEYRING_TIMEOUT, KeyStore, KeyStoreError, KeyringStore, StoredSecrets};
use tempfile::TempDir;
use tokio::time::timeout;
use zeroize::Zeroizing;

/// Set for the run inside the session; its value is the step of the test.
const STEP: &str = "LAYR_KEYRING_TEST_STEP";
/// Far more than any call may take that is told to give up after a second.
const PATIENCE: Duration = Duration::from_secs(30);
const HOME_ID: &str = "0f1e2d3c4b5a6978";

/// How the bus starts the keyring when somebody first calls it; the call is held until the keyring is there.
#[derive(Clone, Copy)]
enum Keyring {
    /// With a login collection that a password has unlocked; made on the first start in a home.
    Unlocked,
    /// As after a login without a password: the collection's file is there, but not what opens it.
    Locked,
    /// Locked, and nobody can even be asked for the password: a session without a screen.
    LockedForGood,
    /// There is none on this bus.
    Absent,
    /// There is not even a bus.
    NoBus,
}

impl Keyring {
    fn command(self) -> Option<&'static str> {
        match self {
            Self::Unlocked => Some(
                "sh -c 'printf secret | exec gnome-keyring-daemon --unlock --foreground --components=secrets'",
            ),
            Self::Locked | Self::LockedForGood => {
                Some("gnome-keyring-daemon --start --foreground --components=secrets")
            }
            Self::Absent | Self::NoBus => None,
        }
    }
}

/// A home and a bus configuration for one test.
struct Session {
    dir: TempDir,
}

impl Session {
    fn new() -> Self {
        for tool in ["dbus-run-session", "gnome-keyring-daemon", "secret-tool"] {
            let found = Command::new(tool).arg("--version").output().is_ok();
            assert!(found, "{tool} is missing; install the packages dbus, gnome-keyring and libsecret-tools");
        }
        let dir = tempfile::tempdir().unwrap();
        let runtime = dir.path().join("run");
        fs::create_dir(&runtime).unwrap();
        fs::set_permissions(&runtime, fs::Permissions::from_mode(0o700)).unwrap();
        Self { dir }
    }

    /// Runs `step` of `test` in a new bus session of this home.
    fn run(&self, test: &str, step: &str, keyring: Keyring) {
        let home = self.dir.path();
        let services = tempfile::tempdir_in(home).unwrap();
        let service = |name: &str, command: &str| {
            let content = format!("[D-BUS Service]\nName={name}\nExec=/usr/bin/env {command}\n");
            fs::write(services.path().join(format!("{name}.service")), content).unwrap();
        };
        // Asking for a password waits for a person who is not there: this one comes to the bus and never answers.
        if !matches!(keyring, Keyring::LockedForGood) {
            service("org.gnome.keyring.SystemPrompter", "dbus-monitor --session type=error");
        }
        if let Some(command) = keyring.command() {
            service("org.freedesktop.secrets", command);
        }
        let config = home.join("bus.conf");
        fs::write(&config, bus_config(home, services.path())).unwrap();

        let mut command = Command::new("dbus-run-session");
        command.arg(format!("--config-file={}", config.display())).arg("--").arg("env");
        if let Keyring::NoBus = keyring {
            command.arg("DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent/bus");
        }
        command.arg(env::current_exe().unwrap()).args(["--exact", test, "--nocapture"]);
        command.env_clear().env("PATH", env::var_os("PATH").unwrap_or_default());
        command.env("HOME", home).env("XDG_RUNTIME_DIR", home.join("run")).env(STEP, step);
        assert_inside_passed(&command.output().unwrap(), step);
    }
}

fn bus_config(dir: &Path, services: &Path) -> String {
    format!(
        "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\"
          \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">
         <busconfig><type>session</type><listen>unix:dir={}</listen><servicedir>{}</servicedir>
         <policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/>
         <allow own=\"*\"/></policy></busconfig>",
        dir.display(),
        services.display()
    )
}

fn assert_inside_passed(output: &Output, step: &str) {
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    // "1 passed" guards against a renamed test, which would run nothing and succeed.
    let passed = output.status.success() && said.contains("1 passed");
    assert!(passed, "step \"{step}\" failed inside the session\n{said}\n{complained}");
}

/// The step to do, when this is the run inside the session.
fn step() -> Option<String> {
    env::var(STEP).ok()
}

fn secrets(entropy: u8, device: u8) -> StoredSecrets {
    StoredSecrets {
        entropy: Zeroizing::new([entropy; 32]),
        device_secret: Zeroizing::new([device; 32]),
        account_secret: None,
    }
}

fn with_keyring<T>(work: impl AsyncFnOnce(KeyringStore) -> T) -> T {
    with_patient_keyring(KEYRING_TIMEOUT, work)
}

fn with_patient_keyring<T>(timeout: Duration, work: impl AsyncFnOnce(KeyringStore) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(work(KeyringStore::with_timeout(HOME_ID, timeout)))
}

#[test]
fn an_unlocked_keyring_keeps_the_keys() {
    let Some(_) = step() else {
        return Session::new().run("an_unlocked_keyring_keeps_the_keys", "all", Keyring::Unlocked);
    };
    with_keyring(async |store| {
        assert!(matches!(store.load().await, Err(KeyStoreError::Missing)));
        assert!(matches!(store.delete().await, Err(KeyStoreError::Missing)));
        store.save(&secrets(1, 2)).await.unwrap();
        assert_eq!(store.load().await.unwrap(), secrets(1, 2));

        let seen =
            Command::new("secret-tool").args(["lookup", "service", "layr", "username", HOME_ID]).output();
        assert_eq!(seen.unwrap().stdout, hex::encode(secrets(1, 2).encode().as_slice()).into_bytes());
        assert!(matches!(KeyringStore::new("another home").load().await, Err(KeyStoreError::Missing)));

        store.save(&secrets(1, 3)).await.unwrap();
        assert_eq!(
            store.load().await.unwrap(),
            secrets(1, 3),
            "a new device key of the same phrase is stored"
        );
        assert!(matches!(store.save(&secrets(9, 3)).await, Err(KeyStoreError::OtherIdentity)));
        assert_eq!(
            store.load().await.unwrap(),
            secrets(1, 3),
            "another phrase never replaces the stored one"
        );

        store.delete().await.unwrap();
        assert!(matches!(store.load().await, Err(KeyStoreError::Missing)));
    });
}

#[test]
fn an_entry_that_is_not_ours_is_damaged_and_not_overwritten() {
    let Some(_) = step() else {
        return Session::new().run(
            "an_entry_that_is_not_ours_is_damaged_and_not_overwritten",
            "all",
            Keyring::Unlocked,
        );
    };
    for content in ["not hexadecimal", "00ff", ""] {
        let stored = Command::new("sh")
            .args(["-c", "printf %s \"$0\" | secret-tool store --label=x service layr username \"$1\""])
            .args([content, HOME_ID])
            .status();
        assert!(stored.unwrap().success());
        with_keyring(async |store| {
            assert!(matches!(store.load().await, Err(KeyStoreError::Damaged { .. })));
            assert!(matches!(store.save(&secrets(1, 2)).await, Err(KeyStoreError::Damaged { .. })));
        });
    }
}

#[test]
fn without_a_keyring_it_is_unavailable() {
    let Some(step) = step() else {
        let session = Session::new();
        session.run("without_a_keyring_it_is_unavailable", "bus without a keyring", Keyring::Absent);
        return session.run("without_a_keyring_it_is_unavailable", "no bus", Keyring::NoBus);
    };
    with_keyring(async |store| {
        for outcome in [store.load().await.map(drop), store.save(&secrets(1, 2)).await, store.delete().await]
        {
            assert!(matches!(outcome, Err(KeyStoreError::Unavailable { .. })), "{step}: {outcome:?}");
        }
    });
}

#[test]
fn a_locked_keyring_is_reported_in_time() {
    let name = "a_locked_keyring_is_reported_in_time";
    let Some(step) = step() else {
        let session = Session::new();
        session.run(name, "save", Keyring::Unlocked);
        session.run(name, "locked", Keyring::Locked);
        session.run(name, "locked for good", Keyring::LockedForGood);
        return session.run(name, "unlocked again", Keyring::Unlocked);
    };
    match step.as_str() {
        "save" => with_keyring(async |store| store.save(&secrets(1, 2)).await.unwrap()),
        "locked" => with_patient_keyring(Duration::from_secs(1), async |store| {
            for attempt in ["load", "load again while the first still waits", "save", "delete"] {
                let outcome = match attempt {
                    "save" => timeout(PATIENCE, store.save(&secrets(1, 3))).await,
                    "delete" => timeout(PATIENCE, store.delete()).await,
                    _ => timeout(PATIENCE, store.load()).await.map(|outcome| outcome.map(drop)),
                };
                let outcome = outcome.unwrap_or_else(|_| panic!("{attempt}: no answer in {PATIENCE:?}"));
                assert!(matches!(outcome, Err(KeyStoreError::Locked)), "{attempt}: {outcome:?}");
            }
            // Nor does another store ask beside it.
            let other = KeyringStore::with_timeout("another home", Duration::from_secs(1));
            assert!(matches!(timeout(PATIENCE, other.load()).await.unwrap(), Err(KeyStoreError::Locked)));
            assert_eq!(keyring_threads(), 1, "only one call at a time waits for the keyring");
        }),
        // It says so at once; the full patience of the store is not needed, and would fail this test.
        "locked for good" => with_keyring(async |store| {
            let outcome = timeout(KEYRING_TIMEOUT / 2, store.load()).await.unwrap();
            assert!(matches!(outcome, Err(KeyStoreError::Locked)), "{outcome:?}");
        }),
        _ => with_keyring(async |store| assert_eq!(store.load().await.unwrap(), secrets(1, 2))),
    }
}

#[test]
fn a_keyring_without_a_collection_is_empty_and_cannot_be_written() {
    let name = "a_keyring_without_a_collection_is_empty_and_cannot_be_written";
    let Some(_) = step() else {
        return Session::new().run(name, "all", Keyring::Locked);
    };
    with_keyring(async |store| assert!(matches!(store.load().await, Err(KeyStoreError::Missing))));
    with_patient_keyring(Duration::from_secs(1), async |store| {
        let outcome = timeout(PATIENCE, store.save(&secrets(1, 2))).await.unwrap();
        assert!(matches!(outcome, Err(KeyStoreError::Locked)), "{outcome:?}");
    });
}

/// Threads of this process that wait for the keyring.
fn keyring_threads() -> usize {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.filter_map(|task| fs::read_to_string(task.unwrap().path().join("comm")).ok());
    names.filter(|name| name.trim() == "layr-keyring").count()
}
