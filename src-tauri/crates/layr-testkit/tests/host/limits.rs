//! Limits: what one peer, or all of them, can take of a host.

use std::time::Duration;

use futures::StreamExt;
use layr_node::api::HostSettings;
use layr_node::host::{BURST_REQUESTS, FRAME_TIMEOUT, MAX_STREAMS_PER_PEER};
use layr_node::wire::{
    ByteRange, PutTrailer, Refusal, Request, Response, encode_frame, read_frame, write_frame,
};
use layr_testkit::SimNetwork;
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, sleep, timeout};

use crate::caller::{Caller, incoming_bytes, root_of_shard, shard, soon};

const MIB: usize = 1024 * 1024;

#[tokio::test(start_paused = true)]
async fn a_flood_of_streams_costs_its_peer_and_nobody_else() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(8 * MIB as u64).await;
    let (flooder, caller) = (Caller::new(&mut network, 1), Caller::new(&mut network, 2));
    let mut flood = Vec::new();
    for _ in 0..MAX_STREAMS_PER_PEER + 20 {
        flood.push(flooder.open(&host).await);
        tokio::task::yield_now().await;
    }
    let started = Instant::now();
    caller.put(&host, &shard(1, MIB)).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(1), "others are served at once");
    let mut told_busy = 0;
    for stream in &mut flood[MAX_STREAMS_PER_PEER..] {
        let answer: Response = read_frame(stream).await.unwrap();
        assert_eq!(answer, Response::Refused { reason: Refusal::Busy });
        told_busy += 1;
    }
    assert_eq!(told_busy, 20);
    // Those that were let in and say nothing are thrown out.
    sleep(FRAME_TIMEOUT + Duration::from_secs(1)).await;
    let thrown_out = timeout(Duration::from_secs(1), read_frame::<Response>(&mut flood[0])).await.unwrap();
    assert!(thrown_out.is_err());
    flooder.put(&host, &shard(2, MIB)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn whoever_takes_no_answer_loses_its_place_and_its_space() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(80 * MIB as u64).await;
    let deaf = Caller::new(&mut network, 1);
    let stored = deaf.put(&host, &shard(1, MIB)).await.unwrap();
    let requests = [
        Request::Offer,
        Request::Has { roots: vec![stored.into()] },
        Request::Get { root: stored.into(), ranges: vec![ByteRange { offset: 0, len: 1024 }] },
        Request::Put { certificate: deaf.certificate(), size_bytes: u32::try_from(MIB).unwrap() },
    ];
    for request in requests {
        network.net().set_window(deaf.device.peer_id(), 0);
        let mut streams = Vec::new();
        for _ in 0..MAX_STREAMS_PER_PEER {
            let mut stream = deaf.open(&host).await;
            write_frame(&mut stream, &request).await.unwrap();
            streams.push(stream);
            tokio::task::yield_now().await;
        }
        sleep(FRAME_TIMEOUT + Duration::from_secs(1)).await;
        network.net().set_window(deaf.device.peer_id(), MIB);
        assert!(deaf.has(&host, stored).await, "a place is free again after {request:?}");
        assert_eq!(host.host_show().await.unwrap().reserved_bytes, 0, "after {request:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_does_not_take_the_word_about_its_upload_loses_its_place() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(8 * MIB as u64).await;
    let deaf = Caller::new(&mut network, 1);
    let accepted = encode_frame(&Response::Accepted).unwrap().len();
    network.net().set_window(deaf.device.peer_id(), accepted);
    let mut streams = Vec::new();
    for number in 0..u8::try_from(MAX_STREAMS_PER_PEER).unwrap() {
        let bytes = shard(number, 1024);
        let mut stream = deaf.open(&host).await;
        let put = Request::Put { certificate: deaf.certificate(), size_bytes: 1024 };
        write_frame(&mut stream, &put).await.unwrap();
        stream.write_all(&bytes).await.unwrap();
        write_frame(&mut stream, &PutTrailer { root: root_of_shard(&bytes).into() }).await.unwrap();
        streams.push(stream);
        tokio::task::yield_now().await;
    }
    soon("all are stored", || async {
        host.host_show().await.unwrap().shards == MAX_STREAMS_PER_PEER as u64
    })
    .await;
    sleep(FRAME_TIMEOUT + Duration::from_secs(1)).await;
    network.net().set_window(deaf.device.peer_id(), MIB);
    assert!(deaf.has(&host, root_of_shard(&shard(0, 1024))).await, "a place is free again");
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_short_requests_is_told_busy_and_costs_nobody_else() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(8 * MIB as u64).await;
    let (flooder, caller) = (Caller::new(&mut network, 1), Caller::new(&mut network, 2));
    let busy = Response::Refused { reason: Refusal::Busy };
    let mut served = 0;
    while flooder.ask(&host, &Request::Offer).await != busy {
        served += 1;
        assert!(served <= BURST_REQUESTS, "no limit");
    }
    assert_eq!(served, BURST_REQUESTS);
    caller.put(&host, &shard(1, 1024)).await.unwrap();
    sleep(Duration::from_secs(1)).await;
    assert_ne!(flooder.ask(&host, &Request::Offer).await, busy, "it may go on at its rate");
}

#[tokio::test(start_paused = true)]
async fn stalled_uploads_do_not_keep_the_disk_from_others() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(128 * MIB as u64).await;
    let (slow, quick) = (Caller::new(&mut network, 1), Caller::new(&mut network, 2));
    let started = Instant::now();
    let mut stalled = Vec::new();
    for _ in 0..MAX_STREAMS_PER_PEER {
        let mut stream = slow.begin_put(&host, MIB).await.unwrap();
        stream.write_all(&vec![0; 400_000]).await.unwrap();
        stalled.push(stream);
        let on_disk = || incoming_bytes(&host).iter().filter(|len| **len > 0).count() == stalled.len();
        soon("the first block is on the disk", || std::future::ready(on_disk())).await;
    }
    quick.put(&host, &shard(1, MIB)).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(2), "took {:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn bandwidth_limits_hold_for_all_streams_together() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(64 * MIB as u64).await;
    let limits = HostSettings {
        down_bytes_per_s: Some(1_000_000),
        up_bytes_per_s: Some(2_000_000),
        ..HostSettings::default()
    };
    host.host_set(limits).await.unwrap();
    let callers: Vec<_> = (1..=4).map(|owner| Caller::new(&mut network, owner)).collect();
    let shards: Vec<_> = (1..=4).map(|number| shard(number, 1_024_000)).collect();
    let started = Instant::now();
    let puts = callers.iter().zip(&shards).map(|(caller, shard)| caller.put(&host, shard));
    let roots: Vec<_> = futures::future::join_all(puts).await.into_iter().map(Result::unwrap).collect();
    let elapsed = started.elapsed().as_secs_f64();
    assert!((3.9..4.3).contains(&elapsed), "4 MB at 1 MB/s took {elapsed} s");
    let started = Instant::now();
    let gets = callers.iter().zip(&roots).map(|(caller, root)| caller.get_all(&host, *root, 1_024_000));
    assert!(futures::future::join_all(gets).await.iter().all(Result::is_ok));
    let elapsed = started.elapsed().as_secs_f64();
    assert!((1.8..2.3).contains(&elapsed), "4 MB at 2 MB/s took {elapsed} s");
}

#[tokio::test(start_paused = true)]
async fn many_uploads_at_once_all_arrive() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(512 * MIB as u64).await;
    let callers: Vec<_> = (1..=4).map(|owner| Caller::new(&mut network, owner)).collect();
    let shards: Vec<_> = (0..120).map(|number| shard(number, MIB)).collect();
    let puts = shards.iter().enumerate().map(|(index, shard)| callers[index % 4].put(&host, shard));
    // As many at once as the network queues.
    let outcomes: Vec<_> = futures::stream::iter(puts).buffer_unordered(64).collect().await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(host.host_show().await.unwrap().shards, 120);
}

