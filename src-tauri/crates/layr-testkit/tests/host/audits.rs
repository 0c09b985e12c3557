//! What a host answers to whoever wants leaves proven, and how much of that.

use layr_codec::ShardRoot;
use layr_node::host::{BURST_LEAVES, BURST_READ_BYTES};
use layr_node::wire::{LeafAnswer, Question, Refusal, Request, Response, read_frame, write_frame};
use layr_proof::{Node, Path, leaf_digest};
use layr_testkit::{SimNetwork, SimNode};
use tokio::io::AsyncWriteExt;

use crate::caller::{Caller, root_of_shard, shard, soon};

const MIB: usize = 1024 * 1024;

/// All answers; none after an end or a refusal in the middle.
async fn audit(
    caller: &Caller,
    host: &SimNode,
    questions: Vec<Question>,
) -> Result<Vec<LeafAnswer>, Refusal> {
    let mut stream = caller.open(host).await;
    write_frame(&mut stream, &Request::Audit { questions }).await.unwrap();
    stream.shutdown().await.unwrap();
    match read_frame(&mut stream).await.unwrap() {
        Response::Auditing { leaves_in_s: None } => {}
        Response::Refused { reason } => return Err(reason),
        other => panic!("unexpected answer {other:?}"),
    }
    let mut answers = Vec::new();
    while let Ok(answer) = read_frame(&mut stream).await {
        answers.push(answer);
    }
    Ok(answers)
}

fn question(root: ShardRoot, leaves: &[u32]) -> Question {
    Question { root: root.into(), leaves: leaves.to_vec() }
}

fn in_order(mut questions: Vec<Question>) -> Vec<Question> {
    questions.sort_by_key(|question| question.root.0);
    questions
}

#[tokio::test(start_paused = true)]
async fn leaves_are_proven_in_the_order_asked_and_one_loss_does_not_touch_the_others() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(16 * MIB as u64).await;
    let caller = Caller::new(&mut network, 1);
    let (here, gone) = (shard(1, 3 * MIB), shard(2, MIB));
    let (here_root, gone_root) =
        (caller.put(&host, &here).await.unwrap(), caller.put(&host, &gone).await.unwrap());
    let hex = gone_root.to_string();
    let body = host.home().join("vault/shards").join(&hex[..2]).join(&hex[2..4]).join(&hex);
    std::fs::remove_file(body).unwrap();
    let unknown = root_of_shard(&shard(3, 1024));
    let leaves = [0, 63, 64, 1024, 3071];
    let questions =
        in_order(vec![question(here_root, &leaves), question(gone_root, &[5, 6]), question(unknown, &[0])]);
    let mut answers = audit(&caller, &host, questions.clone()).await.unwrap().into_iter();
    for asked in questions {
        for leaf in asked.leaves {
            let answer = answers.next().unwrap();
            if asked.root != here_root.into() {
                assert_eq!(answer, LeafAnswer::Missing);
                continue;
            }
            let LeafAnswer::Proven { leaf: bytes, path } = answer else { panic!("{answer:?}") };
            let at = leaf as usize * 1024;
            assert_eq!(bytes, here[at..at + 1024]);
            let proven = Path::decode(&path).unwrap().root(Node::leaf(leaf_digest(&bytes))).unwrap();
            assert_eq!((proven.root.hash, proven.first_leaf), (*here_root.as_bytes(), u64::from(leaf)));
        }
    }
    assert_eq!(answers.next(), None);
}

#[tokio::test(start_paused = true)]
async fn what_is_out_of_bounds_is_refused() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(16 * MIB as u64).await;
    let caller = Caller::new(&mut network, 1);
    let root = caller.put(&host, &shard(1, MIB)).await.unwrap();
    for questions in [
        vec![],
        vec![question(root, &[])],
        vec![question(root, &[1, 0])],
        vec![question(root, &[0]), question(root, &[1])],
        vec![question(root, &(0..=1024).collect::<Vec<_>>())],
    ] {
        assert_eq!(audit(&caller, &host, questions.clone()).await, Err(Refusal::BadRequest), "{questions:?}");
    }
    // A leaf that no shard of this root has says nothing about it.
    let answers = audit(&caller, &host, vec![question(root, &[1023, 1024])]).await.unwrap();
    assert_eq!(answers, [LeafAnswer::Later, LeafAnswer::Later]);
    // One that has never lent anything holds nothing of anybody.
    let nobody = network.add_owner().await;
    let answers = audit(&caller, &nobody, vec![question(root, &[0, 7])]).await.unwrap();
    assert_eq!(answers, [LeafAnswer::Missing, LeafAnswer::Missing]);
}

