use std::time::{Duration, Instant};

use layr_suites::{Devnet, sample};
use serde_json::Value;

use crate::PROGRAM;

const MIB: usize = 1 << 20;

fn healths(put: &Value) -> Vec<(u64, u64, u64)> {
    let number = |health: &Value, key: &str| health[key].as_u64().unwrap();
    put["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| &file["health"])
        .filter(|health| health["total"] != 0)
        .map(|health| (number(health, "alive"), number(health, "needed"), number(health, "total")))
        .collect()
}

#[test]
fn a_folder_comes_back_bit_for_bit_after_most_hosts_are_dead_and_not_at_all_after_one_more() {
    let mut net = Devnet::start(PROGRAM, 12);
    let tree = net.dir().join("tree");
    sample::tree(&tree, 40 * MIB);
    let owner = net.owner.layr.clone();
    let put = owner.ok(&["put", tree.to_str().unwrap()]);
    assert_eq!(put["files"].as_array().unwrap().len(), 6, "{put}");
    for (alive, needed, total) in healths(&put) {
        assert_eq!((needed, total), (4, 12), "twelve hosts make the profile 4 of 12");
        assert_eq!(alive, 12, "with every host alive nothing is missing");
    }

    for host in net.hosts.iter_mut().take(8) {
        host.kill();
    }
    let back = net.dir().join("back");
    std::fs::create_dir(&back).unwrap();
    owner.ok(&["get", "/tree", "-o", back.to_str().unwrap()]);
    sample::assert_same(&tree, &back.join("tree"));

    net.hosts[8].kill();
    let nothing = net.dir().join("nothing.bin");
    let started = Instant::now();
    let error = owner.fails(5, &["get", "/tree/large.bin", "-o", nothing.to_str().unwrap()]);
    assert_eq!(error["code"], "not_enough_hosts");
    assert!(started.elapsed() < Duration::from_mins(1), "{:?}", started.elapsed());
    assert!(!nothing.exists(), "nothing may lie at the target");
    let left: Vec<_> =
        std::fs::read_dir(net.dir()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(
        left.iter().all(|name| !name.to_string_lossy().contains(".part")),
        "a temporary is left: {left:?}"
    );

    // The hosts come back with what they acknowledged, and so does the file.
    for host in &mut net.hosts[..9] {
        host.start(&[]);
    }
    owner.ok(&["get", "/tree/large.bin", "-o", nothing.to_str().unwrap()]);
    sample::assert_same(&tree.join("large.bin"), &nothing);
}

#[test]
fn what_is_stored_is_not_sent_again() {
    let net = Devnet::start(PROGRAM, 4);
    let owner = &net.owner.layr;
    let file = net.dir().join("big.bin");
    let mut content = sample::noise(3, 24 * MIB);
    std::fs::write(&file, &content).unwrap();
    let sent = |put: &Value| put["files"][0]["uploaded_bytes"].as_u64().unwrap();
    let path = file.to_str().unwrap();
    assert_eq!(sent(&owner.ok(&["put", path])), content.len() as u64);
    assert_eq!(sent(&owner.ok(&["put", path])), 0, "unchanged");
    let copy = net.dir().join("copy.bin");
    std::fs::write(&copy, &content).unwrap();
    assert_eq!(sent(&owner.ok(&["put", copy.to_str().unwrap()])), 0, "the same content under another name");

    content.insert(content.len() / 2, 0xAA);
    std::fs::write(&file, &content).unwrap();
    let dry = owner.ok(&["put", "--dry-run", path]);
    let resent = sent(&owner.ok(&["put", path]));
    assert!(resent > 0 && resent <= 8 << 20, "one byte inserted re-sent {resent} bytes");
    assert_eq!(sent(&dry), resent, "a dry run says what the run will do");
    let back = net.dir().join("back.bin");
    owner.ok(&["get", "/big.bin", "-o", back.to_str().unwrap()]);
    assert!(std::fs::read(&back).unwrap() == content);
    owner.ok(&["get", "/big.bin", "--version", "1", "-o", back.to_str().unwrap()]);
    content.remove(content.len() / 2);
    assert!(std::fs::read(&back).unwrap() == content, "the older version is still there");
}

#[test]
fn a_range_reads_just_those_bytes() {
    let net = Devnet::start(PROGRAM, 5);
    let owner = &net.owner.layr;
    let content = sample::noise(9, 9 * MIB);
    let file = net.dir().join("movie");
    std::fs::write(&file, &content).unwrap();
    owner.ok(&["put", file.to_str().unwrap()]);
    for (first, last) in
        [(0, 0), (5_000_000, 5_000_099), (content.len() - 1, content.len() - 1), (0, content.len() - 1)]
    {
        let range = format!("{first}-{last}");
        let output = owner.command(&["get", "/movie", "-o", "-", "--range", &range]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(output.stdout == content[first..=last], "range {range}");
    }
    let beyond = format!("0-{}", content.len());
    owner.fails(2, &["get", "/movie", "-o", net.dir().join("x").to_str().unwrap(), "--range", &beyond]);
}

#[test]
fn two_puts_of_the_same_tree_at_once_store_it_once() {
    let net = Devnet::start(PROGRAM, 3);
    let tree = net.dir().join("tree");
    sample::tree(&tree, 12 * MIB);
    let owner = &net.owner.layr;
    let start = || {
        let mut command = owner.command(&["--json", "put", tree.to_str().unwrap()]);
        command.spawn().unwrap()
    };
    let both = [start(), start()];
    let mut uploaded = 0;
    for process in both {
        let output = process.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let put: Value = serde_json::from_slice(&output.stdout).unwrap();
        uploaded += put["files"]
            .as_array()
            .unwrap()
            .iter()
            .map(|file| file["uploaded_bytes"].as_u64().unwrap())
            .sum::<u64>();
    }
    let once: u64 =
        ["empty", "small.txt", "deep/er/est/line\nbreak", "deep/größe.bin", "text.log", "large.bin"]
            .iter()
            .map(|name| std::fs::metadata(tree.join(name)).unwrap().len())
            .sum();
    assert!(uploaded <= once, "{uploaded} bytes were sent for {once}");
    let back = net.dir().join("back");
    std::fs::create_dir(&back).unwrap();
    owner.ok(&["get", "/tree", "-o", back.to_str().unwrap()]);
    sample::assert_same(&tree, &back.join("tree"));
}
