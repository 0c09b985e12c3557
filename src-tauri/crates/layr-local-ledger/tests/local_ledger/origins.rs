//! Pages of other sites in a person's browser, and what they could do to a friendbot.

use layr_local_ledger::LocalLedger;
use stellar_xdr::{
    AccountEntry, AccountEntryExt, AccountId, LedgerEntry, LedgerEntryData, LedgerEntryExt, Limits,
    PublicKey, SequenceNumber, String32, Thresholds, Uint256, VecM, WriteXdr,
};

use crate::support::{Account, Client, LUMEN, Net, settings};

/// Accounts that the friendbot makes a ledger grow to.
const MAX_ACCOUNTS: u32 = 10_000;

#[tokio::test]
async fn gifts_for_programs_and_people_and_for_no_other_page() {
    let net = Net::start().await;
    let client = net.client();
    let port = client.address.rsplit(':').next().unwrap().to_owned();
    let ask = async |seed: u8, headers: &[&str]| {
        let request = format!("GET /friendbot?addr={} HTTP/1.1", Account::new(seed).id());
        let head = [&[&*request], headers].concat().join("\r\n");
        client.http(&head, b"").await.0
    };
    let host = |name: &str| format!("Host: {name}:{port}");
    for refused in [
        // Addresses that lead here and are not where it listens: of every system, of this one, of nobody.
        &[&*host("0.0.0.0")][..],
        &[&*host("[::]")],
        &[&*host("192.168.1.5")],
        &[&*host("localhost.evil.example")],
        &[&*host("127.0.0.1.evil.example")],
        &["Host:"],
        // An image, from browsers that say where it is shown, and from those that say what for.
        &["Referer: http://evil.example/"],
        &["Sec-Fetch-Dest: image"],
        &["Sec-Fetch-Site: same-origin", "Sec-Fetch-Dest: image"],
        &["Sec-Fetch-Site: cross-site", "Sec-Fetch-Dest: document"],
        &["Origin: null"],
        &["Origin: http://127.0.0.1:9"],
    ] {
        assert_eq!(ask(1, refused).await, 403, "{refused:?}");
    }
    assert_eq!(client.account(&Account::new(1).id()).await, None);
    for (seed, answered) in [
        (2, &[][..]),
        (3, &[&*host("localhost")]),
        (4, &[&*host("[::1]")]),
        (5, &["Sec-Fetch-Site: none", "Sec-Fetch-Dest: document"]),
        (6, &["Accept: */*", "User-Agent: node"]),
    ] {
        assert_eq!(ask(seed, answered).await, 200, "{answered:?}");
    }
    net.ledger.stop().await;
}

/// Makes an account behind the ledger's back.
fn make(database: &rusqlite::Transaction<'_>, number: u32) {
    let mut key = [0; 32];
    key[..4].copy_from_slice(&number.to_be_bytes());
    let account_id = AccountId(PublicKey::PublicKeyTypeEd25519(Uint256(key)));
    let account = AccountEntry {
        account_id,
        balance: LUMEN,
        seq_num: SequenceNumber(0),
        num_sub_entries: 0,
        inflation_dest: None,
        flags: 0,
        home_domain: String32::default(),
        thresholds: Thresholds([1, 0, 0, 0]),
        signers: VecM::default(),
        ext: AccountEntryExt::V0,
    };
    let data = LedgerEntryData::Account(account);
    let entry = LedgerEntry { last_modified_ledger_seq: 1, data, ext: LedgerEntryExt::V0 };
    let row = [entry.to_key().to_xdr(Limits::none()).unwrap(), entry.to_xdr(Limits::none()).unwrap()];
    database.execute("INSERT INTO entries (key, entry) VALUES (?, ?)", row).unwrap();
}

#[tokio::test]
async fn gifts_come_to_an_end() {
    let net = Net::start().await;
    net.ledger.stop().await;
    let mut database = rusqlite::Connection::open(net.directory.path().join("ledger.sqlite")).unwrap();
    let transaction = database.transaction().unwrap();
    // All but one: the root account is there.
    (0..MAX_ACCOUNTS - 2).for_each(|number| make(&transaction, number));
    transaction.commit().unwrap();
    drop(database);
    let ledger = LocalLedger::start(settings(net.directory.path())).await.unwrap();
    let client = Client::new(&ledger);
    client.funded(1).await;
    let (status, answer) = client.friendbot(&Account::new(2).id()).await;
    assert_eq!(status, 400);
    assert!(answer["detail"].as_str().unwrap().contains("10000 accounts"), "{answer}");
    assert_eq!(client.account(&Account::new(2).id()).await, None);
    ledger.stop().await;
}
