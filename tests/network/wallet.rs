//! A wallet over real processes: a ledger, a node, and the command line.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use layr_suites::Layr;
use serde_json::Value;

use crate::PROGRAM;

/// A ledger as a process of its own; it ends with the test.
struct LedgerProcess {
    child: Child,
    url: String,
    passphrase: String,
}

impl LedgerProcess {
    fn start(dir: &Path, listen: &str) -> Self {
        Self::start_with(dir, listen, &[])
    }

    fn start_with(dir: &Path, listen: &str, more: &[&str]) -> Self {
        let layr = Layr::new(PROGRAM.as_ref(), dir, dir);
        let words = ["ledger", "--json", "--listen", listen, "--until-stdin-ends"];
        let mut command = layr.command(&words);
        command.args(more);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        let text = |key: &str| ready[key].as_str().unwrap().to_owned();
        Self { child, url: text("ledger"), passphrase: text("passphrase") }
    }

    /// Ends it in order and waits for that.
    fn stop(mut self) {
        drop(self.child.stdin.take());
        self.child.wait().unwrap();
    }
}

impl Drop for LedgerProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A home on a network with this ledger.
fn home(dir: &Path, name: &str, ledger: &str) -> (Layr, String) {
    let passphrase = dir.join("passphrase");
    std::fs::write(&passphrase, "three words more").unwrap();
    let network = dir.join(format!("{name}.toml"));
    std::fs::write(&network, format!("name = \"money\"\nprivate_addresses = true\n{ledger}\n")).unwrap();
    let layr = Layr::new(PROGRAM.as_ref(), &dir.join(name), &passphrase);
    let made = layr.ok(&["init", "--key-store", "file", "--network", network.to_str().unwrap()]);
    (layr, made["stellar_account"].as_str().unwrap().to_owned())
}

/// A ledger, where it lies, and the table of a network file that names it.
fn ledger_in(dir: &Path) -> (LedgerProcess, PathBuf, String) {
    let ledger_dir = dir.join("ledger");
    std::fs::create_dir(&ledger_dir).unwrap();
    let ledger = LedgerProcess::start(&ledger_dir, "127.0.0.1:0");
    let table = format!(
        "[ledger]\nkind = \"stellar\"\nrpc = \"{0}\"\npassphrase = \"{1}\"\nfriendbot = \"{0}/friendbot\"",
        ledger.url, ledger.passphrase
    );
    (ledger, ledger_dir, table)
}

