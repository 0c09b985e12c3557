//! What may be spent on agreements: nothing unless a person says so, with and without a node; and the contract that a devnet names.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use layr_keys::{OwnerKeys, RecoveryPhrase};
use layr_ledger::agreement::AgreementContract;
use layr_ledger::{Contract, Ledger};
use layr_node::network_file::{LedgerKind, NetworkFile};
use layr_suites::{Layr, LedgerRpc};
use serde_json::{Value, json};

use crate::PROGRAM;

/// A home that no other test has, on a network whose file says this of its ledger.
fn home(dir: &Path, ledger: &str) -> (Layr, Vec<String>) {
    let passphrase = dir.join("passphrase");
    std::fs::write(&passphrase, "three words more").unwrap();
    let network = dir.join("money.toml");
    std::fs::write(&network, format!("name = \"money\"\nprivate_addresses = true\n{ledger}\n")).unwrap();
    let init = ["init", "--key-store", "file", "--network", network.to_str().unwrap()];
    (Layr::new(PROGRAM.as_ref(), &dir.join("home"), &passphrase), init.map(str::to_owned).to_vec())
}

fn limits(price: &str, monthly: &str) -> Value {
    json!({ "max_price_xlm_per_gib_month": price, "monthly_cap_xlm": monthly, "auto_renew": false })
}

#[test]
fn limits_are_kept_with_and_without_a_node_and_refused_when_they_are_none() {
    let dir = tempfile::tempdir().unwrap();
    let (layr, init) = home(dir.path(), "ledger = \"none\"");
    layr.fails(1, &["agreements", "limit"]);
    layr.ok(&init);
    assert_eq!(layr.ok(&["agreements", "limit"]), limits("0", "0"), "nothing is spent unasked");
    let listed = layr.ok(&["agreements"]);
    assert_eq!((&listed["agreements"], &listed["limits"]), (&json!([]), &limits("0", "0")), "{listed}");
    assert_eq!(layr.ok(&["agreements", "limit", "--price", "0.3"]), limits("0.3", "0"));
    assert_eq!(layr.ok(&["agreements", "limit", "--monthly", "20.50"]), limits("0.3", "20.5"));
    let refuses_nonsense = |layr: &Layr| {
        for wrong in ["-1", "9223372036854775808", "922337203686", "1e3", "", "much", "0.00000001", "1,5"] {
            for flag in ["--price", "--monthly"] {
                let refused = layr.fails(2, &["agreements", "limit", flag, wrong]);
                assert_eq!(refused["code"], "invalid_request", "{flag} {wrong}");
            }
        }
        // More than an agreement can name is no price.
        layr.fails(2, &["agreements", "limit", "--monthly", "1", "--price", "1000"]);
        layr.fails(2, &["agreements", "limit", "1"]);
    };
    refuses_nonsense(&layr);
    assert_eq!(layr.ok(&["agreements"])["limits"], limits("0.3", "20.5"), "as before");

    layr.ok(&["daemon", "--detach", "--listen", "/ip4/127.0.0.1/tcp/0"]);
    refuses_nonsense(&layr);
    assert_eq!(layr.ok(&["agreements"])["limits"], limits("0.3", "20.5"), "a node keeps to them");
    assert_eq!(layr.ok(&["agreements", "limit", "--monthly", "0"]), limits("0.3", "0"));
    assert_eq!(layr.ok(&["agreements", "limit"]), limits("0.3", "0"));
    layr.fails(3, &["agreements", "1"]);
    layr.ok(&["stop"]);
    assert_eq!(layr.ok(&["agreements", "limit"]), limits("0.3", "0"));
    layr.fails(3, &["agreements", "1"]);
}

