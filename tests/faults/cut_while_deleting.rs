//! kill -9 of the owner and of hosts while hosts are asked to delete what no file needs any more. `LAYR_SEED` repeats a run.
//!
//! A deleted file is 30 days in the trash, and what it needed stays marked for 7 more. The library's clock moves by a day at
//! most for each start, so the days go by as starts, each of them after a power cut.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use layr_suites::{Devnet, sample};

use crate::PROGRAM;
use crate::clock::WrongClock;
use crate::power_cut::{Dice, assert_nothing_temporary, seed};

const HOSTS: usize = 4;
const MIB: usize = 1 << 20;
/// Days of power cuts while hosts are asked, and of files that are deleted on each.
const CUT_DAYS: u64 = 10;
/// Files that go to the trash on each of these days.
const FILES_A_DAY: u64 = 3;
/// Days from the trash to the first request to a host.
const DAYS_TO_LAST: u64 = 37;
/// A day on which the first day's files are out of the trash, and what they needed is marked but not yet let go of.
const DAY_OF_SECOND_LIFE: u64 = 33;
/// An instant of a power cut is the dice's, within the time that a start, a sweep and the requests take.
const CUT_WITHIN_MS: u64 = 1200;
/// How long the first of a day's deletions is waited for. Where none comes, the day's are left to the next start.
const FIRST_GONE_WITHIN: Duration = Duration::from_secs(3);
/// Hosts that could not be asked are asked again after minutes.
const ALL_GONE_WITHIN: Duration = Duration::from_mins(5);

/// A file to store.
struct File {
    name: String,
    content: Vec<u8>,
}

impl File {
    fn new(name: String, content: Vec<u8>) -> Self {
        Self { name, content }
    }
}

struct Story {
    net: Devnet,
    dice: Dice,
    kept: Vec<File>,
    /// The bodies that the kept files need: all that hosts may hold in the end.
    needed: BTreeSet<PathBuf>,
    /// Power cuts that came when some of what was due was gone, and some was not.
    cuts_between: u64,
}

#[test]
fn no_power_cut_while_hosts_delete_leaves_a_shard_or_takes_one_that_is_needed() {
    let seed = seed();
    let mut net = Devnet::start(PROGRAM, HOSTS);
    let dir = net.dir().to_owned();
    let clock = WrongClock::put_into(&mut net.owner, &dir);
    let mut story =
        Story { net, dice: Dice(seed), kept: Vec::new(), needed: BTreeSet::new(), cuts_between: 0 };

    let mut content = (seed..).map(|seed| sample::noise(seed, 2 * MIB));
    let mut doomed = Vec::new();
    for number in 0..CUT_DAYS * FILES_A_DAY {
        let file = File::new(format!("doomed-{number}"), content.next().unwrap());
        let made = story.put(&file).0;
        doomed.push((file, made));
    }
    for number in 0..2 {
        story.keep(File::new(format!("kept-{number}"), content.next().unwrap()));
    }
    // A kept file that begins like a deleted one: they share chunks, and with them a segment.
    let half = File::new("half".into(), content.by_ref().take(5).flatten().collect());
    let needed_by_both = story.put(&half).0;
    let longer = [half.content.as_slice(), &content.next().unwrap()].concat();
    assert!(story.keep(File::new("whole".into(), longer)) > 0, "the files must share chunks");
    // The last chunk of the shorter one goes on in the longer one, so a segment that holds it alone is not shared.
    let shared = story.roots("/whole");
    story.needed.extend(needed_by_both.into_iter().filter(|body| shared.contains(root_of(body))));
    story.net.owner.layr.ok(&["rm", "/half"]);

    for day in 0..DAYS_TO_LAST + CUT_DAYS {
        story.net.owner.kill();
        clock.set(&format!("+{day}d"));
        story.net.owner.start(&[]);
        if day < CUT_DAYS {
            for number in day * FILES_A_DAY..(day + 1) * FILES_A_DAY {
                story.net.owner.layr.ok(&["rm", &format!("/doomed-{number}")]);
            }
        }
        if day == DAY_OF_SECOND_LIFE {
            let (file, made) = &doomed[0];
            story.give_second_life(file);
            story.needed.extend(made.clone());
        }
        if day >= DAYS_TO_LAST {
            story.cut_the_power();
        }
    }
    story.net.owner.kill();
    clock.set(&format!("+{}d", DAYS_TO_LAST + CUT_DAYS));
    story.net.owner.start(&[]);
    story.ends_well();
}

