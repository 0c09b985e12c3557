//! Years of a network's life in minutes: one real owner's node, hundreds of light hosts that come, go, lie and lose, a virtual
//! clock, and chances from one seed.

mod fate;
mod report;
mod watch;

use std::time::Duration;

use layr_node::api::{GetRequest, PutRequest};
use layr_node::operation::OperationKind;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng};
use tokio::time::{Instant, sleep_until};

pub use self::fate::Plan;
use self::fate::{Event, Timeline, exponential};
pub use self::report::{Detection, Fault, SimulationReport};
use self::watch::Watch;
use crate::light_host::{LightHost, Manner, Tally, Traffic};
use crate::network::{SimNetwork, SimNode};
use crate::sim_net::Failure;

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// A host of the simulation and what has befallen it.
struct Host {
    light: LightHost,
    is_dead: bool,
    /// Reasons for which it is out of reach now.
    away: u32,
}

/// A network under way.
struct Simulation {
    plan: Plan,
    chances: StdRng,
    network: SimNetwork,
    owner: SimNode,
    hosts: Vec<Host>,
    tally: Tally,
    timeline: Timeline,
    /// Hosts that drop leaves, and which share of them.
    dropping: Vec<(usize, Fault)>,
    watch: Watch,
    began: Instant,
    report: SimulationReport,
    /// What was asked when all files had been stored.
    stored: Traffic,
}

/// Lives through `plan`. Must be called inside a current-thread runtime whose time is paused. All of its course follows from the seed:
/// [`SimulationReport::course`] tells whether two runs took the same.
pub async fn simulate(plan: Plan) -> SimulationReport {
    layr_node::threads::do_all_work_on_this_thread();
    let mut simulation = Simulation::begin(plan).await;
    simulation.live().await;
    simulation.end().await
}

impl Simulation {
    async fn begin(plan: Plan) -> Self {
        let mut network = SimNetwork::in_memory(plan.seed);
        network.net().set_latency(Duration::from_millis(20));
        let tally = Tally::default();
        let mut hosts = Vec::new();
        for _ in 0..plan.hosts {
            hosts.push(Host::new(network.add_light_host(&tally)));
        }
        let owner = network.add_owner().await;
        let watch = Watch::new(owner.events());
        let mut simulation = Self {
            chances: StdRng::seed_from_u64(plan.seed),
            network,
            owner,
            hosts,
            tally,
            timeline: Timeline::default(),
            dropping: Vec::new(),
            watch,
            began: Instant::now(),
            report: SimulationReport::new(&plan),
            stored: Traffic::default(),
            plan,
        };
        simulation.store().await;
        simulation.arrange();
        simulation
    }

    /// Every file by itself, so that each is a segment of its own.
    async fn store(&mut self) {
        for number in 0..self.plan.files {
            let path = self.network.scratch().join(format!("file-{number}"));
            std::fs::write(&path, self.content(number)).expect("a file to store");
            let request = PutRequest {
                paths: vec![path.clone()],
                to: None,
                redundancy: Some(self.plan.redundancy),
                dry_run: false,
            };
            let operation = self.owner.operation(OperationKind::Put, "simulation");
            self.owner.put(request, &operation).await.expect("all hosts are there");
            std::fs::remove_file(&path).expect("a file that was stored");
        }
        self.began = Instant::now();
        self.stored = self.tally.traffic();
        self.report.shard_bytes = self.hosts.iter().map(|host| host.light.kept().1).sum();
    }

    /// What a file holds: noise of its own.
    fn content(&self, number: usize) -> Vec<u8> {
        let mut noise =
            StdRng::seed_from_u64(self.plan.seed.wrapping_mul(0x9E37_79B9).wrapping_add(number as u64));
        let mut content = vec![0; self.plan.file_bytes];
        rand::Rng::fill_bytes(&mut noise, &mut content);
        content
    }

