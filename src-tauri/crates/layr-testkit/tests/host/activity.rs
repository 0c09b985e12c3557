//! A host tells its person when its disk is gone or rots, and that it is back.

use std::time::Duration;

use layr_node::activity::ActivityKind;
use layr_node::api::{ActivityEntry, ActivityLevel, HostSettings};
use layr_node::node::Node;
use layr_testkit::SimNetwork;
use tokio::time::{Instant, sleep};

use crate::caller::{Caller, shard};

const MIB: usize = 1024 * 1024;
/// Longer than a round of maintenance.
const ROUND: Duration = Duration::from_mins(2);

/// Everything is read again in less.
const SCRUBBED_IN: Duration = Duration::from_hours(24 * 40);

async fn entries(node: &Node, kind: ActivityKind) -> Vec<ActivityEntry> {
    let report = node.activity().await.unwrap();
    report.entries.into_iter().filter(|entry| entry.kind == kind.code()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_is_away_is_told_once_and_resolved_when_it_is_back() {
    let mut network = SimNetwork::new(1);
    let host = network.add_host(4 * MIB as u64).await;
    sleep(ROUND).await;
    assert_eq!(host.activity().await.unwrap().entries, []);
    let (there, away) = (host.home().join("vault/shards"), host.home().join("elsewhere"));
    std::fs::rename(&there, &away).unwrap();
    sleep(3 * ROUND).await;
    let told = entries(&host, ActivityKind::VaultAway).await;
    assert_eq!((told.len(), told[0].level, told[0].times), (1, ActivityLevel::Action, None), "{told:#?}");
    assert_eq!((told[0].resolved, told[0].opens.as_deref()), (false, Some("/hosting")));
    std::fs::rename(&away, &there).unwrap();
    sleep(ROUND).await;
    assert!(entries(&host, ActivityKind::VaultAway).await[0].resolved);
}

#[tokio::test(start_paused = true)]
async fn rot_is_found_and_told_by_the_scrub_and_at_the_start() {
    let mut network = SimNetwork::new(2);
    let mut host = network.add_host(4 * MIB as u64).await;
    let caller = Caller::new(&mut network, 1);
    for number in 0..2 {
        caller.put(&host, &shard(number, MIB)).await.unwrap();
    }
    let bodies = bodies(&host.home().join("vault/shards"));
    assert_eq!(bodies.len(), 2);
    std::fs::write(&bodies[0], vec![7; MIB]).unwrap();
    let began = Instant::now();
    let told = loop {
        let told = entries(&host, ActivityKind::VaultDamaged).await;
        if !told.is_empty() || began.elapsed() > SCRUBBED_IN {
            break told;
        }
        sleep(Duration::from_hours(1)).await;
    };
    assert_eq!((told.len(), told[0].level), (1, ActivityLevel::Action), "{told:#?}");
    assert!(told[0].text.starts_with("1 piece is damaged"), "{told:#?}");
    host.activity_resolve(told[0].id).await.unwrap();
    network.kill(&mut host).await;
    std::fs::remove_file(&bodies[1]).unwrap();
    network.revive(&mut host).await;
    sleep(ROUND).await;
    let told = entries(&host, ActivityKind::VaultDamaged).await;
    assert_eq!(told.iter().map(|entry| entry.resolved).collect::<Vec<_>>(), [false, true], "{told:#?}");
    assert!(told[0].text.starts_with("1 piece is gone"), "{told:#?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_from_a_vault_that_comes_back_while_the_node_runs_is_told() {
    let mut network = SimNetwork::new(3);
    let mut host = network.add_host(4 * MIB as u64).await;
    Caller::new(&mut network, 1).put(&host, &shard(1, MIB)).await.unwrap();
    network.kill(&mut host).await;
    let (here, away) = (host.home().join("vault"), host.home().join("elsewhere"));
    std::fs::rename(&here, &away).unwrap();
    network.revive(&mut host).await;
    assert!(!host.host_show().await.unwrap().hosting);
    let _ = std::fs::remove_dir_all(&here);
    std::fs::remove_file(&bodies(&away.join("shards"))[0]).unwrap();
    std::fs::rename(&away, &here).unwrap();
    let settings = HostSettings { max_term_days: Some(30), ..HostSettings::default() };
    assert!(host.host_set(settings).await.unwrap().hosting);
    let told = entries(&host, ActivityKind::VaultDamaged).await;
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].text.starts_with("1 piece is gone"), "{told:#?}");
}

/// The files below a directory.
fn bodies(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(bodies(&path));
        } else {
            found.push(path);
        }
    }
    found
}
