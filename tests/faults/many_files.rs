//! A tree of very many small files. `LAYR_MANY_FILES` asks for another number than CI's.

use std::path::{Path, PathBuf};

use layr_suites::{Devnet, sample};

use crate::PROGRAM;
use crate::memory_disk::MemoryDisk;

/// As many as people's trees of sources and photographs have.
const DEFAULT_FILES: u64 = 100_000;
const FILES_PER_DIRECTORY: u64 = 1000;
/// What an owner's node may take, whatever it stores or brings back.
const MAX_PEAK_MIB: u64 = 256;
/// Twice a page for each file.
const DISK_MIB: usize = 2048;
/// One in so many has the content of another.
const COPY_EVERY: u64 = 10;

fn file_count() -> u64 {
    std::env::var("LAYR_MANY_FILES").ok().and_then(|text| text.parse().ok()).unwrap_or(DEFAULT_FILES)
}

/// Writes the tree; gives the bytes of distinct content.
fn write_tree(tree: &Path, files: u64) -> u64 {
    let mut distinct_bytes = 0;
    for number in 0..files {
        let dir = tree.join((number / FILES_PER_DIRECTORY).to_string());
        if number % FILES_PER_DIRECTORY == 0 {
            std::fs::create_dir_all(&dir).unwrap();
        }
        let is_copy = number % COPY_EVERY == 1;
        let seed = if is_copy { number - 1 } else { number };
        let content = sample::noise(seed, usize::try_from(40 + seed % 200).unwrap());
        distinct_bytes += if is_copy { 0 } else { content.len() as u64 };
        std::fs::write(dir.join(number.to_string()), content).unwrap();
    }
    distinct_bytes
}

#[test]
fn a_tree_of_very_many_files_goes_out_once_and_comes_back() {
    let net = Devnet::start(PROGRAM, 3);
    let owner = &net.owner.layr;
    let files = file_count();
    // In memory: a disk may take longer to remove so many files than everything else takes.
    let disk = MemoryDisk::mount(&net.dir().join("disk"), DISK_MIB);
    let tree = disk.path().join("tree");
    let distinct_bytes = write_tree(&tree, files);
    let peak = |what: &str, took_s: &serde_json::Value| {
        let process = PathBuf::from(format!("/proc/{}", net.owner.pid().unwrap()));
        let status = std::fs::read_to_string(process.join("status")).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let peak_mib = peak.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024;
        eprintln!("{what} of {files} files: {took_s} s, owner's peak {peak_mib} MiB");
        assert!(peak_mib <= MAX_PEAK_MIB, "{what} took {peak_mib} MiB");
        // From here on the next peak.
        std::fs::write(process.join("clear_refs"), "5").unwrap();
    };

    let put = owner.ok(&["put", tree.to_str().unwrap()]);
    peak("put", &put["duration_s"]);
    let sent = |put: &serde_json::Value| {
        let rows = put["files"].as_array().unwrap();
        assert_eq!(rows.len() as u64, files);
        rows.iter().map(|row| row["uploaded_bytes"].as_u64().unwrap()).sum::<u64>()
    };
    assert_eq!(sent(&put), distinct_bytes);
    let again = owner.ok(&["put", tree.to_str().unwrap()]);
    peak("put again", &again["duration_s"]);
    assert_eq!(sent(&again), 0, "what is stored is not sent again");

    let listed = owner.ok(&["ls", "-r"]);
    peak("ls", &serde_json::Value::Null);
    assert_eq!(
        listed["files"].as_array().unwrap().len() as u64,
        files + files.div_ceil(FILES_PER_DIRECTORY) + 1
    );
    let back = disk.path().join("back");
    std::fs::create_dir(&back).unwrap();
    let got = owner.ok(&["get", "/tree", "-o", back.to_str().unwrap()]);
    peak("get", &got["duration_s"]);
    sample::assert_same(&tree, &back.join("tree"));
}
