//! What an owner makes of what a delegate says, and how much of it.

use std::collections::BTreeMap;

use layr_codec::ShardRoot;
use layr_keys::PeerId;
use layr_library::{Entropy, Library, MAX_UNTOLD, StoredShard};
use layr_node::api::PutRequest;
use layr_node::clock::Clock;
use layr_testkit::SimNode;
use tokio::time::sleep;

use super::liar::{Claim, LyingDelegate};
use super::{DAY, HOUR, MINUTE, asked, asleep, bodies, entrust, only, rob, scene, told, untold};
use crate::scene::{Scene, noise, request};

/// A file whose shards a delegate speaks of.
struct Subject {
    segment: String,
    roots: Vec<String>,
    holders: Vec<usize>,
    /// Hosts that hold none of it.
    spares: Vec<usize>,
    shard_bytes: u32,
}

impl Subject {
    async fn of(scene: &Scene) -> Self {
        let segment = scene.owner.info("file").await.unwrap().segments[0].clone();
        let holders: Vec<usize> = scene.shards("file").await.into_values().collect();
        let spares = (0..scene.hosts.len()).filter(|host| !holders.contains(host)).collect();
        let body = &scene.bodies(holders[0])[0];
        let shard_bytes = u32::try_from(body.metadata().unwrap().len()).unwrap();
        let roots = segment.shards.into_iter().map(|shard| shard.root.unwrap()).collect();
        Self { segment: segment.id, roots, holders, spares, shard_bytes }
    }

    /// Of its first shard.
    fn claim(&self, fate: u8, host: PeerId) -> Claim {
        Claim { fate, segment: self.segment.clone(), index: 0, root: self.roots[0].clone(), host }
    }
}

/// Stores the first shard at another host as well.
async fn copy(scene: &Scene, liar: &LyingDelegate, subject: &Subject, to: usize) {
    let way = [subject.holders[0], to].map(|host| scene.hosts[host].peer());
    let certificate = scene.owner.certify(liar.peer());
    liar.copy((&subject.roots[0], subject.shard_bytes), way, certificate).await.unwrap();
}

async fn put(scene: &Scene, name: &str, redundancy: (u8, u8)) {
    let path = scene.write(name, &noise(redundancy.1.into(), 200_000));
    scene.put_with(PutRequest { redundancy: Some(redundancy), ..request(&[&path]) }).await.unwrap();
}

/// So many days, of which all machines sleep most.
async fn days_pass(days: u32) {
    for _ in 0..days {
        asleep(HOUR * 23 + MINUTE * 40).await;
    }
}

/// A file of 3 of 9 among eleven hosts, of which one lost shard is no reason to repair.
async fn patient_scene(seed: u64) -> (Scene, Subject, LyingDelegate) {
    let mut scene = Scene::new(seed, 11).await;
    put(&scene, "file", (3, 9)).await;
    let liar = LyingDelegate::start(&mut scene.network, scene.owner.owner_id(), &[]);
    let subject = Subject::of(&scene).await;
    (scene, subject, liar)
}

/// A delegate tells of a new copy, which is there, and whose host does not answer, as the old one's does not.
async fn waiting_scene(seed: u64) -> (Scene, usize, LyingDelegate) {
    let (mut scene, subject, liar) = patient_scene(seed).await;
    let [old, new] = [subject.holders[0], subject.spares[0]];
    copy(&scene, &liar, &subject, new).await;
    scene.kill(old).await;
    scene.kill(new).await;
    liar.tell(&[subject.claim(4, scene.hosts[new].peer())]);
    scene.owner.delegate_create(asked(liar.peer())).await.unwrap();
    (scene, new, liar)
}

#[tokio::test(start_paused = true)]
async fn a_long_log_is_heard_in_parts_and_no_list_given_before_its_end() {
    let (mut scene, _, _) = scene(920).await;
    let subject = Subject::of(&scene).await;
    let nobody = subject.claim(5, PeerId::from_bytes([9; 32]));
    let liar = LyingDelegate::start(&mut scene.network, scene.owner.owner_id(), &vec![nobody; 2049]);
    scene.owner.delegate_create(asked(liar.peer())).await.unwrap();
    sleep(MINUTE * 2).await;
    assert_eq!((only(&scene).await.heard, liar.lists()), (2048, 0));
    assert!(!liar.delegation().is_empty(), "it may work all the same");
    sleep(MINUTE * 15).await;
    assert_eq!((only(&scene).await.heard, liar.lists()), (2049, 1));
}

