//! Nodes that look after an owner's files while its own sleeps.

mod ended;
mod judged;
mod liar;

use std::collections::BTreeSet;
use std::time::Duration;

use layr_node::api::{DelegateInfo, DelegateRequest, DelegatesReport, PutRequest};
use layr_testkit::SimNode;
use tokio::time::sleep;

use self::liar::{Claim, LyingDelegate};
use crate::scene::{Scene, noise, request};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// A file of 2 of 6 among nine hosts, and a node that lends nothing.
async fn scene(seed: u64) -> (Scene, Vec<u8>, SimNode) {
    let mut scene = Scene::new(seed, 9).await;
    let content = noise(seed, 200_000);
    let path = scene.write("file", &content);
    scene.put_with(PutRequest { redundancy: Some((2, 6)), ..request(&[&path]) }).await.unwrap();
    let delegate = scene.network.add_owner().await;
    (scene, content, delegate)
}

fn asked(peer: layr_keys::PeerId) -> DelegateRequest {
    DelegateRequest { peer_id: peer.to_string(), name: "server".to_owned(), addresses: Vec::new() }
}

/// Both sides agree, and the list is there.
async fn entrust(scene: &Scene, delegate: &SimNode) {
    delegate.delegate_accept(&scene.owner.owner_id().to_string()).await.unwrap();
    scene.owner.delegate_create(asked(delegate.peer())).await.unwrap();
    while delegate.delegates().await.unwrap().owners[0].segments == 0 {
        sleep(Duration::from_secs(1)).await;
    }
}

async fn only(scene: &Scene) -> DelegateInfo {
    let DelegatesReport { mut delegates, .. } = scene.owner.delegates().await.unwrap();
    assert_eq!(delegates.len(), 1);
    delegates.remove(0)
}

async fn untold(delegate: &SimNode) -> u64 {
    delegate.delegates().await.unwrap().owners[0].untold
}

async fn told(scene: &Scene, kind: &str) -> usize {
    scene.owner.activity().await.unwrap().entries.iter().filter(|entry| entry.kind == kind).count()
}

async fn holders(scene: &Scene) -> Vec<usize> {
    scene.shards("file").await.into_values().collect()
}

/// Two of the six hosts lose what they hold.
async fn rob(scene: &Scene) -> Vec<usize> {
    let robbed = holders(scene).await[..2].to_vec();
    for host in &robbed {
        for body in scene.bodies(*host) {
            std::fs::remove_file(body).unwrap();
        }
    }
    robbed
}

/// All machines sleep for so long, and are awake for a while then.
async fn asleep(length: Duration) {
    tokio::time::advance(length).await;
    sleep(MINUTE * 20).await;
}

fn bodies(scene: &Scene) -> usize {
    (0..scene.hosts.len()).map(|host| scene.bodies(host).len()).sum()
}

#[tokio::test(start_paused = true)]
async fn while_the_owner_sleeps_its_delegate_makes_lost_parts_again_and_the_owner_takes_them_over() {
    let (mut scene, content, mut delegate) = scene(900).await;
    entrust(&scene, &delegate).await;
    let Scene { network, owner, .. } = &mut scene;
    network.kill(owner).await;
    let robbed = {
        let network = &scene.network;
        network.revive(&mut scene.owner).await;
        let robbed = rob(&scene).await;
        scene.network.kill(&mut scene.owner).await;
        robbed
    };
    let mut hours = 0;
    while untold(&delegate).await < 4 {
        sleep(HOUR).await;
        hours += 1;
        assert!(hours < 27, "two lost, two placed: in a day, as by the owner itself");
    }
    assert_eq!(bodies(&scene), 6);
    // A restart forgets nothing.
    scene.network.kill(&mut delegate).await;
    scene.network.revive(&mut delegate).await;
    scene.network.revive(&mut scene.owner).await;
    sleep(MINUTE * 3).await;
    assert_eq!(scene.health("file").await.alive, 6);
    let now: BTreeSet<usize> = holders(&scene).await.into_iter().collect();
    assert!(now.len() == 6 && robbed.iter().all(|host| !now.contains(host)), "{now:?} without {robbed:?}");
    let delegate_now = only(&scene).await;
    assert_eq!((delegate_now.placed, delegate_now.refuted, delegate_now.heard), (2, 0, 4));
    assert_eq!((told(&scene, "delegate_helped").await, told(&scene, "repaired").await), (1, 0));
    scene.comes_back("file", &content).await;
    sleep(HOUR).await;
    assert_eq!((untold(&delegate).await, bodies(&scene)), (0, 6), "nothing is told or stored twice");
}

