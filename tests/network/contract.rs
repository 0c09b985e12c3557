//! The command line's contract with scripts: names, exit codes and JSON keys. More may be added; none of these may change.

use layr_suites::{Devnet, Layr, sample};
use serde_json::Value;

use crate::PROGRAM;

fn has(value: &Value, keys: &[&str]) {
    for key in keys {
        assert!(value.get(key).is_some(), "{key} is missing in {value}");
    }
}

/// What `audit` and `repair` say of the one file with its three shards.
fn keeping_has_the_keys(owner: &Layr, id: &str) {
    for arguments in
        [&["audit"][..], &["audit", "/docs", "--leaves", "20"], &["audit", id, "--leaves", "all"]]
    {
        let audit = owner.ok(arguments);
        has(&audit, &["shards", "passed", "failed", "unreachable", "bytes_received", "duration_s"]);
        has(&audit["shards"][0], &["segment", "index", "host", "result"]);
        assert_eq!((&audit["passed"], &audit["shards"][0]["result"]), (&3.into(), &"passed".into()));
    }
    assert!(owner.ok(&["info", id])["segments"][0]["shards"][0]["last_audit"].is_string());
    owner.fails(2, &["audit", "--leaves", "0"]);
    owner.fails(3, &["audit", "/nothing"]);
    let plan = owner.ok(&["repair", "--now", "--dry-run"]);
    has(&plan, &["segments", "shards", "read_bytes", "sent_bytes", "shards_without_host", "short_segments"]);
    assert_eq!(plan["shards"], 0);
    for command in ["repair", "patch"] {
        let repair = owner.ok(&[command, "--now"]);
        has(&repair, &["rebuilt", "placed", "health", "duration_s"]);
        assert_eq!(repair["rebuilt"], 0);
    }
}

/// A host with a shard of the owner leaves, its owner hears of it, and it stays after all.
fn leaving_has_the_keys(host: &Layr, owner: &Layr) {
    assert!(host.ok(&["host", "show"]).get("leaves_at").is_none());
    for wrong in [&["--until", "soon"][..], &["--until", "7d", "--cancel"]] {
        host.fails(2, &[&["host", "leave"], wrong].concat());
    }
    for failure in [host.fails(2, &["host", "leave", "--until", "1h"]), owner.fails(2, &["host", "leave"])] {
        assert_eq!(failure["code"], "invalid_request");
    }
    let leaving = host.ok(&["host", "leave", "--until", "14d"]);
    has(&leaving, &["leaves_at", "shards", "used_bytes", "owners"]);
    assert_eq!(
        (&leaving["hosting"], &leaving["free_bytes"], &leaving["shards"]),
        (&true.into(), &0.into(), &1.into())
    );
    assert_eq!(host.ok(&["host", "show"])["leaves_at"], leaving["leaves_at"]);
    owner.ok(&["audit"]);
    let says = || {
        let hosts = owner.ok(&["hosts"]);
        hosts["hosts"].as_array().unwrap().iter().filter(|host| host["leaves_at"].is_string()).count()
    };
    assert_eq!(says(), 1);
    assert!(host.ok(&["host", "leave", "--cancel"]).get("leaves_at").is_none());
    owner.ok(&["audit"]);
    assert_eq!(says(), 0);
}

