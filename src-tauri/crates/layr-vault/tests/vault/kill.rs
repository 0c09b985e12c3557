//! A real process that stores and deletes, killed at random instants.

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use layr_vault::{Deleted, Vault, VaultConfig};

use crate::support::{Home, LEAF, assert_equal_to_disk, owner, read_all, root_of, shard, try_put};

/// Kills in a normal run; `LAYR_KILLS` asks for more.
const KILLS: u64 = 50;
const THREADS: u64 = 3;
const DIR: &str = "LAYR_TEST_VAULT_DIR";
const GENERATION: &str = "LAYR_TEST_GENERATION";

/// What the process last said about a shard. A start without its end may have happened or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Storing,
    Stored,
    Deleting,
    Deleted,
}

#[test]
fn a_process_killed_at_any_instant_loses_nothing_that_it_acknowledged() {
    let kills = std::env::var("LAYR_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS);
    let home = Home::new();
    drop(home.open());
    let mut said = HashMap::new();
    let (mut swept, mut acknowledged) = (0, 0);
    for generation in 0..kills {
        // From the first acknowledgement on, up to 40 ms: while many shards are in every stage.
        let delay = Duration::from_micros(generation.wrapping_mul(0x9E37_79B9_7F4A_7C15) % 40_000);
        acknowledged += run_and_kill(&home.vault_dir(), generation, delay, &mut said);
        let (vault, report) = home.try_open().unwrap();
        swept += report.temporaries_removed + report.strays_removed;
        assert_eq!((report.newly_missing, report.newly_corrupt, report.strays_kept), (0, 0, 0), "{report:?}");
        check(&vault, &home, &mut said);
    }
    eprintln!("{kills} kills, {acknowledged} acknowledgements, {swept} leftovers swept");
    assert!(swept > 0, "no kill hit anything: the test tests nothing");
    assert!(acknowledged > kills);
}

/// Compares with what was said, and forgets what is settled.
fn check(vault: &Vault, home: &Home, said: &mut HashMap<(u8, u64), Said>) {
    assert_equal_to_disk(vault);
    assert_eq!(home.incoming(), 0, "a temporary is left");
    assert_eq!(vault.usage().unwrap().reserved_bytes, 0);
    let mut shards = 0;
    said.retain(|&(who, seed), last| {
        let bytes = shard_of(seed);
        let root = root_of(&bytes);
        let [holds] = vault.holds(owner(who), &[root]).unwrap()[..] else { panic!("one answer") };
        match last {
            Said::Stored => assert!(holds, "an acknowledged shard is lost"),
            Said::Deleted => assert!(!holds, "a deleted shard is back"),
            Said::Storing | Said::Deleting => {}
        }
        if holds {
            assert!(read_all(vault, &root) == bytes, "a shard came back changed");
            *last = Said::Stored;
            shards += 1;
        }
        holds
    });
    assert_eq!(vault.usage().unwrap().shards, shards, "a shard that nobody sent");
}

fn shard_of(seed: u64) -> Vec<u8> {
    let leaves = [1, 40, 300, 700][usize::try_from(seed % 4).unwrap()];
    shard(seed, leaves * LEAF)
}

/// Answers the number of acknowledgements.
fn run_and_kill(dir: &Path, generation: u64, delay: Duration, said: &mut HashMap<(u8, u64), Said>) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["kill::child", "--exact", "--ignored", "--nocapture"])
        .env(DIR, dir)
        .env(GENERATION, generation.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (sender, lines) = mpsc::channel();
    let output = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        // A line that the kill cut in two was not said.
        let mut output = BufReader::new(output);
        let mut line = String::new();
        while output.read_line(&mut line).is_ok_and(|read| read > 0) && line.ends_with('\n') {
            sender.send(std::mem::take(&mut line)).unwrap();
        }
    });
    let mut acknowledged = 0;
    let mut note = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let ["layr", what, who, seed] = words[..] else { return };
        let what = match what {
            "storing" => Said::Storing,
            "stored" => Said::Stored,
            "deleting" => Said::Deleting,
            "deleted" => Said::Deleted,
            other => panic!("{other}"),
        };
        acknowledged += u64::from(matches!(what, Said::Stored | Said::Deleted));
        said.insert((who.parse().unwrap(), seed.parse().unwrap()), what);
    };
    let mut deadline = None;
    loop {
        let left = deadline
            .map_or(Duration::from_mins(1), |at: Instant| at.saturating_duration_since(Instant::now()));
        match lines.recv_timeout(left) {
            Ok(line) => {
                if line.contains("layr stored") {
                    deadline.get_or_insert(Instant::now() + delay);
                }
                note(&line);
            }
            Err(_) => break,
        }
        if deadline.is_some_and(|at| at <= Instant::now()) {
            break;
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap();
    for line in &lines {
        note(&line);
    }
    assert!(deadline.is_some(), "the child never stored anything");
    acknowledged
}

/// What is killed. Threads share owners and seeds, so that two owners hold some bodies together.
#[test]
#[ignore = "runs in a process of its own"]
fn child() {
    let Ok(dir) = std::env::var(DIR) else { return };
    let generation: u64 = std::env::var(GENERATION).unwrap().parse().unwrap();
    let (vault, _) = Vault::open(&VaultConfig::new(dir, 1 << 40, 0)).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let vault = &vault;
            scope.spawn(move || work(vault, generation, thread));
        }
    });
}

fn work(vault: &Vault, generation: u64, thread: u64) {
    let who = u8::try_from(thread % 2).unwrap();
    let say = |what: &str, seed: u64| {
        // Whole lines at once, also when the process dies.
        let line = format!("\nlayr {what} {who} {seed}\n");
        std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
        std::io::stdout().lock().flush().unwrap();
    };
    for step in 0..1000 {
        // Threads 0 and 1 store the same shards for two owners; thread 2 has its own.
        let seed = generation * 10_000 + step + if thread == 2 { 5000 } else { 0 };
        let bytes = shard_of(seed);
        say("storing", seed);
        try_put(vault, owner(who), &bytes).unwrap();
        say("stored", seed);
        if step % 4 != 3 {
            say("deleting", seed);
            let deleted = vault.delete(owner(who), &root_of(&bytes)).unwrap();
            assert!(matches!(deleted, Deleted::Removed { .. }));
            say("deleted", seed);
        }
    }
}