#[tokio::test(start_paused = true)]
async fn a_list_that_changed_is_not_given_while_a_copy_waits_to_be_proven() {
    let (mut scene, subject, liar) = patient_scene(921).await;
    scene.owner.delegate_create(asked(liar.peer())).await.unwrap();
    sleep(MINUTE * 2).await;
    assert_eq!(liar.lists(), 1);
    let [old, new] = [subject.holders[0], subject.spares[0]];
    scene.kill(old).await;
    scene.kill(new).await;
    liar.tell(&[subject.claim(4, scene.hosts[new].peer())]);
    sleep(MINUTE * 15).await;
    put(&scene, "other", (3, 9)).await;
    sleep(HOUR * 2).await;
    assert_eq!((only(&scene).await.heard, liar.lists()), (1, 1));
    // It has nothing of it.
    scene.network.revive(&mut scene.hosts[new]).await;
    sleep(MINUTE * 16).await;
    assert_eq!((only(&scene).await.refuted, liar.lists()), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn a_copy_waits_for_its_host_for_three_days_and_is_let_go_of_then() {
    let (mut scene, new, liar) = waiting_scene(922).await;
    sleep(MINUTE).await;
    days_pass(2).await;
    asleep(HOUR * 23).await;
    let told_of = only(&scene).await;
    assert_eq!((told_of.heard, liar.lists()), (1, 0), "{told_of:?}");
    asleep(HOUR).await;
    assert_eq!(liar.lists(), 1, "nothing waits any more");
    assert_eq!(scene.bodies(new).len(), 1);
    scene.network.revive(&mut scene.hosts[new]).await;
    sleep(HOUR * 3).await;
    let told_of = only(&scene).await;
    assert_eq!((told_of.placed, told_of.refuted, scene.bodies(new).len()), (0, 0, 0), "{told_of:?}");
}

#[tokio::test(start_paused = true)]
async fn copies_that_wait_are_let_go_of_with_their_delegate() {
    let (mut scene, new, liar) = waiting_scene(931).await;
    sleep(HOUR).await;
    assert_eq!((only(&scene).await.heard, scene.bodies(new).len()), (1, 1));
    scene.owner.delegate_revoke(&liar.peer().to_string()).await.unwrap();
    scene.network.revive(&mut scene.hosts[new]).await;
    sleep(HOUR * 3).await;
    assert_eq!(scene.bodies(new).len(), 0, "nobody judges it any more");
}

/// Refused or not, it costs as much.
#[tokio::test(start_paused = true)]
async fn a_list_that_is_refused_is_tried_again_after_an_hour() {
    let (scene, _, liar) = patient_scene(932).await;
    liar.refuse_lists();
    scene.owner.delegate_create(asked(liar.peer())).await.unwrap();
    sleep(MINUTE * 55).await;
    assert_eq!(liar.lists(), 1);
    sleep(HOUR).await;
    assert_eq!(liar.lists(), 2);
}

#[tokio::test(start_paused = true)]
async fn after_sixteen_false_claims_nothing_more_is_heard_for_a_day() {
    let (mut scene, _, _) = scene(923).await;
    let subject = Subject::of(&scene).await;
    let false_one =
        Claim { root: "00".repeat(32), ..subject.claim(4, scene.hosts[subject.spares[0]].peer()) };
    let liar = LyingDelegate::start(&mut scene.network, scene.owner.owner_id(), &vec![false_one; 18]);
    scene.owner.delegate_create(asked(liar.peer())).await.unwrap();
    for hours in [1, 22] {
        asleep(HOUR * hours).await;
        let told_of = only(&scene).await;
        assert_eq!((told_of.heard, told_of.refuted, liar.lists()), (16, 16, 0), "{told_of:?}");
        assert!(told_of.problem.unwrap().contains("nothing more is heard of it today"));
    }
    asleep(HOUR * 2).await;
    let told_of = only(&scene).await;
    assert_eq!((told_of.heard, told_of.refuted, told_of.problem), (18, 18, None));
    assert_eq!(liar.lists(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_waited_and_proves_false_is_counted_and_told_as_well() {
    let (mut scene, subject, liar) = patient_scene(924).await;
    let [old, new] = [subject.holders[0], subject.spares[0]];
    scene.kill(old).await;
    scene.kill(new).await;
    let waits = subject.claim(4, scene.hosts[new].peer());
    liar.tell(&vec![Claim { root: "00".repeat(32), ..waits.clone() }; 14]);
    let waits = Claim { host: scene.hosts[subject.spares[1]].peer(), ..waits };
    scene.kill(subject.spares[1]).await;
    liar.tell(&vec![waits; 4]);
    scene.owner.delegate_create(asked(liar.peer())).await.unwrap();
    sleep(HOUR).await;
    assert_eq!((only(&scene).await.heard, only(&scene).await.refuted), (18, 14));
    scene.network.revive(&mut scene.hosts[subject.spares[1]]).await;
    for hours in [1, 21] {
        asleep(HOUR * hours).await;
        assert_eq!((only(&scene).await.refuted, liar.lists()), (16, 0), "those cost questions, too");
    }
    assert_eq!(told(&scene, "delegate_refuted").await, 1);
    asleep(HOUR * 2).await;
    assert_eq!((only(&scene).await.refuted, liar.lists()), (18, 1));
}

#[tokio::test(start_paused = true)]
async fn four_false_claims_about_one_host_are_enough() {
    let (mut scene, _, _) = scene(925).await;
    let subject = Subject::of(&scene).await;
    let peer = |number: usize| scene.hosts[subject.holders[number]].peer();
    let second = Claim { index: 1, root: subject.roots[1].clone(), ..subject.claim(1, peer(1)) };
    let mut claims = vec![subject.claim(1, peer(0)); 6];
    claims.push(second);
    let liar = LyingDelegate::start(&mut scene.network, scene.owner.owner_id(), &claims);
    scene.owner.delegate_create(asked(liar.peer())).await.unwrap();
    sleep(HOUR).await;
    let told_of = only(&scene).await;
    assert_eq!((told_of.heard, told_of.refuted), (7, 5), "{told_of:?}");
}

/// It may show them to the delegate, and not to us.
#[tokio::test(start_paused = true)]
async fn four_new_copies_that_a_host_does_not_show_are_enough_for_a_day() {
    let (mut scene, subject, liar) = patient_scene(930).await;
    scene.kill(subject.holders[0]).await;
    let claim = subject.claim(4, scene.hosts[subject.spares[0]].peer());
    liar.tell(&vec![claim.clone(); 6]);
    scene.owner.delegate_create(asked(liar.peer())).await.unwrap();
    sleep(MINUTE * 5).await;
    assert_eq!((only(&scene).await.heard, only(&scene).await.refuted), (6, 4));
    liar.tell(&vec![claim; 14]);
    sleep(HOUR).await;
    let told_of = only(&scene).await;
    assert_eq!((told_of.heard, told_of.refuted, told_of.problem), (20, 4, None), "another visit");
}

#[tokio::test(start_paused = true)]
async fn a_new_copy_beside_another_of_its_segment_is_let_go_of() {
    let (mut scene, content, _) = scene(926).await;
    scene.owner.transfers_pause_for(DAY).await.unwrap();
    let subject = Subject::of(&scene).await;
    let liar = LyingDelegate::start(&mut scene.network, scene.owner.owner_id(), &[]);
    let [lost, beside, spare] = [subject.holders[0], subject.holders[1], subject.spares[0]];
    for host in [beside, spare] {
        copy(&scene, &liar, &subject, host).await;
        liar.tell(&[subject.claim(4, scene.hosts[host].peer())]);
    }
    std::fs::remove_file(&scene.bodies(lost)[0]).unwrap();
    let operation = scene.owner.operation(layr_node::operation::OperationKind::Audit, "test");
    scene.owner.audit(Vec::new(), layr_node::audit::Leaves::Each(1), &operation).await.unwrap();
    assert_eq!((scene.health("file").await.alive, scene.bodies(beside).len()), (5, 2));
    scene.owner.delegate_create(asked(liar.peer())).await.unwrap();
    sleep(HOUR).await;
    let told_of = only(&scene).await;
    assert_eq!((told_of.heard, told_of.placed, told_of.refuted), (2, 1, 0), "{told_of:?}");
    let now: BTreeMap<u32, usize> =
        scene.shards("file").await.into_iter().map(|((_, index), host)| (index, host)).collect();
    assert_eq!((now[&0], now[&1], scene.health("file").await.alive), (spare, beside, 6));
    assert_eq!((scene.bodies(beside).len(), scene.bodies(spare).len()), (1, 1));
    scene.comes_back("file", &content).await;
}

#[tokio::test(start_paused = true)]
async fn a_new_copy_in_a_network_that_has_enough_of_its_segment_is_let_go_of() {
    crowd(927, false).await;
}

/// Its network is known all the same.
#[tokio::test(start_paused = true)]
async fn so_is_one_at_a_host_that_takes_nothing_new_just_now() {
    crowd(933, true).await;
}

/// For a host that merely does not answer two others have copies, of which one lies in a network that has enough of the segment.
async fn crowd(seed: u64, does_pause: bool) {
    let (mut scene, content, _) = scene(seed).await;
    let subject = Subject::of(&scene).await;
    put(&scene, "everywhere", (3, 9)).await;
    let [silent, crowded, free] = [subject.holders[0], subject.spares[0], subject.spares[1]];
    for host in [subject.holders[1], subject.holders[2], crowded] {
        let address = format!("/ip4/203.0.113.{}/tcp/4001", host + 1);
        scene.network.net().move_to_new_address(scene.hosts[host].peer(), &address);
    }
    // Until they have proven themselves: among newcomers no bound can be kept.
    days_pass(9).await;
    scene.owner.transfers_pause_for(DAY).await.unwrap();
    let liar = LyingDelegate::start(&mut scene.network, scene.owner.owner_id(), &[]);
    for host in [crowded, free] {
        copy(&scene, &liar, &subject, host).await;
        liar.tell(&[subject.claim(4, scene.hosts[host].peer())]);
    }
    if does_pause {
        scene.hosts[crowded].host_pause().await.unwrap();
    }
    scene.kill(silent).await;
    scene.owner.delegate_create(asked(liar.peer())).await.unwrap();
    sleep(HOUR).await;
    let told_of = only(&scene).await;
    assert_eq!((told_of.heard, told_of.placed, told_of.refuted), (2, 1, 0), "{told_of:?}");
    assert_eq!(scene.shards("file").await[&(subject.segment.clone(), 0)], free);
    assert_eq!((scene.bodies(crowded).len(), scene.bodies(free).len()), (1, 2), "of the other file");
    scene.comes_back("file", &content).await;
}

/// Has a stopped delegate tell of so many copies that nobody needs, at a host that nobody knows.
fn fill_log(scene: &Scene, delegate: &SimNode, entries: u64) {
    let us = scene.owner.owner_keys().owner_id();
    let database = delegate.home().join("delegated").join(us.to_string()).join(Library::FILE_NAME);
    let library =
        Library::open(&database, us, Entropy::system(), scene.network.clock().now_unix_s()).unwrap();
    let root = ShardRoot::from_bytes([5; 32]);
    let spare = StoredShard { index: 0, root, host: PeerId::from_bytes([9; 32]) };
    library.discard(&vec![spare; usize::try_from(entries).unwrap()]).unwrap();
}

/// What nobody could be told of would be stored for nobody.
#[tokio::test(start_paused = true)]
async fn a_delegate_with_too_much_to_tell_makes_nothing_again_until_it_was_heard() {
    let (mut scene, _, mut delegate) = scene(928).await;
    entrust(&scene, &delegate).await;
    scene.owner.transfer_pause(None).await.unwrap();
    rob(&scene).await;
    scene.network.kill(&mut scene.owner).await;
    scene.network.kill(&mut delegate).await;
    fill_log(&scene, &delegate, MAX_UNTOLD);
    scene.network.revive(&mut delegate).await;
    asleep(DAY).await;
    assert_eq!((untold(&delegate).await, bodies(&scene)), (MAX_UNTOLD, 4));
    // Two visits: what the owner took of the log is known with the second.
    scene.network.revive(&mut scene.owner).await;
    sleep(MINUTE * 20).await;
    assert!(only(&scene).await.heard >= 2048);
    scene.network.kill(&mut scene.owner).await;
    asleep(HOUR).await;
    assert_eq!(bodies(&scene), 6);
}

/// An older copy of the owner's library knows less of a log than its delegate remembers to have told.
#[tokio::test(start_paused = true)]
async fn a_person_is_told_that_a_delegate_is_not_heard_after_an_old_library_was_put_back() {
    let (mut scene, _, mut delegate) = scene(929).await;
    entrust(&scene, &delegate).await;
    let old = scene.network.snapshot(&scene.owner);
    scene.network.kill(&mut delegate).await;
    fill_log(&scene, &delegate, 3);
    scene.network.revive(&mut delegate).await;
    sleep(MINUTE * 40).await;
    assert_eq!((only(&scene).await.heard, untold(&delegate).await), (3, 0));
    assert_eq!(told(&scene, "delegate_unheard").await, 0);
    scene.network.kill(&mut scene.owner).await;
    scene.network.restore(&scene.owner, &old);
    scene.network.revive(&mut scene.owner).await;
    sleep(HOUR).await;
    assert_eq!((only(&scene).await.heard, told(&scene, "delegate_unheard").await), (0, 1));
    assert!(only(&scene).await.problem.unwrap().contains("make it a delegate anew"));
    // As it says there.
    let (us, them) = (scene.owner.owner_id().to_string(), delegate.peer().to_string());
    scene.owner.delegate_revoke(&them).await.unwrap();
    entrust(&scene, &delegate).await;
    sleep(HOUR).await;
    assert_eq!(
        (only(&scene).await.problem, delegate.delegates().await.unwrap().owners[0].owner.clone()),
        (None, us)
    );
}