#[test]
fn reports_have_the_keys_of_the_contract() {
    let net = Devnet::start(PROGRAM, 3);
    assert!(net.ready["ledger"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    let owner = &net.owner.layr;
    for layr in net.hosts.iter().map(|host| &host.layr).chain([owner]) {
        let wallet = layr.ok(&["wallet"]);
        has(&wallet, &["account", "balance_xlm", "escrow_xlm", "runway_days"]);
        assert_eq!(wallet["balance_xlm"], "10000", "every node of a devnet has money");
    }
    let file = net.dir().join("a.pdf");
    std::fs::write(&file, sample::noise(1, 100_000)).unwrap();
    let put = owner.ok(&["upload", file.to_str().unwrap(), "--to", "/docs"]);
    has(&put, &["files", "duration_s"]);
    has(&put["files"][0], &["id", "name", "size", "uploaded_bytes", "deduplicated_bytes", "health"]);
    has(&put["files"][0]["health"], &["alive", "needed", "total", "state"]);
    assert_eq!(put["files"][0]["name"], "/docs/a.pdf");

    let status = owner.ok(&["status"]);
    has(
        &status,
        &[
            "peer_id",
            "listening",
            "reachability",
            "peers",
            "network",
            "files",
            "bytes",
            "health",
            "transfers",
        ],
    );
    has(&status, &["agreements", "balance_xlm", "hosting"]);
    assert_eq!((&status["agreements"], status["balance_xlm"].as_str()), (&0.into(), Some("10000")));
    has(&status["hosting"], &["used_bytes", "reserved_bytes", "quota_bytes"]);
    let agreements = owner.ok(&["agreements"]);
    assert_eq!(agreements["agreements"].as_array().map(Vec::len), Some(0));
    has(&agreements["limits"], &["max_price_xlm_per_gib_month", "monthly_cap_xlm"]);

    let list = owner.ok(&["list", "-r"]);
    let listed = list["files"].as_array().unwrap().iter().find(|file| file["name"] == "/docs/a.pdf").unwrap();
    has(listed, &["id", "name", "size", "modified", "version", "health", "durability"]);
    assert!(listed["durability"].as_f64().is_some_and(|chance| chance > 0.0 && chance < 0.01), "{listed}");
    has(&list["model"], &["assumed", "host_life_days", "repair_days"]);
    let id = listed["id"].as_str().unwrap();

    let info = owner.ok(&["info", id]);
    has(&info, &["model", "durability"]);
    has(&info["segments"][0], &["id", "k", "n", "shards"]);
    let shard = &info["segments"][0]["shards"][0];
    has(shard, &["index", "root", "host", "state", "last_audit"]);
    assert_eq!(shard["state"], "healthy");

    let verify = owner.ok(&["verify"]);
    has(&verify, &["shards", "passed", "failed", "unreachable", "bytes_received", "duration_s"]);
    has(&verify["shards"][0], &["segment", "index", "host", "result"]);
    assert_eq!(verify["passed"], 3);

    keeping_has_the_keys(owner, id);

    let hosts = owner.ok(&["hosts", "--offers"]);
    has(&hosts["hosts"][0], &["peer_id", "addresses", "offer", "score", "shards", "bytes"]);
    has(&hosts["hosts"][0]["offer"], &["price_xlm_per_gib_month", "free_bytes"]);
    let show = net.hosts[0].layr.ok(&["host", "show"]);
    has(&show, &["offer", "used_bytes", "reserved_bytes", "shards", "owners", "earned_xlm", "at_risk_xlm"]);
    assert_eq!(show["shards"], 1);
    leaving_has_the_keys(&net.hosts[0].layr, owner);

    a_keeper_has_the_keys(owner);

    let got = owner.ok(&["download", id, "-o", net.dir().join("b.pdf").to_str().unwrap()]);
    has(&got, &["files", "duration_s"]);
    has(&got["files"][0], &["name", "path", "size"]);
}

/// A devnet keeps its contract alive itself: who insists pays for what little is missing.
fn a_keeper_has_the_keys(owner: &Layr) {
    let life = ["live_until_ledger", "live_until", "is_archived", "is_short"];
    has(&owner.ok(&["wallet"])["contract_life"], &life);
    has(&owner.ok(&["status"])["contract_life"], &life);
    let plan = owner.ok(&["ledger", "keep", "--plan"]);
    let keys = [
        "contract",
        "life",
        "restores",
        "extends",
        "until_ledger",
        "until",
        "fee_xlm",
        "fee_cap_xlm",
        "left_xlm",
    ];
    has(&plan, &keys);
    assert_eq!(
        (&plan["restores"], &plan["extends"], &plan["fee_xlm"]),
        (&false.into(), &false.into(), &"0".into())
    );
    let kept = owner.ok(&["ledger", "keep"]);
    has(&kept, &["contract", "restored", "extended", "life", "fee_xlm", "transactions"]);
    assert_eq!(kept["transactions"], serde_json::json!([]));
    let asked = owner.fails(2, &["ledger", "keep", "--force"]);
    assert!(asked["message"].as_str().unwrap().contains("--yes"), "{asked}");
    assert_eq!(owner.ok(&["ledger", "keep", "--force", "--yes"])["extended"], true);
    owner.fails(2, &["ledger", "keep", "--plan", "--yes"]);
    owner.fails(2, &["ledger", "keep", "--yes", "--fee-cap", "-1"]);
}

#[test]
fn deleting_is_a_move_to_the_trash_and_comes_undone() {
    let net = Devnet::start(PROGRAM, 3);
    let owner = &net.owner.layr;
    let file = net.dir().join("a");
    std::fs::write(&file, "words").unwrap();
    owner.ok(&["put", file.to_str().unwrap()]);
    owner.ok(&["mv", "/a", "/b"]);
    owner.fails(3, &["info", "/a"]);
    owner.ok(&["rm", "/b"]);
    owner.fails(3, &["get", "/b", "-o", net.dir().join("x").to_str().unwrap()]);
    assert_eq!(owner.ok(&["trash"])["files"][0]["name"], "/b");
    owner.ok(&["restore", "/b"]);
    let back = net.dir().join("back");
    owner.ok(&["get", "/b", "-o", back.to_str().unwrap()]);
    assert_eq!(std::fs::read_to_string(back).unwrap(), "words");
}

#[test]
fn failures_have_the_exit_codes_of_the_contract_and_say_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let passphrase = dir.path().join("passphrase");
    std::fs::write(&passphrase, "correct horse\n").unwrap();
    let layr = Layr::new(PROGRAM.as_ref(), &dir.path().join("home"), &passphrase);
    assert_eq!(layr.fails(1, &["daemon"])["code"], "no_identity");
    layr.fails(2, &["init", "--network", "nowhere"]);
    layr.fails(2, &["no-such-command"]);
    layr.fails(2, &["put"]);
    layr.fails(2, &["host", "set", "--quota", "many"]);
    let missing = layr.fails(2, &["host", "set"]);
    assert!(missing["message"].as_str().unwrap().contains("--quota"), "{missing}");
    let schedule = layr.fails(2, &["host", "set", "--schedule", "at night"]);
    assert!(schedule["message"].as_str().unwrap().contains("08:00-23:00"), "{schedule}");
    layr.fails(2, &["put", "/etc/hostname", "--redundancy", "5/3"]);
    let words = dir.path().join("words");
    std::fs::write(&words, "abandon abandon").unwrap();
    let wrong = layr
        .fails(8, &["init", "--key-store", "file", "--recover", "--phrase-file", words.to_str().unwrap()]);
    assert_eq!(wrong["code"], "wrong_key");
    assert!(!dir.path().join("home/config.toml").exists(), "a failed init leaves no identity");

    let made = layr.ok(&["init", "--key-store", "file"]);
    assert_eq!(made["phrase"].as_array().unwrap().len(), 24);
    has(&made, &["owner", "peer_id", "stellar_account"]);
    assert_eq!(layr.fails(1, &["init", "--key-store", "file"])["code"], "identity_exists");
    assert_eq!(layr.fails(7, &["status"])["code"], "no_node");
    assert_eq!(layr.fails(7, &["get", "/x", "-o", "/tmp/x"])["retry"], "after_user_action");
    assert_eq!(layr.ok(&["ls"])["files"], Value::Array(Vec::new()), "listing needs no node");
    std::fs::write(&passphrase, "wrong\n").unwrap();
    assert_eq!(layr.fails(8, &["daemon"])["code"], "wrong_key");
}

#[test]
fn other_words_do_not_get_the_library_that_lies_there() {
    let dir = tempfile::tempdir().unwrap();
    let passphrase = dir.path().join("passphrase");
    std::fs::write(&passphrase, "correct horse\n").unwrap();
    let layr = Layr::new(PROGRAM.as_ref(), &dir.path().join("home"), &passphrase);
    let made = layr.ok(&["init", "--key-store", "file"]);
    let words = dir.path().join("words");
    let phrase: Vec<&str> =
        made["phrase"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    std::fs::write(&words, phrase.join(" ")).unwrap();
    layr.ok(&["daemon", "--detach", "--listen", "/ip4/127.0.0.1/tcp/0"]);
    layr.ok(&["stop"]);
    let files = || {
        let names = ["library.sqlite", "keys.sealed", "config.toml"];
        names.map(|name| std::fs::read(dir.path().join("home").join(name)).ok())
    };
    std::fs::remove_file(dir.path().join("home/config.toml")).unwrap();
    let before = files();
    let refused = layr.fails(8, &["init", "--key-store", "file"]);
    assert_eq!((&refused["code"], &refused["retry"]), (&"other_owner".into(), &"after_user_action".into()));
    assert!(files() == before, "a refusal changes nothing");
    layr.ok(&["init", "--key-store", "file", "--recover", "--phrase-file", words.to_str().unwrap()]);
    layr.ok(&["daemon", "--detach", "--listen", "/ip4/127.0.0.1/tcp/0"]);

    // Where the keys are gone, the words bring them back to what is there.
    layr.ok(&["host", "set", "--max-term", "17"]);
    layr.ok(&["stop"]);
    std::fs::remove_file(dir.path().join("home/keys.sealed")).unwrap();
    let gone = layr.fails(8, &["daemon"]);
    assert!(gone["message"].as_str().unwrap().contains("init --recover"), "{gone}");
    layr.ok(&["init", "--key-store", "file", "--recover", "--phrase-file", words.to_str().unwrap()]);
    let config = std::fs::read_to_string(dir.path().join("home/config.toml")).unwrap();
    assert!(config.contains("max_term_days = 17"), "the settings stay: {config}");
    let there = layr
        .fails(1, &["init", "--key-store", "file", "--recover", "--phrase-file", words.to_str().unwrap()]);
    assert_eq!(there["code"], "identity_exists");
    layr.ok(&["daemon", "--detach", "--listen", "/ip4/127.0.0.1/tcp/0"]);

    // Keys that are put there past `init`: the node does not start.
    layr.ok(&["stop"]);
    let other = Layr::new(PROGRAM.as_ref(), &dir.path().join("other"), &passphrase);
    other.ok(&["init", "--key-store", "file"]);
    std::fs::copy(dir.path().join("other/keys.sealed"), dir.path().join("home/keys.sealed")).unwrap();
    let before = files();
    assert_eq!(layr.fails(8, &["daemon"])["code"], "other_owner");
    assert_eq!(layr.fails(8, &["export", "/", "-o", "x.layr"])["code"], "other_owner");
    assert!(files() == before, "a refusal changes nothing");
}

#[test]
fn more_than_a_call_can_carry_is_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let (layr, ..) = home_in(dir.path());
    layr.ok(&["daemon", "--detach", "--listen", "/ip4/127.0.0.1/tcp/0"]);
    // As a shell makes them of `*` in a directory of very many files.
    let name = "n".repeat(100);
    let names: Vec<&str> = std::iter::once("rm").chain(std::iter::repeat_n(name.as_str(), 15_000)).collect();
    let refused = layr.fails(3, &names);
    assert_eq!(refused["code"], "not_found", "{refused}");
    // Each of these letters takes six in JSON.
    let name = "\u{1}".repeat(200);
    let names: Vec<&str> = std::iter::once("rm").chain(std::iter::repeat_n(name.as_str(), 8000)).collect();
    let refused = layr.fails(2, &names);
    assert!(refused["message"].as_str().unwrap().contains("at a time"), "{refused}");
    layr.ok(&["stop"]);
}

#[test]
fn a_quota_that_the_disk_cannot_hold_is_refused_where_no_node_runs_too() {
    let dir = tempfile::tempdir().unwrap();
    let passphrase = dir.path().join("passphrase");
    std::fs::write(&passphrase, "correct horse\n").unwrap();
    let layr = Layr::new(PROGRAM.as_ref(), &dir.path().join("home"), &passphrase);
    let set = |quota: &'static str| ["host", "set", "--quota", quota];
    assert_eq!(layr.fails(1, &set("1MB"))["code"], "no_identity");
    assert!(!dir.path().join("home").exists(), "a refusal leaves nothing behind");
    layr.ok(&["init", "--key-store", "file"]);
    let config = || std::fs::read_to_string(dir.path().join("home/config.toml")).unwrap();
    let before = config();
    let offline = layr.fails(2, &set("900000TB"));
    assert_eq!(config(), before, "a refused quota is not written down");

    let limits = [
        "host",
        "set",
        "--up",
        "1MB/s",
        "--peer-up",
        "500KB/s",
        "--schedule",
        "22:00-06:00, sat-sun 00:00-24:00",
    ];
    layr.ok(&limits);
    let set_offline = layr.ok(&set("1MB"));
    layr.ok(&["daemon", "--detach", "--listen", "/ip4/127.0.0.1/tcp/0"]);
    let running = layr.fails(2, &set("900000TB"));
    let set_running = layr.ok(&set("1MB"));
    layr.ok(&["stop"]);
    for key in ["code", "retry"] {
        assert_eq!(offline[key], running[key], "{offline} {running}");
    }
    has(&offline["params"], &["room_bytes", "quota_bytes"]);
    has(&running["params"], &["room_bytes", "quota_bytes"]);
    let keys = |report: &Value| report.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&set_offline), keys(&set_running));
    for key in ["hosting", "paused", "quota_bytes", "used_bytes"] {
        assert_eq!(set_offline[key], set_running[key], "{key}");
    }
    for report in [set_offline, set_running] {
        let limits = &report["limits"];
        assert_eq!(
            (&limits["up_bytes_per_s"], &limits["peer_up_bytes_per_s"]),
            (&1_000_000.into(), &500_000.into())
        );
        assert_eq!(limits["schedule"], "22:00-06:00, sat-sun 00:00-24:00");
        has(limits, &["down_bytes_per_s", "peer_down_bytes_per_s", "in_force", "max_term_days"]);
        has(limits, &["price_xlm_per_gib_month", "collateral_percent"]);
    }
}