#[test]
fn a_wallet_is_filled_pays_once_and_says_what_is_missing() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, ledger_dir, table) = ledger_in(dir.path());
    let (ann, account) = home(dir.path(), "ann", &table);
    let (bob, payee) = home(dir.path(), "bob", &table);

    // Without a node the balance is asked for, and nothing else is done.
    let empty = ann.ok(&["wallet"]);
    assert_eq!(
        (empty["account"].as_str(), empty["balance_xlm"].as_str()),
        (Some(account.as_str()), Some("0"))
    );
    assert_eq!((empty["escrow_xlm"].as_str(), &empty["runway_days"]), (Some("0"), &Value::Null));
    ann.fails(7, &["wallet", "fund"]);
    ann.ok(&["daemon", "--detach", "--listen", "/ip4/127.0.0.1/tcp/0"]);

    let unfunded = ann.fails(6, &["wallet", "send", &payee, "5"]);
    assert_eq!(unfunded["code"], "not_enough_funds");
    assert_eq!(unfunded["params"]["missing_xlm"], "6.00001");
    assert_eq!(ann.ok(&["wallet", "fund"])["balance_xlm"], "10000");
    assert_eq!(ann.ok(&["wallet", "fund"])["balance_xlm"], "10000", "once");

    let paid = ann.ok(&["wallet", "send", &payee, "12.5", "--key", "invoice 7", "--memo", "invoice 7"]);
    assert_eq!((paid["amount_xlm"].as_str(), paid["fee_xlm"].as_str()), (Some("12.5"), Some("0.00001")));
    let again = ann.ok(&["wallet", "send", &payee, "12.5", "--key", "invoice 7", "--memo", "invoice 7"]);
    assert_eq!(paid, again);
    assert_eq!(bob.ok(&["wallet"])["balance_xlm"], "12.5");
    assert_eq!(ann.ok(&["wallet"])["balance_xlm"], "9987.49999");

    let planned = ann.ok(&["wallet", "send", &payee, "1", "--plan"]);
    let left = (planned["fee_xlm"].as_str(), planned["left_xlm"].as_str());
    assert_eq!(left, (Some("0.00001"), Some("9985.49998")));
    assert_eq!(ann.ok(&["wallet"])["balance_xlm"], "9987.49999", "a plan pays nothing");
    let history = ann.ok(&["wallet", "history"])["transactions"].clone();
    assert_eq!(history.as_array().unwrap().len(), 1, "{history}");
    let told = ["kind", "state", "amount_xlm", "destination", "memo", "fee_xlm", "key"];
    let expected = ["payment", "done", "12.5", &payee, "invoice 7", "0.00001", "invoice 7"];
    assert_eq!(told.map(|name| history[0][name].as_str().unwrap()), expected);
    assert_eq!(history[0]["transaction"], paid["transaction"]);

    let short = ann.fails(6, &["wallet", "send", &payee, "10000"]);
    assert_eq!(short["params"]["missing_xlm"], "13.50002");
    for wrong in ["0", "-1", "1e3", "0.00000001", "9223372036854775808"] {
        ann.fails(2, &["wallet", "send", &payee, wrong]);
    }
    ann.fails(2, &["wallet", "send", "GABC", "1"]);
    ann.fails(2, &["wallet", "send", &account, "1"]);

    // The ledger is away, and comes back: what was paid under a name stays paid.
    let address = ledger.url.trim_start_matches("http://").to_owned();
    ledger.stop();
    ann.fails(7, &["wallet"]);
    let lost = ann.fails(7, &["wallet", "send", &payee, "1", "--key", "later"]);
    assert_eq!(lost["code"], "network_unreachable");
    let ledger = LedgerProcess::start(&ledger_dir, &address);
    ann.ok(&["stop"]);
    ann.ok(&["daemon", "--detach", "--listen", "/ip4/127.0.0.1/tcp/0"]);
    assert_eq!(
        ann.ok(&["wallet", "send", &payee, "12.5", "--key", "invoice 7", "--memo", "invoice 7"]),
        paid
    );
    ann.ok(&["wallet", "send", &payee, "1", "--key", "later"]);
    assert_eq!(ann.ok(&["wallet"])["balance_xlm"], "9986.49998");
    ann.ok(&["stop"]);
    // Without a node as with one, and no more than was asked for.
    let newest = ann.ok(&["wallet", "history", "--limit", "1"]);
    assert_eq!((&newest["transactions"][0]["key"], &newest["has_more"]), (&"later".into(), &true.into()));
    ledger.stop();
}

#[test]
fn a_payment_that_was_cut_off_is_paid_once_under_the_name_that_it_was_given() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, ledger_dir, table) = ledger_in(dir.path());
    let (ann, _) = home(dir.path(), "ann", &table);
    let (bob, payee) = home(dir.path(), "bob", &table);
    ann.ok(&["daemon", "--detach", "--listen", "/ip4/127.0.0.1/tcp/0"]);
    ann.ok(&["wallet", "fund"]);
    // From here on no ledger closes.
    let address = ledger.url.trim_start_matches("http://").to_owned();
    ledger.stop();
    let ledger = LedgerProcess::start_with(&ledger_dir, &address, &["--close-every", "3600"]);

    let mut paying = ann.command(&["wallet", "send", &payee, "5"]).spawn().unwrap();
    let mut said = BufReader::new(paying.stderr.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    let key = line.split("--key ").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    assert!(line.contains(&format!("name of this payment: {key}")), "{line}");
    // Once it is written down it may be sent.
    let written = format!("send:{key}");
    let is_written = || {
        let files = ["library.sqlite", "library.sqlite-wal"].map(|name| std::fs::read(ann.home().join(name)));
        let holds = |bytes: &[u8]| bytes.windows(written.len()).any(|part| part == written.as_bytes());
        files.into_iter().flatten().any(|bytes| holds(&bytes))
    };
    let began = Instant::now();
    while !is_written() {
        assert!(began.elapsed() < Duration::from_mins(1), "nothing was signed");
        std::thread::sleep(Duration::from_millis(20));
    }
    let interrupt = Command::new("kill").args(["-INT", &paying.id().to_string()]).status().unwrap();
    assert!(interrupt.success());
    assert_eq!(paying.wait().unwrap().code(), Some(130));
    let mut told = String::new();
    said.read_to_string(&mut told).unwrap();
    assert!(told.contains(&format!("--key {key}")) && told.contains("may be paid all the same"), "{told}");

    ledger.stop();
    let ledger = LedgerProcess::start(&ledger_dir, &address);
    assert_eq!(ann.ok(&["wallet", "send", &payee, "5", "--key", &key])["key"], Value::from(key));
    assert_eq!(bob.ok(&["wallet"])["balance_xlm"], "5");
    let failed = ann.fails(6, &["wallet", "send", &payee, "10000", "--key", "too much"]);
    assert_eq!(failed["params"]["key"], "too much");
    assert!(failed["message"].as_str().unwrap().contains("--key 'too much'"), "{failed}");
    ann.ok(&["stop"]);
    ledger.stop();
}