/// The delegate holds a shard itself, as a server that is always on may well do, and cannot call itself.
#[tokio::test(start_paused = true)]
async fn a_host_that_dies_while_the_owner_sleeps_is_replaced_and_a_delegate_that_is_one_blames_not_itself() {
    let (mut scene, content, _) = scene(908).await;
    let [keeper, dies] = holders(&scene).await[..2] else { panic!("six hold it") };
    let us = scene.owner.owner_id().to_string();
    scene.hosts[keeper].delegate_accept(&us).await.unwrap();
    scene.owner.delegate_create(asked(scene.hosts[keeper].peer())).await.unwrap();
    while scene.hosts[keeper].delegates().await.unwrap().owners[0].segments == 0 {
        sleep(Duration::from_secs(1)).await;
    }
    scene.network.kill(&mut scene.owner).await;
    scene.kill(dies).await;
    let mut hours = 0;
    while untold(&scene.hosts[keeper]).await < 2 {
        sleep(HOUR).await;
        hours += 1;
        assert!(hours < 48, "it is waited for a day, and then made again");
    }
    assert!(hours > 16, "it was given up after {hours} h");
    scene.network.revive(&mut scene.owner).await;
    // Two visits: at the first one the owner's own audits may keep hosts busy.
    sleep(MINUTE * 20).await;
    let told_of = only(&scene).await;
    assert_eq!((told_of.heard, told_of.placed, told_of.refuted), (2, 1, 0), "{told_of:?}");
    let now = holders(&scene).await;
    assert!(now.len() == 6 && now.contains(&keeper) && !now.contains(&dies), "{now:?}");
    assert_eq!(scene.health("file").await.alive, 6);
    scene.comes_back("file", &content).await;
}

#[tokio::test(start_paused = true)]
async fn a_delegate_leaves_repairs_to_an_owner_that_is_there() {
    let (scene, _, delegate) = scene(901).await;
    entrust(&scene, &delegate).await;
    scene.owner.transfers_pause_for(DAY).await.unwrap();
    rob(&scene).await;
    sleep(HOUR * 4).await;
    assert_eq!((scene.health("file").await.alive, bodies(&scene)), (4, 4), "nobody repairs");
    assert!(only(&scene).await.heard >= 2, "the delegate has seen it");
}

/// What a delegate has on its disk leads to no name and to no byte of a file.
#[tokio::test(start_paused = true)]
async fn a_delegate_cannot_read() {
    let (scene, content, delegate) = scene(902).await;
    let secret = scene.write("a very secret name", b"words that nobody else shall read, and that stand out");
    scene.put_with(PutRequest { redundancy: Some((2, 6)), ..request(&[&secret]) }).await.unwrap();
    entrust(&scene, &delegate).await;
    let output = scene.path("stolen");
    let operation = delegate.operation(layr_node::operation::OperationKind::Get, "test");
    for name in ["/file", "/watched", "/a very secret name"] {
        let request = layr_node::api::GetRequest {
            name: name.to_owned(),
            output: output.clone(),
            range: None,
            version: None,
        };
        assert!(delegate.get(request, &operation).await.is_err(), "{name}");
    }
    let keys = scene.owner.owner_keys();
    let mut needles: Vec<&[u8]> = vec![b"very secret name", b"words that nobody", &content[..16]];
    let secrets = [*keys.chunk_id_key(), *keys.chunk_key_secret(), *keys.blind_secret(), *keys.library_key()];
    needles.extend(secrets.iter().map(|key| &key[..16]));
    let (mut waiting, mut files) = (vec![delegate.home().to_owned()], 0);
    while let Some(directory) = waiting.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            files += 1;
            for needle in &needles {
                assert!(!bytes.windows(needle.len()).any(|window| window == *needle), "{}", path.display());
            }
        }
    }
    assert!(files > 3, "{files}");
}