#[tokio::test(start_paused = true)]
async fn a_flood_is_put_off_and_harms_nobody_else() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(16 * MIB as u64).await;
    let (flooder, other) = (Caller::new(&mut network, 1), Caller::new(&mut network, 2));
    let root = flooder.put(&host, &shard(1, 1024)).await.unwrap();
    let unknown = question(root_of_shard(&shard(9, 1024)), &(0..1000).collect::<Vec<_>>());
    let mut answered = 0;
    let refused = loop {
        match audit(&flooder, &host, vec![unknown.clone()]).await {
            Ok(answers) => answered += answers.iter().filter(|answer| **answer != LeafAnswer::Later).count(),
            Err(reason) => break reason,
        }
    };
    assert_eq!(refused, Refusal::Busy);
    assert!((BURST_LEAVES as usize..BURST_LEAVES as usize + 256).contains(&answered), "{answered}");
    let answers = audit(&other, &host, vec![question(root, &[0])]).await.unwrap();
    assert!(matches!(answers[..], [LeafAnswer::Proven { .. }]));
    // A second is worth some hundred leaves.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert!(audit(&flooder, &host, vec![question(root, &[0])]).await.is_ok());
}

/// One leaf of each block, at a host that can't keep trees of them: few answers, and all the reading that a host can do.
#[tokio::test(start_paused = true)]
async fn reading_for_one_peer_is_bounded_however_little_it_asks() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(64 * MIB as u64).await;
    let (reader, other) = (Caller::new(&mut network, 1), Caller::new(&mut network, 2));
    let root = reader.put(&host, &shard(1, 4 * MIB)).await.unwrap();
    let trees = host.home().join("vault/trees");
    std::fs::remove_dir_all(&trees).unwrap();
    std::fs::write(&trees, "in the way").unwrap();
    let a_leaf_of_each_block = question(root, &[0, 1024, 2048, 3072]);
    let mut requests = 0;
    while audit(&reader, &host, vec![a_leaf_of_each_block.clone()]).await.is_ok() {
        requests += 1;
        assert!(requests * 4 < BURST_LEAVES as usize, "the leaves alone would be too many");
    }
    let burst = usize::try_from(BURST_READ_BYTES).unwrap() / (4 * MIB);
    assert!((burst..burst + 16).contains(&requests), "{requests}");
    assert!(audit(&other, &host, vec![a_leaf_of_each_block]).await.is_ok());
}

/// With its tree a leaf costs so little reading that only the leaves are bounded.
#[tokio::test(start_paused = true)]
async fn leaves_of_a_shard_with_its_tree_cost_a_host_next_to_no_reading() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(64 * MIB as u64).await;
    let caller = Caller::new(&mut network, 1);
    let root = caller.put(&host, &shard(1, 4 * MIB)).await.unwrap();
    let a_leaf_of_each_block = question(root, &[0, 1024, 2048, 3072]);
    let blocks_at_once = usize::try_from(BURST_READ_BYTES).unwrap() / MIB;
    for _ in 0..blocks_at_once / 4 + 64 {
        let answers = audit(&caller, &host, vec![a_leaf_of_each_block.clone()]).await.unwrap();
        assert!(answers.iter().all(|answer| matches!(answer, LeafAnswer::Proven { .. })), "{answers:?}");
        assert_eq!(answers.len(), 4);
    }
}

/// Who does not read keeps nobody else from being served, and is served no second time meanwhile.
#[tokio::test(start_paused = true)]
async fn one_audit_of_a_peer_runs_at_a_time() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(16 * MIB as u64).await;
    let (caller, other) = (Caller::new(&mut network, 1), Caller::new(&mut network, 2));
    let root = caller.put(&host, &shard(1, MIB)).await.unwrap();
    let mut unread = caller.open(&host).await;
    let questions = vec![question(root, &(0..1024).collect::<Vec<_>>())];
    write_frame(&mut unread, &Request::Audit { questions }).await.unwrap();
    assert_eq!(read_frame::<Response>(&mut unread).await.unwrap(), Response::Auditing { leaves_in_s: None });
    let one = vec![question(root, &[0])];
    assert_eq!(audit(&caller, &host, one.clone()).await, Err(Refusal::Busy));
    assert!(audit(&other, &host, one.clone()).await.is_ok());
    drop(unread);
    soon("the place is free again", || async { audit(&caller, &host, one.clone()).await.is_ok() }).await;
}