/// A home with an identity in a key file, its passphrase and its configuration.
fn home_in(dir: &std::path::Path) -> (Layr, std::path::PathBuf, impl Fn() -> String) {
    let passphrase = dir.join("passphrase");
    std::fs::write(&passphrase, "correct horse\n").unwrap();
    let layr = Layr::new(PROGRAM.as_ref(), &dir.join("home"), &passphrase);
    layr.ok(&["init", "--key-store", "file"]);
    let config = dir.join("home/config.toml");
    (layr, passphrase, move || std::fs::read_to_string(&config).unwrap())
}

#[test]
fn a_network_in_which_nobody_is_there_is_told_apart_from_one_with_too_few_hosts() {
    let dir = tempfile::tempdir().unwrap();
    let (layr, ..) = home_in(dir.path());
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let in_use = layr.fails(1, &["daemon", "--listen", &format!("/ip4/127.0.0.1/tcp/{port}")]);
    assert_eq!(in_use["code"], "local_file", "{in_use}");
    layr.ok(&["daemon", "--detach", "--listen", "/ip4/127.0.0.1/tcp/0"]);
    let file = dir.path().join("a");
    std::fs::write(&file, "words").unwrap();
    let alone = layr.fails(7, &["put", file.to_str().unwrap()]);
    assert_eq!(alone["code"], "network_unreachable", "{alone}");
    layr.ok(&["stop"]);
}

