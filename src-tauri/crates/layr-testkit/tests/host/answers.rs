//! Answers: honest, to the right people, and within the protocol.

use std::path::PathBuf;

use layr_codec::ShardRoot;
use layr_keys::SignedRecord;
use layr_node::wire::{ByteRange, Offer, Refusal, Request, Response, read_frame};
use layr_proof::{Node, Path, leaf_digest, root_of};
use layr_testkit::{SimNetwork, SimNode};
use tokio::io::AsyncWriteExt;

use crate::caller::{Caller, root_of_shard, shard};

const MIB: usize = 1024 * 1024;

fn body_path(host: &SimNode, root: ShardRoot) -> PathBuf {
    let hex = root.to_string();
    host.home().join("vault/shards").join(&hex[..2]).join(&hex[2..4]).join(hex)
}

#[tokio::test(start_paused = true)]
async fn ranges_come_back_bit_for_bit_in_the_order_asked() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(8 * MIB as u64).await;
    let caller = Caller::new(&mut network, 1);
    let bytes = shard(1, 4 * MIB);
    let root = caller.put(&host, &bytes).await.unwrap();
    assert_eq!(caller.get_all(&host, root, bytes.len()).await.unwrap(), bytes);
    let ranges = [(3 * MIB + 17, 300_000), (0, 1), (MIB - 1, 2), (4 * MIB - 5, 5)];
    let asked = ranges.map(|(offset, len)| ByteRange {
        offset: u32::try_from(offset).unwrap(),
        len: u32::try_from(len).unwrap(),
    });
    let expected: Vec<u8> =
        ranges.iter().flat_map(|(offset, len)| bytes[*offset..offset + len].to_vec()).collect();
    assert_eq!(caller.get(&host, root, &asked).await.unwrap(), expected);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_is_said_to_be_not_there() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(8 * MIB as u64).await;
    let caller = Caller::new(&mut network, 1);
    let unknown = root_of_shard(&shard(9, 1024));
    assert_eq!(caller.get_all(&host, unknown, 1024).await, Err(Refusal::NotFound));
    let prove = Request::Prove { root: unknown.into(), first_piece: 0, count: 1 };
    assert_eq!(caller.ask(&host, &prove).await, Response::Refused { reason: Refusal::NotFound });
    assert!(!caller.has(&host, unknown).await);

    let bytes = shard(1, MIB);
    let root = caller.put(&host, &bytes).await.unwrap();
    for (offset, len) in [(0, 0), (u32::try_from(MIB).unwrap(), 1), (u32::MAX, u32::MAX), (0, 1 << 21)] {
        let answer = caller.get(&host, root, &[ByteRange { offset, len }]).await;
        assert_eq!(answer, Err(Refusal::BadRequest), "{offset} + {len}");
    }
    let too_many = vec![ByteRange { offset: 0, len: 1 }; 65];
    assert_eq!(caller.get(&host, root, &too_many).await, Err(Refusal::BadRequest));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_gone_or_cut_is_reported_as_such() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(8 * MIB as u64).await;
    let caller = Caller::new(&mut network, 1);
    let (gone, cut) = (shard(1, MIB), shard(2, MIB));
    let (gone_root, cut_root) =
        (caller.put(&host, &gone).await.unwrap(), caller.put(&host, &cut).await.unwrap());
    std::fs::remove_file(body_path(&host, gone_root)).unwrap();
    std::fs::File::options().write(true).open(body_path(&host, cut_root)).unwrap().set_len(1000).unwrap();
    assert_eq!(caller.get_all(&host, gone_root, MIB).await, Err(Refusal::NotFound));
    assert!(!caller.has(&host, gone_root).await);
    assert_eq!(caller.get_all(&host, cut_root, MIB).await, Err(Refusal::Corrupt));
    assert!(!caller.has(&host, cut_root).await);
}

#[tokio::test(start_paused = true)]
async fn proofs_lead_from_every_piece_to_the_root() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(8 * MIB as u64).await;
    let caller = Caller::new(&mut network, 1);
    let bytes = shard(1, 3 * MIB + 5 * 1024);
    let root = caller.put(&host, &bytes).await.unwrap();
    let pieces: Vec<&[u8]> = bytes.chunks(64 * 1024).collect();
    let count = u32::try_from(pieces.len()).unwrap();
    let prove = Request::Prove { root: root.into(), first_piece: 0, count };
    let Response::Proofs { paths } = caller.ask(&host, &prove).await else { panic!("proofs") };
    assert_eq!(paths.len(), pieces.len());
    for (index, (piece, path)) in pieces.iter().zip(&paths).enumerate() {
        let leaves: Vec<Node> =
            piece.chunks(1024).map(|leaf| Node { hash: leaf_digest(leaf), leaf_count: 1 }).collect();
        let proven = Path::decode(&path.0).unwrap().root(root_of(&leaves).unwrap().unwrap()).unwrap();
        assert_eq!((proven.root.hash, proven.first_leaf), (*root.as_bytes(), index as u64 * 64));
    }
}