    /// Draws what will befall the network.
    fn arrange(&mut self) {
        let suspects = 2 * self.plan.droppers;
        for host in 0..self.hosts.len() {
            if host < suspects {
                let when = self.within(HOUR * 12, DAY * self.plan.days / 8);
                let (per_mille, manner) = (if host % 2 == 0 { 10 } else { 50 }, manner(host));
                self.timeline.add(when, Event::Drops { host, per_mille, manner });
            } else {
                self.give_life(host, Duration::ZERO);
            }
            self.plan_outage(host, Duration::ZERO);
        }
        for event in [Event::RegionLeaves, Event::OwnerIsCutOff, Event::OwnerSleeps] {
            let when = self.within(self.plan.regional_every / 2, self.plan.regional_every * 2);
            self.timeline.add(when, event);
        }
    }

    /// When a host dies, and whether its disk does before.
    fn give_life(&mut self, host: usize, from: Duration) {
        let life = exponential(&mut self.chances, self.plan.host_life);
        self.timeline.add(from + life, Event::Dies(host));
        let disk = exponential(&mut self.chances, self.plan.disk_life);
        if disk < life {
            self.timeline.add(from + disk, Event::LosesDisk(host));
        }
    }

    fn plan_outage(&mut self, host: usize, from: Duration) {
        let when = from + exponential(&mut self.chances, self.plan.outage_every);
        self.timeline.add(when, Event::Leaves(host));
    }

    fn within(&mut self, from: Duration, until: Duration) -> Duration {
        Duration::from_secs(
            self.chances.random_range(from.as_secs()..until.as_secs().max(from.as_secs() + 1)),
        )
    }

    async fn live(&mut self) {
        let end = DAY * self.plan.days;
        while let Some((at, event)) = self.timeline.next().filter(|(at, _)| *at < end) {
            self.wait_until(at).await;
            self.befall(at, event);
        }
        self.wait_until(end).await;
    }

    /// Lets time pass, and hears what the owner is told meanwhile.
    async fn wait_until(&mut self, at: Duration) {
        let until = self.began + at;
        loop {
            tokio::select! {
                biased;
                () = self.watch.told() => {}
                () = sleep_until(until) => return,
            }
            self.hear().await;
        }
    }

    /// Takes what the owner was told by now.
    async fn hear(&mut self) {
        for (host, fault) in &self.dropping {
            let light = &self.hosts[*host].light;
            match light.short_since() {
                Some(since) => self.watch.suspect(since.duration_since(self.began), light.peer(), *fault),
                None => self.watch.acquit(&light.peer()),
            }
        }
        let entries = self.owner.activity().await.expect("the library can be read").entries;
        self.watch.take(self.began.elapsed(), &entries);
    }

    fn befall(&mut self, now: Duration, event: Event) {
        match event {
            Event::Dies(host) => self.die(now, host),
            Event::Arrives => {
                let light = self.network.add_light_host(&self.tally);
                self.hosts.push(Host::new(light));
                let host = self.hosts.len() - 1;
                self.give_life(host, now);
                self.plan_outage(host, now);
            }
            Event::Leaves(host) => {
                self.leave(host);
                let back = now + self.within(HOUR / 2, HOUR * 12);
                self.timeline.add(back, Event::Returns(vec![host]));
                self.plan_outage(host, back);
            }
            Event::Returns(hosts) => {
                for host in hosts {
                    self.come_back(host);
                }
            }
            Event::LosesDisk(host) if !self.hosts[host].is_dead => {
                self.lose(now, host, Fault::LostDisk);
                self.hosts[host].light.lose_everything();
            }
            Event::LosesDisk(_) => {}
            Event::Drops { host, per_mille, manner } => {
                self.hosts[host].light.drop_leaves(per_mille, manner);
                self.dropping.push((host, Fault::Drops { per_mille, manner }));
            }
            Event::RegionLeaves => {
                let hosts: Vec<usize> = (0..self.hosts.len()).filter(|host| host % 10 == 3).collect();
                for host in &hosts {
                    self.leave(*host);
                }
                let back = now + self.within(HOUR * 6, HOUR * 18);
                self.timeline.add(back, Event::Returns(hosts));
                self.timeline.add(now + self.plan.regional_every, Event::RegionLeaves);
            }
            Event::OwnerIsCutOff => {
                self.cut_off(true);
                let over = now + self.within(HOUR * 2, HOUR * 12);
                self.timeline.add(over, Event::OwnerSeesAll);
                self.timeline.add(now + self.plan.regional_every, Event::OwnerIsCutOff);
            }
            Event::OwnerSeesAll => self.cut_off(false),
            Event::OwnerSleeps => {
                self.network.net().fail(self.owner.peer(), Failure::Silent);
                let over = now + self.within(HOUR * 8, DAY * 3);
                self.timeline.add(over, Event::OwnerWakes);
                self.timeline.add(now + self.plan.regional_every, Event::OwnerSleeps);
            }
            Event::OwnerWakes => self.network.net().heal(self.owner.peer()),
        }
    }