#[test]
fn a_daemon_that_does_not_start_leaves_the_settings_as_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let (layr, passphrase, config) = home_in(dir.path());
    // The words of the process in the background come through, also where it ends before it wants the passphrase.
    let nothing_to_lend = layr.fails(2, &["daemon", "--host", "--detach"]);
    assert!(nothing_to_lend["message"].as_str().unwrap().contains("--quota"), "{nothing_to_lend}");
    layr.ok(&["host", "set", "--quota", "1MB"]);
    let enabled = config();
    let disabled = enabled.replace("[hosting]\nenabled = true", "[hosting]\nenabled = false");
    assert_ne!(enabled, disabled);
    std::fs::write(dir.path().join("home/config.toml"), &disabled).unwrap();
    std::fs::write(&passphrase, "wrong\n").unwrap();
    layr.fails(8, &["daemon", "--host"]);
    assert_eq!(config(), disabled);
    std::fs::write(&passphrase, "correct horse\n").unwrap();
    layr.ok(&["daemon", "--host", "--detach", "--listen", "/ip4/127.0.0.1/tcp/0"]);
    layr.ok(&["stop"]);
    assert_eq!(config(), enabled);
}

#[test]
fn one_node_per_home_in_the_background_and_stopped_from_outside() {
    let dir = tempfile::tempdir().unwrap();
    let (layr, ..) = home_in(dir.path());
    let ready = layr.ok(&["daemon", "--detach", "--listen", "/ip4/127.0.0.1/tcp/0"]);
    has(&ready, &["peer_id", "control", "listen"]);
    let second = layr.fails(1, &["daemon"]);
    assert_eq!(second["code"], "home_in_use");
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(dir.path().join("home/control.sock")).unwrap().permissions(),
    );
    assert_eq!(mode & 0o777, 0o600);
    layr.ok(&["status"]);
    layr.ok(&["stop"]);
    layr.fails(7, &["status"]);
    layr.ok(&["daemon", "--detach", "--listen", "/ip4/127.0.0.1/tcp/0"]);
    layr.ok(&["stop"]);
}