#[tokio::test(start_paused = true)]
async fn nobody_is_looked_after_whom_the_other_side_did_not_accept_and_either_side_ends_it() {
    let (scene, _, delegate) = scene(903).await;
    scene.owner.delegate_create(asked(delegate.peer())).await.unwrap();
    sleep(MINUTE).await;
    let problem = only(&scene).await.problem.unwrap();
    assert!(problem.contains(&format!("layr delegate accept {}", scene.owner.owner_id())), "{problem}");
    delegate.delegate_accept(&scene.owner.owner_id().to_string()).await.unwrap();
    sleep(MINUTE * 16).await;
    assert_eq!(only(&scene).await.problem, None);
    let report = delegate.delegates().await.unwrap();
    assert_eq!((report.owners.len(), report.owners[0].segments), (1, 1));
    let kept = delegate.home().join("delegated").join(scene.owner.owner_id().to_string());
    assert!(kept.is_dir());
    // The delegate has enough of it.
    delegate.delegate_revoke(&scene.owner.owner_id().to_string()).await.unwrap();
    assert!(!kept.exists());
    sleep(MINUTE * 16).await;
    assert!(only(&scene).await.problem.unwrap().contains("has not agreed"));
    // And so has the owner.
    delegate.delegate_accept(&scene.owner.owner_id().to_string()).await.unwrap();
    sleep(MINUTE * 16).await;
    assert_eq!(delegate.delegates().await.unwrap().owners[0].segments, 1);
    scene.owner.delegate_revoke(&delegate.peer().to_string()).await.unwrap();
    assert!(scene.owner.delegates().await.unwrap().delegates.is_empty());
    assert!(delegate.delegates().await.unwrap().owners.is_empty() && !kept.exists());
    for nobody in [delegate.peer().to_string(), delegate.owner_id().to_string()] {
        assert!(scene.owner.delegate_revoke(&nobody).await.is_err());
    }
}

#[tokio::test(start_paused = true)]
async fn a_delegation_ends_by_itself_and_so_does_the_work() {
    let (mut scene, _, delegate) = scene(904).await;
    entrust(&scene, &delegate).await;
    rob(&scene).await;
    scene.network.kill(&mut scene.owner).await;
    scene.network.clock().jump(31 * 86_400);
    sleep(HOUR * 6).await;
    assert_eq!((untold(&delegate).await, bodies(&scene)), (0, 4));
    // An owner that is back renews it.
    scene.network.revive(&mut scene.owner).await;
    sleep(MINUTE * 2).await;
    let expires = only(&scene).await.expires.unwrap();
    assert!(expires.starts_with("2026-03-0"), "{expires}");
}

#[tokio::test(start_paused = true)]
async fn what_a_delegate_makes_up_changes_nothing_and_is_counted() {
    let (mut scene, content, _) = scene(905).await;
    let before = scene.shards("file").await;
    let spare = (0..9).find(|host| !before.values().any(|holder| holder == host)).unwrap();
    let (first, second) = {
        let mut all = before.iter();
        (all.next().unwrap(), all.next().unwrap())
    };
    let peer = |host: &usize| scene.hosts[*host].peer();
    let roots = scene.owner.info("file").await.unwrap().segments[0].shards.clone();
    let claim = |fate, (of, host): (&(String, u32), layr_keys::PeerId), root: Option<&str>| Claim {
        fate,
        segment: of.0.clone(),
        index: of.1,
        root: root.unwrap_or_else(|| roots[of.1 as usize].root.as_deref().unwrap()).to_owned(),
        host,
    };
    let made_up = [
        // It is there, and whole.
        claim(1, (first.0, peer(first.1)), None),
        claim(2, (first.0, peer(first.1)), None),
        // Nobody placed anything there.
        claim(4, (second.0, peer(&spare)), None),
        // Nor is that the shard.
        claim(4, (second.0, peer(&spare)), roots[first.0.1 as usize].root.as_deref()),
        // A host that has another shard of it gets no second one.
        claim(4, (first.0, peer(second.1)), None),
        // What was never stored at all, to have something deleted that is.
        Claim { segment: "00".repeat(16), ..claim(4, (first.0, peer(first.1)), None) },
    ];
    let liar = LyingDelegate::start(&mut scene.network, scene.owner.owner_id(), &made_up);
    scene.owner.delegate_create(asked(liar.peer())).await.unwrap();
    sleep(HOUR).await;
    assert_eq!(scene.shards("file").await, before);
    assert_eq!((scene.health("file").await.alive, bodies(&scene)), (6, 6));
    let told_of = only(&scene).await;
    assert_eq!((told_of.heard, told_of.placed, told_of.refuted), (6, 0, 3), "{told_of:?}");
    assert_eq!(told(&scene, "delegate_refuted").await, 1, "once, however often");
    scene.comes_back("file", &content).await;
}