#[test]
fn a_network_without_a_ledger_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let (layr, _) = home(dir.path(), "free", "ledger = \"none\"");
    for command in [["wallet"].as_slice(), &["wallet", "history"]] {
        let told = layr.fails(2, command);
        assert!(told["message"].as_str().unwrap().contains("no ledger"), "{told}");
    }
    let table = dir.path().join("agreements.csv");
    let written = layr.ok(&["agreements", "--csv", table.to_str().unwrap()]);
    assert_eq!(written["agreements"], Value::Array(Vec::new()));
    assert!(std::fs::read_to_string(&table).unwrap().starts_with("id,role,state,"));
    assert_eq!(layr.fails(1, &["agreements", "--csv", table.to_str().unwrap()])["code"], "conflict");
}

/// A secret key and its account, as Stellar's own documents have them (SEP-0005, the first case).
pub(crate) const BROUGHT_KEY: &str = "SBGWSG6BTNCKCOB3DIFBGCVMUPQFYPA2G4O34RMTB343OYPXU5DJDVMN";
pub(crate) const BROUGHT: &str = "GDRXE2BQUC3AZNPVFSCEZ76NJ3WWL25FYFK6RGZGIEKWE4SOOHSUJUJ6";

/// `layr wallet use` with this on standard input: exit code and document.
pub(crate) fn use_key(layr: &Layr, words: &[&str], input: &str) -> (Option<i32>, Value) {
    let mut command = layr.command(&[&["--json", "wallet", "use"], words].concat());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    // Whoever refuses before it reads has closed it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn an_account_that_was_brought_along_pays_until_that_of_the_words_does_again() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, _, table) = ledger_in(dir.path());
    let (ann, own) = home(dir.path(), "ann", &table);
    let (_, payee) = home(dir.path(), "bob", &table);
    assert_eq!(ann.ok(&["wallet"])["source"], "phrase");

    // What is no secret key changes nothing, and is not shown.
    for (input, said) in
        [(BROUGHT, "address (G"), ("", "56 letters"), (&BROUGHT_KEY[..55], "56 letters"), ("S", "56")]
    {
        let (code, told) = use_key(&ann, &[], input);
        assert_eq!((code, &told["error"]["code"]), (Some(8), &"wrong_key".into()), "{told}");
        assert!(told["error"]["message"].as_str().unwrap().contains(said), "{told}");
    }
    assert!(
        ann.command(&["wallet", "use", BROUGHT_KEY]).output().unwrap().status.code() == Some(2),
        "never an argument"
    );

    let (code, used) = use_key(&ann, &[], &format!("{BROUGHT_KEY}\n"));
    assert_eq!(code, Some(0), "{used}");
    assert_eq!((&used["account"], &used["source"]), (&BROUGHT.into(), &"key".into()));
    assert_eq!((&used["previous_account"], &used["is_open"]), (&own.as_str().into(), &false.into()));
    let (_, same) = use_key(&ann, &[], BROUGHT_KEY);
    assert_eq!(same["previous_account"], BROUGHT, "the same once more");
    assert_eq!(ann.ok(&["wallet"])["account"], BROUGHT);

    ann.ok(&["daemon", "--detach", "--listen", "/ip4/127.0.0.1/tcp/0"]);
    assert_eq!(use_key(&ann, &["--phrase"], "").1["error"]["code"], "home_in_use");
    ann.ok(&["wallet", "fund"]);
    ann.ok(&["wallet", "send", &payee, "5"]);
    let paid = ann.ok(&["wallet"]);
    assert_eq!((&paid["account"], &paid["source"]), (&BROUGHT.into(), &"key".into()));
    assert_eq!(paid["balance_xlm"], "9994.99999");
    ann.ok(&["stop"]);

    let back = use_key(&ann, &["--phrase"], "").1;
    assert_eq!((&back["account"], &back["source"]), (&own.as_str().into(), &"phrase".into()));
    assert_eq!((&back["previous_account"], &back["is_open"]), (&BROUGHT.into(), &false.into()));
    assert_eq!(ann.ok(&["wallet"])["account"], own);
    ledger.stop();
}
