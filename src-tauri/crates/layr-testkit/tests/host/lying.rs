//! The testkit's liars do what they are told: other suites rely on it.

use std::time::Duration;

use layr_node::wire::Refusal;
use layr_testkit::{Lie, SimNetwork};
use tokio::time::timeout;

use crate::caller::{Caller, shard};

const MIB: usize = 1024 * 1024;

#[tokio::test(start_paused = true)]
async fn liars_spoil_what_they_are_told_to_spoil() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(8 * MIB as u64).await;
    let caller = Caller::new(&mut network, 1);
    let bytes = shard(1, MIB);
    let root = caller.put(&host, &bytes).await.unwrap();
    for lie in [Lie::WrongBytes, Lie::OtherShard] {
        network.lie(&host, lie);
        let wrong = caller.get_all(&host, root, MIB).await.unwrap();
        assert!(wrong.len() == bytes.len() && wrong != bytes, "{lie:?}");
    }
    network.lie(&host, Lie::Denies);
    assert_eq!(caller.get_all(&host, root, MIB).await, Err(Refusal::NotFound));
    network.lie(&host, Lie::Silence);
    assert!(timeout(Duration::from_mins(10), caller.get_all(&host, root, MIB)).await.is_err());
    network.lie(&host, Lie::KeepsNothing);
    let lost = caller.put(&host, &shard(2, MIB)).await.unwrap();
    network.be_honest(&host);
    assert!(!caller.has(&host, lost).await);
    assert_eq!(caller.get_all(&host, root, MIB).await.unwrap(), bytes);
}
