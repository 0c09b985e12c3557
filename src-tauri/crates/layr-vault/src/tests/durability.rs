//! What no test in a process can lose: the settings that make a commit reach the disk.

use super::scenario;
use crate::Vault;

#[test]
fn a_commit_waits_for_the_disk() {
    let home = scenario::home();
    let (vault, _) = Vault::open(&scenario::config(home.path())).unwrap();
    let writer = vault.inner.ledger.writer();
    let pragma = |name| writer.pragma_query_value(None, name, |row| row.get::<_, String>(0));
    assert_eq!(pragma("journal_mode").unwrap(), "wal");
    let synchronous: i64 = writer.pragma_query_value(None, "synchronous", |row| row.get(0)).unwrap();
    assert_eq!(synchronous, 2, "FULL");
}