#[test]
fn help_man_page_and_completions_cover_every_command() {
    let dir = tempfile::tempdir().unwrap();
    let layr = Layr::new(PROGRAM.as_ref(), dir.path(), dir.path());
    let page = String::from_utf8(layr.command(&["man"]).output().unwrap().stdout).unwrap();
    assert!(!page.contains("(1)"), "it sends nobody to a page that nobody has");
    let commands = [
        "init",
        "daemon",
        "stop",
        "seed",
        "ledger",
        "devnet",
        "demo",
        "status",
        "put",
        "get",
        "ls",
        "info",
        "rm",
        "mv",
        "restore",
        "trash",
        "verify",
        "audit",
        "repair",
        "export",
        "share",
        "import",
        "hosts",
        "host",
        "delegate",
        "agreements",
        "wallet",
        "limit",
        "completions",
        "man",
    ];
    for command in commands {
        let help = layr.command(&[command, "--help"]).output().unwrap();
        let text = String::from_utf8(help.stdout).unwrap();
        assert!(help.status.success() && text.contains("Example"), "{command}: {text}");
        assert!(
            page.contains(&format!("LAYR {}", command.to_uppercase())),
            "{command} is not in the man page"
        );
    }
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = layr.command(&["completions", shell]).output().unwrap();
        assert!(script.status.success() && script.stdout.len() > 1000, "{shell}");
    }
    let version = layr.command(&["--version"]).output().unwrap();
    assert!(String::from_utf8(version.stdout).unwrap().starts_with("layr 0."));
}
