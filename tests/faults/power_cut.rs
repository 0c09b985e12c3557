//! kill -9 of owner and hosts at random instants. `LAYR_POWER_CUTS` asks for more than CI's fifty, `LAYR_SEED` repeats a run.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use layr_suites::{Devnet, sample};

use crate::PROGRAM;

const MIB: usize = 1 << 20;
/// Rounds in CI, as the issue asks.
const DEFAULT_ROUNDS: u64 = 50;

/// splitmix64: small, seeded, and the same everywhere.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % sides
    }
}

/// What the dice begin with: said, so that a run can be repeated.
pub(crate) fn seed() -> u64 {
    let seed = from_environment("LAYR_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    eprintln!("LAYR_SEED={seed}");
    seed
}

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

#[test]
fn no_power_cut_loses_an_acknowledged_shard_or_leaves_half_a_file() {
    let seed = seed();
    let rounds = from_environment("LAYR_POWER_CUTS").unwrap_or(DEFAULT_ROUNDS);
    let mut dice = Dice(seed);
    let mut net = Devnet::start(PROGRAM, 5);
    let mut stored: Vec<(String, u64)> = Vec::new();
    for round in 0..rounds {
        let name = format!("file-{round}");
        let path = net.dir().join(&name);
        std::fs::write(&path, sample::noise(seed ^ round, 6 * MIB)).unwrap();
        let target = net.dir().join("target");
        let commands = [
            vec!["put".to_owned(), path.display().to_string()],
            vec![
                "get".to_owned(),
                stored.last().map_or("/none".to_owned(), |(name, _)| format!("/{name}")),
                "-o".to_owned(),
                target.display().to_string(),
            ],
            vec!["rm".to_owned(), stored.first().map_or("/none".to_owned(), |(name, _)| format!("/{name}"))],
        ];
        let choice =
            if stored.len() < 2 { 0 } else { usize::try_from(dice.roll(4)).unwrap().saturating_sub(1) };
        let mut running = net.owner.layr.command(&commands[choice]);
        let mut running = running.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // The instant of the power cut is the dice's: nothing is waited for.
        std::thread::sleep(Duration::from_millis(dice.roll(700)));
        if dice.roll(2) == 0 {
            net.owner.kill();
            net.owner.start(&[]);
        } else {
            let victim = usize::try_from(dice.roll(net.hosts.len() as u64)).unwrap();
            net.hosts[victim].kill();
            net.hosts[victim].start(&[]);
            net.hosts[victim].assert_ledger();
        }
        let _ = running.wait();
        assert_no_half_file(&target, &stored);
        if choice == 0 {
            net.owner.layr.ok(&["put", path.to_str().unwrap()]);
            stored.push((name, seed ^ round));
        }
        if choice == 2 {
            let (name, _) = stored.remove(0);
            // Deleted by the command or not: never half.
            let code = net.owner.layr.run(&["rm", &format!("/{name}")]).code;
            assert!(code == 0 || code == 3, "{code}");
        }
        std::fs::remove_file(&path).unwrap();
    }
    for (name, seed) in &stored {
        let back = net.dir().join("back");
        net.owner.layr.ok(&["get", &format!("/{name}"), "-o", back.to_str().unwrap()]);
        assert!(std::fs::read(&back).unwrap() == sample::noise(*seed, 6 * MIB), "{name} differs");
    }
    // Every shard that was acknowledged is there and whole. What no host has taken yet after the last cuts has none.
    let verify = net.owner.layr.run(&["verify"]);
    let shards = verify.json["shards"].as_array().unwrap();
    let lost: Vec<_> =
        shards.iter().filter(|shard| shard["host"] != "" && shard["result"] != "passed").collect();
    assert!(lost.is_empty(), "{lost:?}");
    assert!(shards.iter().any(|shard| shard["result"] == "passed"), "{}", verify.json);
    for host in &mut net.hosts {
        host.kill();
        host.start(&[]);
        host.assert_ledger();
    }
    assert_nothing_temporary(net.dir());
}

fn assert_no_half_file(target: &Path, stored: &[(String, u64)]) {
    if !target.exists() {
        return;
    }
    let content = std::fs::read(target).unwrap();
    let whole = stored.iter().any(|(_, seed)| content == sample::noise(*seed, 6 * MIB));
    assert!(whole, "the target holds {} bytes of no stored file", content.len());
    std::fs::remove_file(target).unwrap();
}

/// Endings of the names under which the product writes before it renames.
const TEMPORARY_ENDINGS: [&str; 3] = ["part", "tmp", "new"];
/// A node that runs writes on: its temporaries of now are gone within this time.
const WRITTEN_WITHIN: Duration = Duration::from_secs(20);

/// Asserts that nothing that was temporary before the last start is left in the homes below `dir`.
pub(crate) fn assert_nothing_temporary(dir: &Path) {
    let deadline = Instant::now() + WRITTEN_WITHIN;
    loop {
        let left = temporaries(dir);
        if left.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "{left:?} are left");
    }
}

fn temporaries(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut pending = vec![dir.to_path_buf()];
    while let Some(dir) = pending.pop() {
        let is_arriving = dir.ends_with("vault/incoming");
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            let path = entry.path();
            let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                pending.push(path);
            } else if is_arriving || TEMPORARY_ENDINGS.contains(&ending) {
                found.push(path);
            }
        }
    }
    found
}

/// The names in a home under which files are written before they are renamed.
const HALF_WRITTEN: [&str; 9] = [
    "config.new",
    "network.new",
    "temporaries.new",
    "library.sqlite.new",
    "library.sqlite.new-journal",
    "library.backup.sqlite.new",
    "keys.sealed.0011223344556677.tmp",
    "records/records.tmp",
    "records/peers.tmp",
];
const HALF: &[u8] = b"half of something";

/// An instant between a write and its rename is too short to be met by chance: here it is as if it had been met everywhere.
#[test]
fn what_a_power_cut_leaves_half_written_is_gone_after_the_next_start() {
    let mut net = Devnet::start(PROGRAM, 1);
    for node in [&mut net.owner, &mut net.hosts[0]] {
        node.kill();
        let home = node.layr.home().to_owned();
        let mut left: Vec<_> = HALF_WRITTEN.iter().map(|name| home.join(name)).collect();
        if home.join("vault").exists() {
            left.push(home.join("vault/incoming/0000000000000001.part"));
        }
        // What a person put there is not ours.
        let mine = home.join("keys.sealed.mine.tmp");
        for path in left.iter().chain([&mine]) {
            std::fs::write(path, HALF).unwrap();
        }
        node.start(&[]);
        // The node may be writing under the same names by now.
        left.retain(|path| std::fs::read(path).is_ok_and(|content| content == HALF));
        assert_eq!(left, Vec::<PathBuf>::new(), "left behind");
        assert_eq!(std::fs::read(mine).unwrap(), HALF);
    }
}