#[tokio::test(start_paused = true)]
async fn a_log_that_does_not_go_on_is_not_heard() {
    let (mut scene, _, _) = scene(906).await;
    let liar = LyingDelegate::start(&mut scene.network, scene.owner.owner_id(), &[]);
    liar.break_chain();
    scene.owner.delegate_create(asked(liar.peer())).await.unwrap();
    sleep(HOUR).await;
    let told_of = only(&scene).await;
    assert_eq!((told_of.heard, told_of.placed, told_of.refuted), (0, 0, 0));
    assert!(
        told_of.problem.as_ref().is_some_and(|problem| problem.contains("does not go on")),
        "{told_of:?}"
    );
    assert_eq!(liar.lists(), 1, "the owner chose it all the same");
    assert_eq!(told(&scene, "delegate_unheard").await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_new_copy_counts_once_its_host_has_proven_it_to_the_owner() {
    let (mut scene, content, _) = scene(907).await;
    scene.owner.transfers_pause_for(DAY).await.unwrap();
    let before = scene.shards("file").await;
    let mut spares = (0..9).filter(|host| !before.values().any(|holder| holder == host));
    let (empty, dead) = (spares.next().unwrap(), spares.next().unwrap());
    // Both copies are really lost, and nobody repairs.
    rob(&scene).await;
    let operation = scene.owner.operation(layr_node::operation::OperationKind::Audit, "test");
    scene.owner.audit(Vec::new(), layr_node::audit::Leaves::Each(1), &operation).await.unwrap();
    assert_eq!(scene.health("file").await.alive, 4);
    let shards = scene.owner.info("file").await.unwrap().segments[0].shards.clone();
    let segment = before.keys().next().unwrap().0.clone();
    let claims = [0, 1].map(|index| Claim {
        fate: 4,
        segment: segment.clone(),
        index: u32::try_from(index).unwrap(),
        root: shards[index].root.clone().unwrap(),
        host: scene.hosts[[empty, dead][index]].peer(),
    });
    let lost = before.iter().filter(|((_, index), _)| *index < 2).count();
    assert_eq!(lost, 2, "the first two were robbed");
    scene.kill(dead).await;
    let liar = LyingDelegate::start(&mut scene.network, scene.owner.owner_id(), &claims);
    scene.owner.delegate_create(asked(liar.peer())).await.unwrap();
    sleep(HOUR).await;
    let told_of = only(&scene).await;
    // Who has nothing is asked and found out; who is away is asked again, and keeps nobody from being heard.
    assert_eq!((told_of.heard, told_of.placed, told_of.refuted), (2, 0, 1), "{told_of:?}");
    scene.network.revive(&mut scene.hosts[dead]).await;
    sleep(MINUTE * 16).await;
    let told_of = only(&scene).await;
    assert_eq!((told_of.heard, told_of.placed, told_of.refuted), (2, 0, 2), "{told_of:?}");
    assert_eq!((scene.shards("file").await, scene.health("file").await.alive), (before, 4));
    scene.comes_back("file", &content).await;
}
