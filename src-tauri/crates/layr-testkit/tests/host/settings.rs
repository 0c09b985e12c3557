//! What the person decides takes effect at once and survives a restart.

use layr_keys::RecordKind;
use layr_node::api::{ActivityLevel, HostSettings};
use layr_node::error::ErrorCode;
use layr_node::home::Home;
use layr_node::host::set_offline;
use layr_node::wire::{Offer, Question, Refusal, Request, Response};
use layr_testkit::SimNetwork;
use std::time::Duration;

use crate::caller::{Caller, shard};

const MIB: usize = 1024 * 1024;

fn quota(bytes: usize) -> HostSettings {
    HostSettings { quota_bytes: Some(bytes as u64), ..HostSettings::default() }
}

#[tokio::test(start_paused = true)]
async fn hosting_begins_with_the_first_quota_and_not_before() {
    let mut network = SimNetwork::new(1);
    let mut node = network.add_owner().await;
    let caller = Caller::new(&mut network, 1);
    assert_eq!(caller.put(&node, &shard(1, 1024)).await, Err(Refusal::NotHosting));
    assert_eq!(caller.ask(&node, &Request::Offer).await, Response::Refused { reason: Refusal::NotHosting });
    assert!(!node.home().join("vault").exists());
    assert!(!node.host_show().await.unwrap().hosting);
    assert_eq!(node.host_pause().await.unwrap_err().code, ErrorCode::InvalidRequest);

    assert!(node.host_set(quota(MIB)).await.unwrap().hosting);
    let root = caller.put(&node, &shard(1, 1024)).await.unwrap();
    network.kill(&mut node).await;
    network.revive(&mut node).await;
    let report = node.host_show().await.unwrap();
    assert_eq!((report.hosting, report.quota_bytes, report.used_bytes), (true, MIB as u64, 1024));
    assert!(caller.has(&node, root).await);
}