#[tokio::test(start_paused = true)]
async fn one_owner_takes_no_more_than_its_share_and_takes_nothing_from_another() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(64 * MIB as u64).await;
    let limits = HostSettings { peer_down_bytes_per_s: Some(500_000), ..HostSettings::default() };
    host.host_set(limits).await.unwrap();
    let (greedy, modest) = (Caller::new(&mut network, 1), Caller::new(&mut network, 2));
    let shards: Vec<_> = (0..5).map(|number| shard(number, 1_024_000)).collect();
    let started = Instant::now();
    let flood = async {
        let puts = shards[..4].iter().map(|shard| greedy.put(&host, shard));
        assert!(futures::future::join_all(puts).await.iter().all(Result::is_ok));
        started.elapsed().as_secs_f64()
    };
    let single = async {
        modest.put(&host, &shards[4]).await.unwrap();
        started.elapsed().as_secs_f64()
    };
    let (flood, single) = tokio::join!(flood, single);
    assert!((7.9..8.6).contains(&flood), "4 MB at 0.5 MB/s took {flood} s");
    assert!((1.9..2.4).contains(&single), "1 MB at 0.5 MB/s took {single} s beside a flood");
}

#[tokio::test(start_paused = true)]
async fn limits_hold_in_the_hours_of_the_schedule_and_rest_outside_them() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(64 * MIB as u64).await;
    let caller = Caller::new(&mut network, 1);
    let limits = HostSettings {
        down_bytes_per_s: Some(100_000),
        schedule: Some("00:00-12:00".to_owned()),
        ..HostSettings::default()
    };
    let report = host.host_set(limits).await.unwrap();
    assert_eq!(report.limits.schedule, "00:00-12:00");
    let mut held = Vec::new();
    for number in 0..2 {
        let started = Instant::now();
        caller.put(&host, &shard(number, 1_024_000)).await.unwrap();
        let is_slow = started.elapsed() > Duration::from_secs(9);
        assert_eq!(is_slow, host.host_show().await.unwrap().limits.in_force, "{:?}", started.elapsed());
        held.push(is_slow);
        // Half a day later, wherever this machine stands, it is the other half of the day.
        network.clock().jump(12 * 3600);
        // The host looks at the calendar twice a minute.
        tokio::time::sleep(Duration::from_mins(1)).await;
    }
    assert_ne!(held[0], held[1]);
}