    fn die(&mut self, now: Duration, host: usize) {
        if !self.hosts[host].is_dead {
            self.lose(now, host, Fault::Died);
            self.hosts[host].is_dead = true;
            self.network.net().fail(self.hosts[host].light.peer(), Failure::Silent);
            let when = now + exponential(&mut self.chances, DAY);
            self.timeline.add(when, Event::Arrives);
        }
    }

    fn lose(&mut self, now: Duration, host: usize, fault: Fault) {
        let (shards, bytes) = self.hosts[host].light.kept();
        self.report.lost_bytes += bytes;
        if shards > 0 {
            self.watch.suspect(now, self.hosts[host].light.peer(), fault);
        }
    }

    fn leave(&mut self, host: usize) {
        self.hosts[host].away += 1;
        self.network.net().fail(self.hosts[host].light.peer(), Failure::Silent);
    }

    fn come_back(&mut self, host: usize) {
        let host = &mut self.hosts[host];
        host.away -= 1;
        if host.away == 0 && !host.is_dead {
            self.network.net().heal(host.light.peer());
        }
    }

    /// Half of the hosts are out of the owner's sight, and in everybody else's.
    fn cut_off(&self, is_cut: bool) {
        for host in self.hosts.iter().step_by(2) {
            self.network.net().set_pair_cut(self.owner.peer(), host.light.peer(), is_cut);
        }
    }

    async fn end(mut self) -> SimulationReport {
        self.hear().await;
        self.bring_all_back();
        let traffic = self.tally.traffic();
        self.report.repair = self.owner.repair_traffic();
        let read_bytes = traffic.get_bytes - self.stored.get_bytes;
        // What a host has begun to send counts for it at once, and for the owner as it comes.
        self.report.audit_read_bytes = read_bytes.saturating_sub(self.report.repair.read_bytes);
        self.report.taken_bytes = traffic.put_bytes - self.stored.put_bytes;
        self.report.audits = traffic.audits - self.stored.audits;
        self.report.leaves = traffic.leaves - self.stored.leaves;
        self.report.course = self.tally.course();
        self.report.hosts = self.hosts.len();
        self.report.died = self.hosts.iter().filter(|host| host.is_dead).count();
        for number in 0..self.plan.files {
            if let Err(reason) = self.bring_back(number).await {
                self.report.lost_files += 1;
                self.report.losses.push(reason);
            }
        }
        self.network.kill(&mut self.owner).await;
        self.watch.settle(&mut self.report);
        self.report
    }

    /// What is only away at the end is lost to nobody.
    fn bring_all_back(&self) {
        self.cut_off(false);
        self.network.net().heal(self.owner.peer());
        for host in self.hosts.iter().filter(|host| !host.is_dead) {
            self.network.net().heal(host.light.peer());
        }
    }

    /// Reads a file back, byte for byte.
    async fn bring_back(&self, number: usize) -> Result<(), String> {
        let output = self.network.scratch().join("back");
        let name = format!("/file-{number}");
        let request = GetRequest { name: name.clone(), output: output.clone(), range: None, version: None };
        let operation = self.owner.operation(OperationKind::Get, "simulation");
        self.owner.get(request, &operation).await.map_err(|error| format!("{name}: {error}"))?;
        let read = std::fs::read(&output).expect("a file that came back");
        std::fs::remove_file(&output).expect("a file that came back");
        if read == self.content(number) { Ok(()) } else { Err(format!("{name}: it came back as another")) }
    }
}

impl Host {
    fn new(light: LightHost) -> Self {
        Self { light, is_dead: false, away: 0 }
    }
}

/// Half of those that drop leaves forge them, the others put off what they are asked about them.
fn manner(host: usize) -> Manner {
    if host % 4 < 2 { Manner::Forges } else { Manner::PutsOff }
}
