//! Clocks that are set back or forward a year, of an owner and of a host: while they run, and while they were off.

use layr_suites::{Devnet, sample};

use crate::PROGRAM;
use crate::clock::{RIGHT, WrongClock, restart};

const HOSTS: u64 = 3;
const BACK: &str = "-365d";
const FORWARD: &str = "+365d";

/// What was stored and deleted so far.
#[derive(Default)]
struct Story {
    kept: Vec<String>,
    trashed: Vec<String>,
}

impl Story {
    /// Stores and deletes under this clock, and asserts that everything from before is there. Gives the time of the deletion
    /// as the owner's clock shows it.
    fn goes_on(&mut self, net: &Devnet, when: &str) -> String {
        let owner = &net.owner.layr;
        let put = |name: &str, seed: u64| {
            let file = net.dir().join(name);
            std::fs::write(&file, sample::noise(seed, 300_000)).unwrap();
            let put = owner.ok(&["put", file.to_str().unwrap()]);
            assert_eq!(put["files"][0]["health"]["alive"], HOSTS, "{when}: {put}");
        };
        let number = 2 * self.kept.len() as u64;
        let (kept, trashed) = (format!("kept {when}"), format!("trashed {when}"));
        put(&kept, number);
        put(&trashed, number + 1);
        owner.ok(&["rm", &format!("/{trashed}")]);
        self.kept.push(kept);
        self.trashed.push(trashed);

        let names = |command: &str| {
            let report = owner.ok(&[command]);
            let files = report["files"].as_array().unwrap().clone();
            let name = |file: &serde_json::Value| file["name"].as_str().unwrap()[1..].to_owned();
            let mut names: Vec<_> = files.iter().map(name).collect();
            names.sort();
            (names, files)
        };
        let sorted = |names: &[String]| {
            let mut names = names.to_vec();
            names.sort();
            names
        };
        assert_eq!(names("ls").0, sorted(&self.kept), "{when}");
        let (in_trash, rows) = names("trash");
        assert_eq!(in_trash, sorted(&self.trashed), "{when}");
        let back = net.dir().join("back");
        for name in &self.kept {
            owner.ok(&["get", &format!("/{name}"), "-o", back.to_str().unwrap()]);
            sample::assert_same(&net.dir().join(name), &back);
        }
        let verify = owner.ok(&["verify"]);
        assert_eq!(verify["passed"], HOSTS * self.kept.len() as u64, "{when}: {verify}");
        for host in &net.hosts {
            host.assert_ledger();
        }
        let newest = self.trashed.last().unwrap();
        let row = rows.iter().find(|row| row["name"] == format!("/{newest}")).unwrap();
        row["deleted"].as_str().unwrap().to_owned()
    }
}

#[test]
fn a_clock_off_by_a_year_loses_nothing_and_stops_nothing() {
    let mut net = Devnet::start(PROGRAM, usize::try_from(HOSTS).unwrap());
    let dir = net.dir().to_owned();
    let owners = WrongClock::put_into(&mut net.owner, &dir);
    let hosts = WrongClock::put_into(&mut net.hosts[0], &dir);
    let mut story = Story::default();
    let today = story.goes_on(&net, "today");
    for (at_owner, at_host) in [(BACK, FORWARD), (FORWARD, BACK), (BACK, BACK), (RIGHT, RIGHT)] {
        let when = format!("{at_owner} and {at_host}");
        owners.set(at_owner);
        hosts.set(at_host);
        let month = story.goes_on(&net, &format!("{when}, running"))[..7].to_owned();
        let expected = match at_owner {
            BACK => month.as_str() < &today[..7],
            FORWARD => month.as_str() > &today[..7],
            _ => true,
        };
        assert!(expected, "the owner's clock shows {month} for {when}, and showed {today}");
        restart(&mut net.owner);
        restart(&mut net.hosts[0]);
        story.goes_on(&net, &format!("{when}, restarted"));
    }
    for name in &story.trashed {
        net.owner.layr.ok(&["restore", &format!("/{name}")]);
        let back = net.dir().join("back");
        net.owner.layr.ok(&["get", &format!("/{name}"), "-o", back.to_str().unwrap()]);
        sample::assert_same(&net.dir().join(name), &back);
    }
}
