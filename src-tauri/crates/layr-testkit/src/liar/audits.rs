//! Lies about leaves that are to be proven.

use std::collections::BTreeMap;
use std::time::Duration;

use layr_keys::PeerId;
use layr_node::net::BoxStream;
use layr_node::wire::{LeafAnswer, Question, Request, Response, read_frame, write_frame};
use parking_lot::Mutex;
use tokio::io::AsyncWriteExt;

use super::Lie;
use crate::sim_net::SimNet;

/// Longer than any caller waits for one answer.
const TOO_LATE: Duration = Duration::from_secs(30);

/// A staller has no answer about shards whose root begins with a lower byte: about every second.
const STALLED_BELOW: u8 = 0x80;

/// Answers by shard that a liar keeps, to give them again.
pub(super) type OldAnswers = Mutex<BTreeMap<[u8; 32], LeafAnswer>>;

/// Lets the honest node answer an audit, and passes its answers on as the liar likes.
pub(super) async fn spoiled(
    network: &SimNet,
    (liar, caller): (PeerId, PeerId),
    lie: Lie,
    mut stream: BoxStream,
    questions: &[Question],
    old: &OldAnswers,
) -> Option<()> {
    let mut behind = network.open_behind(caller, liar)?;
    let questions: Vec<Question> = match lie {
        Lie::OtherLeaf => questions.iter().map(moved).collect(),
        _ => questions.to_vec(),
    };
    let leaves: Vec<([u8; 32], u32)> =
        questions.iter().flat_map(|asked| asked.leaves.iter().map(|leaf| (asked.root.0, *leaf))).collect();
    write_frame(&mut behind, &Request::Audit { questions }).await.ok()?;
    let begin: Response = read_frame(&mut behind).await.ok()?;
    write_frame(&mut stream, &begin).await.ok()?;
    if !matches!(begin, Response::Auditing { .. }) {
        return stream.shutdown().await.ok();
    }
    let mut answers = Vec::new();
    for _ in &leaves {
        answers.push(read_frame::<LeafAnswer>(&mut behind).await.ok()?);
    }
    if lie == Lie::OtherShard {
        answers.rotate_left(1);
    }
    for ((root, leaf), honest) in leaves.into_iter().zip(answers) {
        if lie == Lie::LateAnswers || (lie == Lie::HangsAtOne && is_the_one(root, &honest, old)) {
            tokio::time::sleep(TOO_LATE).await;
        }
        if lie == Lie::BreaksAtLost && is_lost(root) {
            // Not dropped: what is under way would be lost, and the caller would see none of it.
            return stream.shutdown().await.ok();
        }
        write_frame(&mut stream, &told(lie, root, leaf, honest, old)).await.ok()?;
    }
    stream.shutdown().await.ok()
}

fn told(lie: Lie, root: [u8; 32], leaf: u32, honest: LeafAnswer, old: &OldAnswers) -> LeafAnswer {
    match (lie, honest) {
        (Lie::HashesOnly, LeafAnswer::Proven { leaf, path }) => {
            LeafAnswer::Proven { leaf: vec![0; leaf.len()], path }
        }
        (Lie::EverySecondLeaf, LeafAnswer::Proven { leaf: bytes, path }) if leaf % 2 == 1 => {
            LeafAnswer::Proven { leaf: vec![0; bytes.len()], path }
        }
        (Lie::RepeatsAnswers, honest) => old.lock().entry(root).or_insert(honest).clone(),
        (Lie::StallsSome, _) if root[0] < STALLED_BELOW => LeafAnswer::Later,
        (_, honest) => honest,
    }
}

/// Whether it is the shard that was asked for first of all.
fn is_the_one(root: [u8; 32], answer: &LeafAnswer, old: &OldAnswers) -> bool {
    let mut old = old.lock();
    if old.is_empty() {
        old.insert(root, answer.clone());
    }
    old.contains_key(&root)
}

/// Whether a liar that breaks off has lost this shard: by its last byte, so that lost ones and others take turns by root.
pub fn is_lost(root: [u8; 32]) -> bool {
    root[31] % 2 == 1
}

/// The leaves before those that were asked for; of the first, the second.
fn moved(asked: &Question) -> Question {
    let leaves = asked.leaves.iter().map(|leaf| leaf.checked_sub(1).unwrap_or(1)).collect();
    Question { root: asked.root, leaves }
}

/// Says of every shard that it is not here.
pub(super) async fn denied(mut stream: BoxStream, questions: &[Question]) -> Option<()> {
    write_frame(&mut stream, &Response::Auditing { leaves_in_s: None }).await.ok()?;
    for _ in questions.iter().flat_map(|asked| &asked.leaves) {
        write_frame(&mut stream, &LeafAnswer::Missing).await.ok()?;
    }
    stream.shutdown().await.ok()
}
