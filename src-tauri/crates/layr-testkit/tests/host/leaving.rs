//! A host that leaves takes nothing new, says so, serves on, and stops by itself without deleting anything.

use std::time::Duration;

use layr_codec::ShardRoot;
use layr_keys::SignedRecord;
use layr_node::api::{ActivityEntry, HostSettings, LeaveRequest};
use layr_node::error::ErrorCode;
use layr_node::wire::{Offer, Question, Refusal, Request, Response};
use layr_testkit::{SimNetwork, SimNode};
use tokio::time::sleep;

use crate::caller::{Caller, shard};

const MIB: u64 = 1024 * 1024;
const DAY: Duration = Duration::from_hours(24);
const FORTNIGHT_S: u32 = 14 * 24 * 60 * 60;

async fn leave(host: &SimNode) {
    let report = host.host_leave(LeaveRequest::default()).await.unwrap();
    assert!(report.hosting && report.leaves_at.is_some(), "{report:?}");
}

async fn offer(caller: &Caller, host: &SimNode) -> Offer {
    let Response::Offer { record } = caller.ask(host, &Request::Offer).await else { panic!("an offer") };
    Offer::decode_bounded(SignedRecord::decode(&record).unwrap().payload()).unwrap()
}

/// What it says of its leaving when it is audited.
async fn said(caller: &Caller, host: &SimNode, root: ShardRoot) -> Option<u32> {
    let audit = Request::Audit { questions: vec![Question { root: root.into(), leaves: vec![0] }] };
    match caller.ask(host, &audit).await {
        Response::Auditing { leaves_in_s } => leaves_in_s,
        other => panic!("no audit: {other:?}"),
    }
}

async fn told(host: &SimNode, kind: &str) -> Vec<ActivityEntry> {
    let mut entries = host.activity().await.unwrap().entries;
    entries.retain(|entry| entry.kind == kind);
    entries
}

#[tokio::test(start_paused = true)]
async fn it_takes_nothing_new_says_so_and_serves_on_also_after_a_restart() {
    let mut network = SimNetwork::new(1);
    let mut host = network.add_host(8 * MIB).await;
    let caller = Caller::new(&mut network, 1);
    let bytes = shard(1, 4096);
    let root = caller.put(&host, &bytes).await.unwrap();
    assert_eq!((said(&caller, &host, root).await, offer(&caller, &host).await.leaves_in_s), (None, None));
    leave(&host).await;
    sleep(DAY).await;
    network.kill(&mut host).await;
    network.revive(&mut host).await;
    let left_s = FORTNIGHT_S - 24 * 60 * 60;
    let offered = offer(&caller, &host).await;
    assert_eq!((offered.accepting, offered.free_bytes), (false, 0));
    for leaves_in_s in [offered.leaves_in_s, said(&caller, &host, root).await] {
        assert!(
            leaves_in_s.is_some_and(|said_s| (left_s - 60..=left_s).contains(&said_s)),
            "{leaves_in_s:?}"
        );
    }
    assert_eq!(caller.put(&host, &shard(2, 1024)).await, Err(Refusal::NotHosting));
    assert_eq!(caller.get_all(&host, root, bytes.len()).await.unwrap(), bytes);

    let report = host.host_stay().await.unwrap();
    assert!(report.leaves_at.is_none() && report.free_bytes > 0, "{report:?}");
    assert_eq!((said(&caller, &host, root).await, offer(&caller, &host).await.leaves_in_s), (None, None));
    caller.put(&host, &shard(2, 1024)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn it_stops_by_itself_once_nothing_lies_here_any_more() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(8 * MIB).await;
    let callers = [Caller::new(&mut network, 1), Caller::new(&mut network, 2)];
    let mut roots = Vec::new();
    for (number, caller) in (1..).zip(&callers) {
        roots.push(caller.put(&host, &shard(number, 4096)).await.unwrap());
    }
    leave(&host).await;
    for (caller, root) in callers.iter().zip(&roots) {
        sleep(Duration::from_mins(10)).await;
        assert!(host.host_show().await.unwrap().hosting, "something of an owner is here");
        assert!(caller.delete(&host, *root, caller.certificate()).await.unwrap());
    }
    sleep(Duration::from_mins(1)).await;
    let report = host.host_show().await.unwrap();
    assert_eq!((report.hosting, report.quota_bytes, report.leaves_at), (false, 0, None));
    assert_eq!(told(&host, "host_left").await.len(), 1);
    assert_eq!(caller_asks(&callers[0], &host).await, Refusal::NotHosting);
}

async fn caller_asks(caller: &Caller, host: &SimNode) -> Refusal {
    match caller.ask(host, &Request::Offer).await {
        Response::Refused { reason } => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn when_its_time_is_over_it_stops_and_keeps_what_nobody_fetched() {
    let mut network = SimNetwork::new(1);
    let mut host = network.add_host(8 * MIB).await;
    let caller = Caller::new(&mut network, 1);
    let bytes = shard(1, 4096);
    let root = caller.put(&host, &bytes).await.unwrap();
    host.host_leave(LeaveRequest { until_s: Some(24 * 60 * 60) }).await.unwrap();
    sleep(Duration::from_mins(24 * 60 - 1)).await;
    assert!(host.host_show().await.unwrap().hosting);
    sleep(Duration::from_mins(2)).await;
    let report = host.host_show().await.unwrap();
    assert!(!report.hosting && report.leaves_at.is_some(), "{report:?}");
    assert_eq!((report.shards, report.quota_bytes), (1, 0));
    let entries = told(&host, "host_left_early").await;
    assert!(entries[0].text.starts_with("1 piece of 1 owner was not fetched in time."), "{entries:?}");
    // Also after a restart it serves, and says that it has left.
    network.kill(&mut host).await;
    network.revive(&mut host).await;
    sleep(Duration::from_hours(1)).await;
    assert_eq!(caller.get_all(&host, root, bytes.len()).await.unwrap(), bytes);
    assert_eq!(said(&caller, &host, root).await, Some(0));
    assert_eq!(
        told(&host, "host_left_early").await.iter().map(|entry| entry.times).collect::<Vec<_>>(),
        [None]
    );
    // Whoever lends again stays.
    let settings = HostSettings { quota_bytes: Some(8 * MIB), ..HostSettings::default() };
    assert!(host.host_set(settings).await.unwrap().leaves_at.is_none());
    assert_eq!(said(&caller, &host, root).await, None);
    caller.put(&host, &shard(2, 1024)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn only_who_lends_can_leave_and_only_in_time() {
    let mut network = SimNetwork::new(1);
    let (owner, host) = (network.add_owner().await, network.add_host(8 * MIB).await);
    let refused = [owner.host_leave(LeaveRequest::default()).await, owner.host_stay().await];
    for refused in refused {
        assert_eq!(refused.unwrap_err().code, ErrorCode::InvalidRequest);
    }
    for until_s in [0, 24 * 60 * 60 - 1, 90 * 24 * 60 * 60 + 1, u32::MAX] {
        let refused = host.host_leave(LeaveRequest { until_s: Some(until_s) }).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::InvalidRequest, "{until_s} s");
    }
    assert!(host.host_show().await.unwrap().leaves_at.is_none());
    host.host_leave(LeaveRequest { until_s: Some(90 * 24 * 60 * 60) }).await.unwrap();
}
