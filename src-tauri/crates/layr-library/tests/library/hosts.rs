//! Hosts and what they hold.

use std::collections::{BTreeMap, BTreeSet};

use layr_library::{Health, HostError, HostUpdate, MAX_ADDRESSES, Offer, ShardMark, ShardState};

use crate::kit::{DAY_S, Kit, NOW_S, path, peer, plan, segment, shard, with_keys};

fn update(number: u64) -> HostUpdate {
    HostUpdate {
        peer: peer(number),
        addresses: vec!["/ip4/10.0.0.1/tcp/4001".to_owned(), "/dns/host.example/udp/1/quic-v1".to_owned()],
        offer: Some(Offer { record: vec![1, 2, 3], sequence: 7 }),
        seen_unix_s: NOW_S,
    }
}

#[test]
fn a_host_reads_back_what_was_recorded() {
    let kit = Kit::new();
    kit.library.upsert_hosts(&[update(1)]).unwrap();
    kit.upload(1, &[10]);
    let host = kit.library.host(&peer(1)).unwrap().unwrap();
    assert_eq!(host.addresses, update(1).addresses);
    assert_eq!(host.offer, update(1).offer);
    // Two data shards of a short segment of 4126 bytes: 3 KiB each.
    assert_eq!((host.shards, host.bytes, host.seen_unix_s), (1, 3072, NOW_S));
    assert_eq!(kit.library.hosts().unwrap().into_iter().find(|other| other.peer == peer(1)), Some(host));
    assert_eq!(kit.library.host(&peer(99)).unwrap(), None);
}

#[test]
fn older_news_never_replace_newer() {
    let kit = Kit::new();
    kit.library.upsert_hosts(&[update(1)]).unwrap();
    let stale = HostUpdate {
        offer: Some(Offer { record: vec![9], sequence: 6 }),
        addresses: Vec::new(),
        seen_unix_s: NOW_S - DAY_S,
        ..update(1)
    };
    kit.library.upsert_hosts(&[stale]).unwrap();
    let host = kit.library.host(&peer(1)).unwrap().unwrap();
    assert_eq!(host.offer, update(1).offer);
    assert_eq!(host.addresses, update(1).addresses);
    assert_eq!(host.seen_unix_s, NOW_S);
}

#[test]
fn addresses_and_offers_are_bounded() {
    let kit = Kit::new();
    let too_many = vec!["/a".to_owned(); MAX_ADDRESSES + 1];
    for addresses in [too_many, vec![String::new()], vec!["a\nb".to_owned()], vec!["x".repeat(257)]] {
        let refused = kit.library.upsert_hosts(&[update(1), HostUpdate { addresses, ..update(2) }]);
        assert!(matches!(refused, Err(HostError::BadAddresses { .. })));
    }
    let offer = Some(Offer { record: vec![0; 5000], sequence: 1 });
    let refused = kit.library.upsert_hosts(&[HostUpdate { offer, ..update(1) }]);
    assert!(matches!(refused, Err(HostError::OfferTooLong { len_bytes: 5000, .. })));
    assert_eq!(kit.library.hosts().unwrap(), []);
}

#[test]
fn health_follows_what_looks_at_shards_find() {
    let kit = Kit::new();
    kit.upload(1, &[10]);
    kit.upload(2, &[11]);
    let file = kit.put("/a", &[10, 11]).file;
    let mark = |segment_number, index, state| ShardMark {
        segment: segment(segment_number),
        index,
        host: peer(u64::from(index)),
        shard: None,
        state,
    };
    let marks = [
        mark(1, 0, ShardState::Missing),
        mark(2, 0, ShardState::Corrupt),
        mark(2, 1, ShardState::Unreachable),
        mark(2, 2, ShardState::Healthy),
        // Another host than the one that has it: ignored.
        ShardMark { host: peer(50), ..mark(2, 3, ShardState::Missing) },
    ];
    assert_eq!(kit.library.mark_shards(&marks, NOW_S + 1).unwrap(), 4);
    // The worse of the two segments.
    assert_eq!(kit.rows("/a")[0].health, Some(Health { alive: 4, needed: 2, total: 6, is_stale: false }));
    let segments = kit.library.segments(file, None, None, 10).unwrap();
    let states: Vec<_> = segments[1].shards.iter().map(|shard| (shard.state, shard.checked_unix_s)).collect();
    assert_eq!(
        states[..4],
        [
            (ShardState::Corrupt, Some(NOW_S + 1)),
            (ShardState::Unreachable, Some(NOW_S + 1)),
            (ShardState::Healthy, Some(NOW_S + 1)),
            (ShardState::Healthy, None)
        ]
    );
    let next = kit.library.segments(file, None, Some(segments[0].cursor), 10).unwrap();
    assert_eq!(next, segments[1..]);
    let info = kit.library.info(&path("/a"), None).unwrap();
    assert_eq!((info.chunks, info.segments, info.versions, info.is_imported), (2, 2, 1, false));
    // What a host lost is not counted as held by it.
    assert_eq!(kit.library.host(&peer(0)).unwrap().unwrap().shards, 0);
    assert_eq!(kit.library.host(&peer(1)).unwrap().unwrap().shards, 2);
    // A shard that is found again is found again.
    kit.library.mark_shards(&[mark(2, 0, ShardState::Healthy)], NOW_S + 2).unwrap();
    assert_eq!(kit.rows("/a")[0].health.unwrap().alive, 5);
}

#[test]
fn own_hosts_are_asked_first_and_whom_only_a_manifest_names_never() {
    let kit = Kit::new();
    let seen = |number, seconds| {
        kit.library.tick(NOW_S + seconds).unwrap();
        kit.library.upsert_hosts(&[update(number)]).unwrap();
    };
    seen(20, 0);
    seen(21, 60);
    kit.upload(1, &[10]);
    let theirs = Kit::new();
    theirs.library.plan_segment(&plan(2, &[50])).unwrap();
    let shards: Vec<_> = (0..6).map(|index| shard(2, index, 40 + u64::from(index))).collect();
    theirs.library.shards_stored(&segment(2), &shards).unwrap();
    theirs.library.segment_safe(&segment(2)).unwrap();
    theirs.put("/theirs", &[50]);
    let manifest = with_keys(|keys| theirs.library.manifest(&path("/theirs"), None, keys, NOW_S)).unwrap();
    with_keys(|keys| kit.library.import(&manifest, &path("/"), keys, NOW_S)).unwrap();
    assert_eq!(kit.library.hosts().unwrap().len(), 14);
    let asked =
        |limit| -> Vec<_> { kit.library.hosts_to_ask(limit).unwrap().iter().map(|host| host.peer).collect() };
    let own: Vec<_> = (0..6).map(peer).collect();
    assert_eq!(asked(100), [&own[..], &[peer(21), peer(20)]].concat());
    assert_eq!(asked(7), [&own[..], &[peer(21)]].concat());
    let wanted = BTreeSet::from([peer(20), peer(40), peer(99)]);
    let found = kit.library.host_addresses(&wanted).unwrap();
    assert_eq!(found, BTreeMap::from([(peer(20), update(20).addresses), (peer(40), Vec::new())]));
}
