//! Full disks, on small file systems in memory. Needs root, as CI has.

use layr_suites::devnet::wait_until_known;
use layr_suites::{Devnet, sample};

use crate::PROGRAM;
use crate::memory_disk::MemoryDisk;

const MIB: usize = 1 << 20;

#[test]
fn a_download_that_does_not_fit_leaves_nothing_behind() {
    let net = Devnet::start(PROGRAM, 3);
    let file = net.dir().join("file");
    std::fs::write(&file, sample::noise(21, 24 * MIB)).unwrap();
    net.owner.layr.ok(&["put", file.to_str().unwrap()]);
    let disk = MemoryDisk::mount(&net.dir().join("small"), 8);
    let target = disk.path().join("file");
    let error = net.owner.layr.fails(1, &["get", "/file", "-o", target.to_str().unwrap()]);
    assert_eq!(error["code"], "disk_full");
    assert_eq!(std::fs::read_dir(disk.path()).unwrap().count(), 0, "something is left on the full disk");
}

#[test]
fn an_owner_whose_disk_is_full_fails_clearly_and_goes_on_when_there_is_room() {
    let net = Devnet::start(PROGRAM, 3);
    let disk = MemoryDisk::mount(&net.dir().join("small-home"), 16);
    let mut owner = net.new_home("small-home", None);
    owner.start(&["--listen", "/ip4/127.0.0.1/tcp/0"]);
    let tree = net.dir().join("tree");
    std::fs::create_dir(&tree).unwrap();
    for number in 0..2000_u64 {
        std::fs::write(tree.join(number.to_string()), sample::noise(number, 3000)).unwrap();
    }
    let filler = disk.fill();
    let error = owner.layr.fails(1, &["put", tree.to_str().unwrap()]);
    assert_eq!(error["code"], "disk_full");
    std::fs::remove_file(filler).unwrap();
    owner.layr.ok(&["put", tree.to_str().unwrap()]);
    let back = net.dir().join("back");
    std::fs::create_dir(&back).unwrap();
    owner.layr.ok(&["get", "/tree", "-o", back.to_str().unwrap()]);
    sample::assert_same(&tree, &back.join("tree"));
    owner.kill();
}

#[test]
fn a_host_whose_disk_is_full_refuses_and_serves_on() {
    let net = Devnet::start(PROGRAM, 3);
    let disk = MemoryDisk::mount(&net.dir().join("small-host"), 512);
    let mut host = net.new_home("small-host", None);
    host.layr.ok(&["host", "set", "--quota", "100MB"]);
    host.start(&["--host", "--listen", "/ip4/127.0.0.1/tcp/0"]);
    let before = net.dir().join("before");
    std::fs::write(&before, sample::noise(31, 2 * MIB)).unwrap();
    wait_until_known(&net.owner.layr, &host.peer_id);
    // Of all four, so that the new host is one of them whatever placement prefers.
    let all_four = ["--redundancy", "1/4"];
    let put = net.owner.layr.ok(&[&["put", before.to_str().unwrap()], &all_four[..]].concat());
    assert_eq!(put["files"][0]["health"]["alive"], 4, "{put}");

    let filler = disk.fill();
    let during = net.dir().join("during");
    std::fs::write(&during, sample::noise(32, 30 * MIB)).unwrap();
    let put = net.owner.layr.ok(&[&["put", during.to_str().unwrap()], &all_four[..]].concat());
    assert_eq!(put["files"][0]["health"]["alive"], 3, "the full host took a shard: {put}");
    let show = host.layr.ok(&["host", "show"]);
    assert_eq!(show["reserved_bytes"], 0, "{show}");
    assert_eq!(show["shards"], 1, "the shard from before is still there: {show}");
    assert_eq!(net.owner.layr.ok(&["verify", "/before"])["passed"], 4);
    std::fs::remove_file(filler).unwrap();
    host.kill();
}