#[test]
fn no_home_joins_a_network_whose_contract_this_program_does_not_know() {
    let dir = tempfile::tempdir().unwrap();
    let contract = Contract::from_bytes([7; 32]);
    let ledger = |wasm: &str| {
        format!(
            "[ledger]\nkind = \"stellar\"\nrpc = \"http://127.0.0.1:9\"\npassphrase = \"x\"\ncontract = \"{contract}\"\n{wasm}"
        )
    };
    let (layr, init) = home(dir.path(), &ledger(&format!("wasm = \"{}\"", "00".repeat(32))));
    let refused = layr.fails(2, &init);
    assert!(refused["message"].as_str().unwrap().contains("too old or too new"), "{refused}");
    let (layr, init) = home(dir.path(), &ledger(""));
    layr.fails(2, &init);
    let known = hex::encode(AgreementContract::code_hash());
    let (layr, init) = home(dir.path(), &ledger(&format!("wasm = \"{known}\"")));
    layr.ok(&init);
}

/// A devnet in a directory that outlives it.
struct Kept {
    process: Child,
    network: NetworkFile,
}

impl Kept {
    fn start(dir: &Path) -> Self {
        let mut process = Command::new(PROGRAM)
            .args(["--json", "devnet", "--hosts", "1", "--dir"])
            .arg(dir)
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        let network = NetworkFile::read(Path::new(ready["network_file"].as_str().unwrap())).unwrap();
        // Each node has it, too.
        let home = Path::new(ready["hosts"][0]["home"].as_str().unwrap());
        assert_eq!(NetworkFile::read(&home.join("network.toml")).unwrap(), network);
        Self { process, network }
    }

    /// The ledger, and the contract that the network file names.
    fn contract(&self) -> (Ledger, Contract) {
        let LedgerKind::Stellar(network) = &self.network.ledger else { panic!("{:?}", self.network) };
        let contract = network.contract.as_ref().unwrap().parse().unwrap();
        (Ledger::new(network.settings()).unwrap(), contract)
    }

    /// Its ledger, whose time can be moved.
    fn rpc(&self) -> LedgerRpc {
        let LedgerKind::Stellar(network) = &self.network.ledger else { panic!("{:?}", self.network) };
        LedgerRpc::new(&network.settings().rpc)
    }

    fn stop(mut self) {
        let asked = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status().unwrap();
        assert!(asked.success());
        self.process.wait().unwrap();
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn a_devnet_names_a_contract_that_is_on_its_ledger_and_is_made_once() {
    let dir = tempfile::tempdir().unwrap();
    let first = Kept::start(dir.path());
    let (ledger, contract) = first.contract();
    let beacon = ledger.agreement_beacon(contract).await.unwrap();
    assert_eq!(beacon, ledger.local_beacon().await.unwrap(), "made with the beacon of its ledger");
    // Its code lives as long as a ledger allows.
    let made = AgreementContract::at(ledger.network_id(), contract).unwrap();
    let life = made.life(&ledger).await.unwrap();
    assert!(life.left_s() > 179 * 86_400, "{life:?}");
    // Whoever made it signed three transactions.
    let maker = OwnerKeys::from_phrase(&RecoveryPhrase::from_entropy(&ledger.network_id()));
    let maker = maker.stellar_account().into();
    let signed = ledger.account(maker).await.unwrap().sequence;
    first.stop();

    let second = Kept::start(dir.path());
    let (ledger, again) = second.contract();
    assert_eq!(again, contract);
    assert_eq!(ledger.agreement_beacon(again).await.unwrap(), beacon);
    assert_eq!(ledger.account(maker).await.unwrap().sequence, signed, "nothing is made again");
    second.stop();
}

#[tokio::test]
async fn a_devnet_whose_contract_is_archived_has_it_again_after_a_start() {
    let dir = tempfile::tempdir().unwrap();
    let first = Kept::start(dir.path());
    let (ledger, contract) = first.contract();
    let made = AgreementContract::at(ledger.network_id(), contract).unwrap();
    let ends_unix_s =
        ledger.tip().await.unwrap().close_time_unix_s + made.life(&ledger).await.unwrap().left_s();
    first.rpc().pass_until(ends_unix_s + 30 * 86_400);
    first.stop();

    let second = Kept::start(dir.path());
    let (ledger, again) = second.contract();
    assert_eq!(again, contract, "the same one, and no new one");
    assert!(ledger.tip().await.unwrap().close_time_unix_s > ends_unix_s);
    let life = made.life(&ledger).await.unwrap();
    assert!(!life.is_archived() && life.left_s() > 179 * 86_400, "{life:?}");
    second.stop();
}
