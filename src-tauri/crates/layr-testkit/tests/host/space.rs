//! Space: never promised twice, and given back when its bytes do not come.

use std::time::Duration;

use layr_node::host::STALL_TIMEOUT;
use layr_node::wire::{PutTrailer, Refusal, Response, read_frame, write_frame};
use layr_testkit::SimNetwork;
use tokio::io::AsyncWriteExt;
use tokio::time::sleep;

use crate::caller::{Caller, incoming_bytes, root_of_shard, shard, soon};

const MIB: usize = 1024 * 1024;

#[tokio::test(start_paused = true)]
async fn two_owners_race_for_the_last_space_and_one_gets_it() {
    for seed in 0..4 {
        let mut network = SimNetwork::new(seed);
        let host = network.add_host(MIB as u64).await;
        let callers: Vec<_> = (1..=6).map(|owner| Caller::new(&mut network, owner)).collect();
        let shards: Vec<_> = (1..=6).map(|number| shard(number, MIB)).collect();
        let puts = callers.iter().zip(&shards).map(|(caller, shard)| caller.put(&host, shard));
        let outcomes = futures::future::join_all(puts).await;
        let stored = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert_eq!(stored, 1, "seed {seed}: {outcomes:?}");
        assert!(
            outcomes.iter().filter_map(|outcome| outcome.err()).all(|reason| reason == Refusal::QuotaFull)
        );
        let report = host.host_show().await.unwrap();
        assert_eq!((report.used_bytes, report.reserved_bytes), (MIB as u64, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_stalled_sender_is_dropped_and_its_space_goes_to_somebody_else() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(MIB as u64).await;
    let (slow, quick) = (Caller::new(&mut network, 1), Caller::new(&mut network, 2));
    let mut stalled = slow.begin_put(&host, MIB).await.unwrap();
    stalled.write_all(&vec![0; 300_000]).await.unwrap();
    assert_eq!(host.host_show().await.unwrap().reserved_bytes, MIB as u64);
    assert_eq!(quick.put(&host, &shard(2, MIB)).await, Err(Refusal::QuotaFull));
    sleep(STALL_TIMEOUT + Duration::from_secs(1)).await;
    assert_eq!(host.host_show().await.unwrap().reserved_bytes, 0);
    quick.put(&host, &shard(2, MIB)).await.unwrap();
    assert!(read_frame::<Response>(&mut stalled).await.is_err(), "the stalled stream was reset");
}

#[tokio::test(start_paused = true)]
async fn space_whose_bytes_come_too_slowly_is_given_back_by_the_calendar() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(MIB as u64).await;
    let caller = Caller::new(&mut network, 1);
    let bytes = shard(1, MIB);
    let mut stream = caller.begin_put(&host, MIB).await.unwrap();
    stream.write_all(&bytes[..300_000]).await.unwrap();
    // The calendar may take the space at any moment after the jump; the block under way must not be what finds out.
    let on_disk = || std::future::ready(incoming_bytes(&host).iter().any(|len| *len > 0));
    soon("the first block is on the disk", on_disk).await;
    network.clock().jump(2 * 3600);
    // Fast enough for the watchdog all the time.
    for part in bytes[300_000..400_000].chunks(50_000) {
        sleep(Duration::from_secs(20)).await;
        stream.write_all(part).await.unwrap();
    }
    assert_eq!(host.host_show().await.unwrap().reserved_bytes, 0);
    stream.write_all(&bytes[400_000..]).await.unwrap();
    write_frame(&mut stream, &PutTrailer { root: root_of_shard(&bytes).into() }).await.unwrap();
    let answer: Response = read_frame(&mut stream).await.unwrap();
    assert_eq!(answer, Response::Refused { reason: Refusal::Busy });
    assert_eq!(host.host_show().await.unwrap().used_bytes, 0);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_vanishes_gives_its_space_back_at_once() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(MIB as u64).await;
    let caller = Caller::new(&mut network, 1);
    let mut stream = caller.begin_put(&host, MIB).await.unwrap();
    stream.write_all(&vec![0; 700_000]).await.unwrap();
    drop(stream);
    let is_free = || async { host.host_show().await.unwrap().reserved_bytes == 0 };
    soon("the space is given back", is_free).await;
    assert_eq!(incoming_bytes(&host), [0; 0], "no temporary is left");
}

#[tokio::test(start_paused = true)]
async fn a_shard_under_a_wrong_root_is_not_kept() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(MIB as u64).await;
    let caller = Caller::new(&mut network, 1);
    let (bytes, other) = (shard(1, 64 * 1024), root_of_shard(&shard(2, 64 * 1024)));
    assert_eq!(caller.put_as(&host, &bytes, other).await, Err(Refusal::RootMismatch));
    let report = host.host_show().await.unwrap();
    assert_eq!((report.used_bytes, report.reserved_bytes, report.shards), (0, 0, 0));
    assert!(!caller.has(&host, other).await);
}

#[tokio::test(start_paused = true)]
async fn a_shard_put_twice_is_stored_once_and_each_owner_is_charged() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(4 * MIB as u64).await;
    let (one, two) = (Caller::new(&mut network, 1), Caller::new(&mut network, 2));
    let bytes = shard(1, MIB);
    let root = one.put(&host, &bytes).await.unwrap();
    one.put(&host, &bytes).await.unwrap();
    assert_eq!(host.host_show().await.unwrap().used_bytes, MIB as u64);
    two.put(&host, &bytes).await.unwrap();
    let report = host.host_show().await.unwrap();
    assert_eq!((report.used_bytes, report.owners), (2 * MIB as u64, 2));
    assert_eq!(one.delete(&host, root, one.certificate()).await, Ok(true));
    assert_eq!(two.get_all(&host, root, MIB).await.unwrap(), bytes, "the other owner still has it");
}

#[tokio::test(start_paused = true)]
async fn a_restart_keeps_every_acknowledged_shard_and_nothing_else() {
    let mut network = SimNetwork::new(1);
    let mut host = network.add_host(64 * MIB as u64).await;
    let caller = Caller::new(&mut network, 1);
    let shards: Vec<_> = (0..12).map(|number| shard(number, 64 * 1024 * (1 + usize::from(number)))).collect();
    let mut roots = Vec::new();
    for shard in &shards {
        roots.push(caller.put(&host, shard).await.unwrap());
    }
    let mut cut_off = caller.begin_put(&host, MIB).await.unwrap();
    cut_off.write_all(&vec![7; 600_000]).await.unwrap();
    network.kill(&mut host).await;
    assert!(read_frame::<Response>(&mut cut_off).await.is_err());
    network.revive(&mut host).await;
    for (root, shard) in roots.iter().zip(&shards) {
        assert_eq!(&caller.get_all(&host, *root, shard.len()).await.unwrap(), shard);
    }
    let report = host.host_show().await.unwrap();
    let total: usize = shards.iter().map(Vec::len).sum();
    assert_eq!((report.used_bytes, report.reserved_bytes), (total as u64, 0));
    assert_eq!(incoming_bytes(&host), [0; 0]);
}