#[tokio::test(start_paused = true)]
async fn a_quota_below_what_is_used_deletes_nothing_and_takes_nothing() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(4 * MIB as u64).await;
    let caller = Caller::new(&mut network, 1);
    let bytes = shard(1, 2 * MIB);
    let root = caller.put(&host, &bytes).await.unwrap();
    let report = host.host_set(quota(MIB)).await.unwrap();
    assert_eq!(
        (report.used_bytes, report.quota_bytes, report.offer.unwrap().free_bytes),
        (2 * MIB as u64, MIB as u64, 0)
    );
    assert_eq!(caller.put(&host, &shard(2, 1024)).await, Err(Refusal::QuotaFull));
    assert_eq!(caller.get_all(&host, root, bytes.len()).await.unwrap(), bytes);
    host.host_set(quota(3 * MIB)).await.unwrap();
    caller.put(&host, &shard(2, 1024)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_pause_refuses_new_shards_only_and_survives_a_restart() {
    let mut network = SimNetwork::new(1);
    let mut host = network.add_host(4 * MIB as u64).await;
    let caller = Caller::new(&mut network, 1);
    let root = caller.put(&host, &shard(1, 1024)).await.unwrap();
    assert!(host.host_pause().await.unwrap().paused);
    network.kill(&mut host).await;
    network.revive(&mut host).await;
    assert_eq!(caller.put(&host, &shard(2, 1024)).await, Err(Refusal::Paused));
    assert!(caller.get_all(&host, root, 1024).await.is_ok());
    assert!(!host.host_resume().await.unwrap().paused);
    caller.put(&host, &shard(2, 1024)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_quota_that_the_disk_cannot_hold_is_refused_and_changes_nothing() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(4 * MIB as u64).await;
    let error = host.host_set(quota(1 << 60)).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidRequest);
    assert!(error.params.contains_key("room_bytes"), "{error}");
    assert_eq!(host.host_show().await.unwrap().quota_bytes, 4 * MIB as u64);
}

#[tokio::test(start_paused = true)]
async fn a_vault_whose_disk_is_away_is_not_replaced_by_an_empty_one() {
    let mut network = SimNetwork::new(1);
    let mut host = network.add_host(4 * MIB as u64).await;
    let caller = Caller::new(&mut network, 1);
    let root = caller.put(&host, &shard(1, 1024)).await.unwrap();
    network.kill(&mut host).await;
    let (here, away) = (host.home().join("vault"), host.home().join("elsewhere"));
    std::fs::rename(&here, &away).unwrap();
    network.revive(&mut host).await;
    let report = host.host_show().await.unwrap();
    assert!(!report.hosting && report.is_disk_away);
    assert_eq!(caller.put(&host, &shard(2, 1024)).await, Err(Refusal::NotHosting));
    // What is away is not lost: none of these may be taken for "I do not have it" or "it is gone".
    let away_now = Response::Refused { reason: Refusal::DiskUnusable };
    let certificate = caller.certificate();
    let roots = vec![root.into()];
    for request in [
        Request::Prove { root: root.into(), first_piece: 0, count: 1 },
        Request::Has { roots: roots.clone() },
        Request::Delete { certificate, roots },
        Request::Audit { questions: vec![Question { root: root.into(), leaves: vec![0] }] },
    ] {
        assert_eq!(caller.ask(&host, &request).await, away_now, "{request:?}");
    }
    assert_eq!(caller.get_all(&host, root, 1024).await, Err(Refusal::DiskUnusable));
    network.kill(&mut host).await;
    let _ = std::fs::remove_dir_all(&here);
    std::fs::rename(&away, &here).unwrap();
    network.revive(&mut host).await;
    assert!(caller.has(&host, root).await);
}

#[tokio::test(start_paused = true)]
async fn a_vault_that_cannot_be_used_keeps_nobody_from_their_own_files() {
    let mut network = SimNetwork::new(1);
    let mut host = network.add_host(4 * MIB as u64).await;
    let caller = Caller::new(&mut network, 1);
    let root = caller.put(&host, &shard(1, 1024)).await.unwrap();
    network.kill(&mut host).await;
    let (ledger, kept) = (host.home().join("vault/vault.sqlite"), host.home().join("kept.sqlite"));
    std::fs::rename(&ledger, &kept).unwrap();
    std::fs::write(&ledger, [7; 8192]).unwrap();
    network.revive(&mut host).await;
    assert!(host.ls(None, true, false).await.unwrap().files.is_empty());
    let report = host.host_show().await.unwrap();
    assert!(!report.hosting && !report.is_disk_away, "{report:?}");
    assert!(report.unusable.as_ref().is_some_and(|reason| reason.contains("cannot be used")), "{report:?}");
    assert_eq!(caller.put(&host, &shard(2, 1024)).await, Err(Refusal::NotHosting));
    tokio::time::sleep(Duration::from_mins(3)).await;
    let told = host.activity().await.unwrap().entries;
    let told = told.iter().find(|entry| entry.kind == "vault_unusable").unwrap();
    assert_eq!((told.level, told.resolved), (ActivityLevel::Action, false), "{told:?}");
    // No other vault takes its place.
    let error = host.host_set(quota(2 * MIB)).await.unwrap_err();
    assert!(error.message.contains("cannot be used"), "{error}");
    assert_eq!(std::fs::read(&ledger).unwrap(), [7; 8192]);
    network.kill(&mut host).await;

    let home = Home::new(host.home());
    assert!(set_offline(&home, &quota(3 * MIB)).is_err());
    let report = set_offline(&home, &quota(0)).unwrap();
    assert!(!report.hosting && report.unusable.is_some(), "{report:?}");
    network.revive(&mut host).await;
    tokio::time::sleep(Duration::from_mins(3)).await;
    let told = host.activity().await.unwrap().entries;
    assert!(told.iter().all(|entry| entry.resolved), "{told:?}");
    network.kill(&mut host).await;
    std::fs::rename(&kept, &ledger).unwrap();
    let report = set_offline(&home, &quota(4 * MIB)).unwrap();
    assert!(report.hosting && report.unusable.is_none(), "{report:?}");
    network.revive(&mut host).await;
    assert!(host.host_show().await.unwrap().hosting && caller.has(&host, root).await);
}

/// The one thread for such work is busy: whoever does it elsewhere holds up all others, and a stop as well.
#[test]
fn a_start_opens_what_lies_on_the_disk_on_a_thread_of_its_own() {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().start_paused(true).max_blocking_threads(1).build().unwrap();
    runtime.block_on(async {
        let mut network = SimNetwork::new(1);
        let mut host = network.add_host(4 * MIB as u64).await;
        network.kill(&mut host).await;
        let (free, busy) = std::sync::mpsc::channel::<()>();
        let _busy = tokio::task::spawn_blocking(move || busy.recv());
        let mut start = Box::pin(network.try_revive(&mut host));
        assert!(futures::poll!(&mut start).is_pending());
        drop(free);
        start.await.unwrap();
        assert!(host.host_show().await.unwrap().hosting);
    });
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_goes_while_the_node_runs_leaves_no_room() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(4 * MIB as u64).await;
    let caller = Caller::new(&mut network, 1);
    let root = caller.put(&host, &shard(1, MIB)).await.unwrap();
    let report = host.host_show().await.unwrap();
    assert_eq!((report.is_disk_away, report.free_bytes), (false, 3 * MIB as u64));
    assert!(report.disk_left_bytes.is_some_and(|left_bytes| left_bytes > 3 * MIB as u64), "{report:?}");
    assert!(report.disk_floor_bytes > 0);

    let (here, away) = (host.home().join("vault"), host.home().join("elsewhere"));
    std::fs::rename(&here, &away).unwrap();
    // What is left there is a directory of another disk.
    std::fs::create_dir(&here).unwrap();
    let report = host.host_show().await.unwrap();
    assert!(report.hosting && report.is_disk_away, "{report:?}");
    assert_eq!((report.free_bytes, report.disk_left_bytes), (0, None));
    std::fs::remove_dir(&here).unwrap();
    std::fs::rename(&away, &here).unwrap();
    assert!(!host.host_show().await.unwrap().is_disk_away);
    assert!(caller.has(&host, root).await);
}

#[tokio::test(start_paused = true)]
async fn the_network_learns_of_new_terms() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(4 * MIB as u64).await;
    let (_, observer) = network.add_stranger();
    let published = async |free_bytes: usize| {
        for _ in 0..200 {
            let key = *host.peer().as_bytes();
            let found = observer.net.get_record(RecordKind::Host, key, Duration::from_secs(1)).await.unwrap();
            let offer = found.map(|record| Offer::decode_bounded(record.payload()).unwrap());
            if offer.is_some_and(|offer| offer.free_bytes == free_bytes as u64) {
                return true;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        false
    };
    assert!(published(4 * MIB).await);
    // Set back a year, the calendar must not stop the host from publishing newer terms.
    network.clock().jump(-365 * 86_400);
    host.host_set(quota(2 * MIB)).await.unwrap();
    assert!(published(2 * MIB).await);
}

#[tokio::test(start_paused = true)]
async fn a_schedule_that_is_none_is_refused_and_changes_nothing() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(4 * MIB as u64).await;
    let wrong = HostSettings {
        quota_bytes: Some(MIB as u64),
        schedule: Some("at night".to_owned()),
        ..HostSettings::default()
    };
    let error = host.host_set(wrong).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidRequest);
    assert!(error.message.contains("at night") && error.message.contains("08:00-23:00"), "{error}");
    let report = host.host_show().await.unwrap();
    assert_eq!((report.quota_bytes, report.limits.schedule.as_str()), (4 * MIB as u64, "always"));
}

#[tokio::test(start_paused = true)]
async fn a_quota_of_nothing_switches_hosting_off_and_deletes_nothing() {
    let mut network = SimNetwork::new(1);
    let mut host = network.add_host(4 * MIB as u64).await;
    let caller = Caller::new(&mut network, 1);
    let bytes = shard(1, 1024);
    let root = caller.put(&host, &bytes).await.unwrap();
    let report = host.host_set(quota(0)).await.unwrap();
    assert!(!report.hosting && report.offer.is_none());
    assert_eq!(caller.put(&host, &shard(2, 1024)).await, Err(Refusal::NotHosting));
    network.kill(&mut host).await;
    network.revive(&mut host).await;
    assert!(!host.host_show().await.unwrap().hosting);
    assert_eq!(caller.get_all(&host, root, 1024).await.unwrap(), bytes);
    assert!(host.host_set(quota(MIB)).await.unwrap().hosting);
    caller.put(&host, &shard(2, 1024)).await.unwrap();
}