impl Story {
    /// Stores a file on every host; gives the bodies that it made, and the bytes that were there already.
    fn put(&self, file: &File) -> (BTreeSet<PathBuf>, u64) {
        let path = self.net.dir().join(&file.name);
        std::fs::write(&path, &file.content).unwrap();
        let before = self.bodies();
        let put = self.net.owner.layr.ok(&["put", path.to_str().unwrap()]);
        assert_eq!(put["files"][0]["health"]["alive"], HOSTS, "{put}");
        std::fs::remove_file(path).unwrap();
        let made = self.bodies().difference(&before).cloned().collect();
        (made, put["files"][0]["deduplicated_bytes"].as_u64().unwrap())
    }

    /// Stores a file that stays; gives the bytes that were there already.
    fn keep(&mut self, file: File) -> u64 {
        let (made, shared_bytes) = self.put(&file);
        self.needed.extend(made);
        self.kept.push(file);
        shared_bytes
    }

    /// Stores the content of a deleted file under another name while its shards wait for their end: they must stay.
    fn give_second_life(&mut self, deleted: &File) {
        let shards = |story: &Self| {
            let verify = story.net.owner.layr.ok(&["verify"]);
            verify["passed"].as_u64().unwrap()
        };
        let known = shards(self);
        let again = File::new("second life".into(), deleted.content.clone());
        let shared_bytes = self.keep(again);
        assert_eq!(shared_bytes, deleted.content.len() as u64, "nothing of it may be uploaded again");
        assert_eq!(shards(self), known + HOSTS as u64, "its shards are needed again");
    }

    /// Roots of a file's shards.
    fn roots(&self, name: &str) -> BTreeSet<String> {
        let info = self.net.owner.layr.ok(&["info", name]);
        let segments = info["segments"].as_array().unwrap();
        let shards = segments.iter().flat_map(|segment| segment["shards"].as_array().unwrap());
        shards.map(|shard| shard["root"].as_str().unwrap().to_owned()).collect()
    }

    fn bodies(&self) -> BTreeSet<PathBuf> {
        self.net.hosts.iter().flat_map(layr_suites::Node::bodies).collect()
    }

    /// Two starts of a day on which files are let go of: one that is cut while that is decided, one while hosts are asked.
    fn cut_the_power(&mut self) {
        std::thread::sleep(Duration::from_millis(self.dice.roll(CUT_WITHIN_MS)));
        self.net.owner.kill();
        self.net.owner.start(&[]);
        let before = self.bodies().len();
        match self.dice.roll(4) {
            0 => std::thread::sleep(Duration::from_millis(self.dice.roll(CUT_WITHIN_MS))),
            1 => {
                self.wait_for_first_gone(before);
                let victim = usize::try_from(self.dice.roll(HOSTS as u64)).unwrap();
                self.net.hosts[victim].kill();
                self.net.hosts[victim].start(&[]);
                self.net.hosts[victim].assert_ledger();
            }
            _ => {
                self.wait_for_first_gone(before);
                std::thread::sleep(Duration::from_millis(self.dice.roll(10)));
            }
        }
        self.net.owner.kill();
        let gone = before - self.bodies().len();
        self.cuts_between += u64::from(gone > 0 && !gone.is_multiple_of(HOSTS));
        self.net.owner.start(&[]);
    }

    fn wait_for_first_gone(&self, before: usize) {
        let deadline = Instant::now() + FIRST_GONE_WITHIN;
        while self.bodies().len() == before && Instant::now() < deadline {}
    }

    /// Hosts hold what the kept files need and nothing else, and the files are what they were.
    fn ends_well(&mut self) {
        eprintln!("power cuts in the middle of a deletion: {}", self.cuts_between);
        let deadline = Instant::now() + ALL_GONE_WITHIN;
        while self.bodies() != self.needed {
            let bodies = self.bodies();
            let lost: Vec<_> = self.needed.difference(&bodies).collect();
            assert!(lost.is_empty(), "needed, and gone: {lost:?}");
            let left: Vec<_> = bodies.difference(&self.needed).collect();
            assert!(Instant::now() < deadline, "needed by nothing, and still there: {left:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
        for file in &self.kept {
            let back = self.net.dir().join("back");
            let name = format!("/{}", file.name);
            self.net.owner.layr.ok(&["get", &name, "-o", back.to_str().unwrap()]);
            assert!(std::fs::read(&back).unwrap() == file.content, "{name} differs");
        }
        let verify = self.net.owner.layr.ok(&["verify"]);
        assert_eq!(verify["passed"], self.needed.len(), "{verify}");
        for node in self.net.hosts.iter_mut().chain([&mut self.net.owner]) {
            node.kill();
            node.start(&[]);
        }
        for host in &self.net.hosts {
            host.assert_ledger();
        }
        assert_nothing_temporary(self.net.dir());
    }
}

/// A body bears its root as its name.
fn root_of(body: &Path) -> &str {
    body.file_name().unwrap().to_str().unwrap()
}