#[tokio::test(start_paused = true)]
async fn only_the_owners_certified_device_stores_and_deletes() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(8 * MIB as u64).await;
    let (owner, stranger) = (Caller::new(&mut network, 1), Caller::new(&mut network, 2));
    let bytes = shard(1, MIB);
    let root = owner.put(&host, &bytes).await.unwrap();

    // With a certificate of their own it is just not their shard; with a stolen one they are not the device.
    assert_eq!(stranger.delete(&host, root, stranger.certificate()).await, Ok(false));
    assert_eq!(stranger.delete(&host, root, owner.certificate()).await, Err(Refusal::BadCertificate));
    let mut forged = stranger.certificate();
    *forged.last_mut().unwrap() ^= 1;
    let never_seen = Caller::new(&mut network, 3).certificate();
    for certificate in [owner.certificate(), never_seen, forged, Vec::new(), vec![0xff; 600]] {
        let put = Request::Put { certificate, size_bytes: 1024 };
        assert_eq!(stranger.ask(&host, &put).await, Response::Refused { reason: Refusal::BadCertificate });
    }
    assert_eq!(stranger.get_all(&host, root, MIB).await.unwrap(), bytes, "whoever knows the root may read");
    assert_eq!(owner.delete(&host, root, owner.certificate()).await, Ok(true));
    assert_eq!(owner.get_all(&host, root, MIB).await, Err(Refusal::NotFound));
    assert_eq!(host.host_show().await.unwrap().used_bytes, 0);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_shards_are_deleted_in_one_request() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(8 * MIB as u64).await;
    let caller = Caller::new(&mut network, 1);
    let shards: Vec<_> = (0..40).map(|number| shard(number, 1024)).collect();
    let mut roots = Vec::new();
    for shard in &shards {
        roots.push(caller.put(&host, shard).await.unwrap());
    }
    let unknown = (0..984_u32).map(|number| {
        let mut bytes = [0xAA; 32];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        ShardRoot::from_bytes(bytes)
    });
    let roots = roots.into_iter().chain(unknown).map(Into::into).collect();
    let delete = Request::Delete { certificate: caller.certificate(), roots };
    let Response::Deleted { bits } = caller.ask(&host, &delete).await else { panic!("deleted") };
    assert_eq!(bits.len(), 128);
    assert!(bits[..5].iter().all(|byte| *byte == 0xff) && bits[5..].iter().all(|byte| *byte == 0));
    assert_eq!(host.host_show().await.unwrap().shards, 0);
}

#[tokio::test(start_paused = true)]
async fn nonsense_is_refused_and_the_host_lives_on() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(8 * MIB as u64).await;
    let caller = Caller::new(&mut network, 1);
    let frames: [&[u8]; 6] = [
        &[0, 0, 0, 0],
        &[0, 0, 0, 3, 1, 2, 3],
        &[0xff; 64],
        &[0, 1, 0, 1, 0],
        &[0, 0, 0, 5, 0x82, 0x03, 0x82, 0x9b, 0xff],
        b"GET / HTTP/1.1\r\n\r\n",
    ];
    for frame in frames {
        let mut stream = caller.open(&host).await;
        stream.write_all(frame).await.unwrap();
        stream.shutdown().await.unwrap();
        if let Ok(answer) = read_frame::<Response>(&mut stream).await {
            assert_eq!(answer, Response::Refused { reason: Refusal::BadRequest }, "{frame:?}");
        }
    }
    for size_bytes in [0, 1, 1025, 4 * 1024 * 1024 + 1024, u32::MAX] {
        let put = Request::Put { certificate: caller.certificate(), size_bytes };
        assert_eq!(
            caller.ask(&host, &put).await,
            Response::Refused { reason: Refusal::BadRequest },
            "{size_bytes}"
        );
    }
    for roots in [Vec::new(), vec![ShardRoot::from_bytes([1; 32]).into(); 1025]] {
        let has = Request::Has { roots };
        assert_eq!(caller.ask(&host, &has).await, Response::Refused { reason: Refusal::BadRequest });
    }
    caller.put(&host, &shard(1, 1024)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn bulk_data_is_refused_through_a_relay_and_small_questions_are_not() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(8 * MIB as u64).await;
    let caller = Caller::new(&mut network, 1);
    let root = caller.put(&host, &shard(1, 1024)).await.unwrap();
    network.net().set_relayed_only(host.peer(), true);
    assert_eq!(caller.put(&host, &shard(2, 1024)).await, Err(Refusal::RelayedStream));
    assert_eq!(caller.get_all(&host, root, 1024).await, Err(Refusal::RelayedStream));
    assert!(caller.has(&host, root).await);
}

#[tokio::test(start_paused = true)]
async fn the_offer_is_signed_by_the_host_and_says_what_is_free() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(8 * MIB as u64).await;
    let caller = Caller::new(&mut network, 1);
    let Response::Offer { record } = caller.ask(&host, &Request::Offer).await else { panic!("an offer") };
    let record = SignedRecord::decode(&record).unwrap();
    record.verify("local").unwrap();
    assert_eq!(record.key(), host.peer().as_bytes());
    let offer = Offer::decode_bounded(record.payload()).unwrap();
    assert_eq!((offer.free_bytes, offer.accepting), (8 * MIB as u64, true));
    assert!(offer.addresses[0].starts_with(&network.net().address_of(host.peer()).unwrap()));
}
