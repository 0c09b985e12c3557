//! Which hosts there are, which of them live, and who gets the next shard.
//!
//! A host is *eligible* when it answered an `Offer` request a moment ago over a direct connection, accepts shards and has
//! room. No shard goes anywhere else. What this node learns on the way (a host is down, full, slow) is remembered here
//! for a while, so that nobody waits twice for the same dead host.

mod leaving;
mod placement;
mod report;
mod subnet;
mod table;

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use layr_codec::FEWEST_HOSTS;
use layr_keys::PeerId;
use layr_library::{HostUpdate, Library, Offer as RecordedOffer, StoreError};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use placement::{Candidate, Held, Placement, place};
pub(crate) use report::priced_holders;
pub use report::report;
pub use subnet::{Location, Subnet, location_of};

pub use self::table::HostCount;
use self::table::{Host, MAX_HOSTS, Standing, Table};
use crate::background::TaskReport;
use crate::client::{Client, ClientError, HostContact, SignedOffer, Verdict};
use crate::clock::Clock;
use crate::net::{Net, PeerContact, Route};
use crate::reputation::online;
use crate::wire::{KnownHost, MAX_ADDRESS_BYTES, MAX_OFFER_ADDRESSES};

/// How long a host that failed us is passed over; then it is asked again.
const DOWN_FOR: Duration = Duration::from_mins(1);
/// How long a host that was overtaken by the others gets fewer shards.
const SLOW_FOR: Duration = Duration::from_mins(10);
/// How long a sample of the network is good for; while there are enough hosts none is taken.
const SAMPLE_FRESH_FOR: Duration = Duration::from_secs(10);
/// Peers asked for in one sample, and how long that may take: three rounds of a random walk at 1 s.
const SAMPLE_PEERS: usize = 64;
const SAMPLE_DEADLINE: Duration = Duration::from_secs(3);
/// What the network gets beyond its deadline to hand over whom it found until then.
const SAMPLE_SLACK: Duration = Duration::from_secs(2);
/// How long a node that knows too few hosts looks again, and the pause between two looks: joining takes seconds over bad lines.
const JOIN_DEADLINE: Duration = Duration::from_secs(6);
const JOIN_PAUSE: Duration = Duration::from_millis(250);
/// Eligible hosts beyond which nobody else is looked for: the largest profile places 30, and has half as many to choose from.
const ENOUGH_HOSTS: usize = 45;
/// Longest time for a round of questions, and the patience with the rest once half have answered: whoever needs four
/// times as long as the median is no host for an upload now.
const ROUND_DEADLINE: Duration = Duration::from_secs(6);
const ROUND_PATIENCE: Duration = Duration::from_millis(1500);
/// Questions under way at once, so that a large network does not open hundreds of connections.
const ASKED_AT_ONCE: usize = 64;

/// The hosts that this node knows. Cheap to clone; all clones are the same table.
#[derive(Clone)]
pub struct Hosts {
    shared: Arc<Shared>,
}

struct Shared {
    client: Client,
    net: Arc<dyn Net>,
    library: Library,
    clock: Arc<dyn Clock>,
    task: TaskReport,
    table: Mutex<Table>,
    /// One round of questions at a time: a second upload that starts now profits from the first one's answers.
    round: tokio::sync::Mutex<()>,
    /// Told when a host is found to leave.
    leaves: Notify,
    /// Where the answers go that come after their round.
    late: TaskTracker,
    closing: CancellationToken,
}

/// A question under way, however it ends.
struct Asking {
    shared: Arc<Shared>,
    peer: PeerId,
}

impl Asking {
    /// `None` when this host is being asked already.
    fn begin(hosts: &Hosts, peer: PeerId) -> Option<Self> {
        let is_first = hosts.shared.table.lock().asking.insert(peer);
        is_first.then(|| Self { shared: Arc::clone(&hosts.shared), peer })
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.shared.table.lock().asking.remove(&self.peer);
    }
}

impl std::fmt::Debug for Hosts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hosts").field("known", &self.shared.table.lock().hosts.len()).finish_non_exhaustive()
    }
}

impl Hosts {
    /// A table filled from the library's hosts at the first question.
    pub(crate) fn new(
        client: Client,
        net: Arc<dyn Net>,
        library: Library,
        clock: Arc<dyn Clock>,
        task: TaskReport,
    ) -> Self {
        let table = Mutex::default();
        Self {
            shared: Arc::new(Shared {
                client,
                net,
                library,
                clock,
                task,
                table,
                round: tokio::sync::Mutex::default(),
                leaves: Notify::new(),
                late: TaskTracker::new(),
                closing: CancellationToken::new(),
            }),
        }
    }

    /// Gives up the questions that are still open; nothing is written to the library afterwards.
    pub async fn close(&self) {
        self.shared.closing.cancel();
        self.shared.late.close();
        self.shared.late.wait().await;
    }

    /// Makes sure that at least `needed` hosts are known to be eligible, if there are so many. Costs nothing while their
    /// last answers, or the shards that they took, are fresh.
    ///
    /// # Errors
    /// The library cannot be read.
    pub async fn keep_fresh(&self, needed: usize) -> Result<(), StoreError> {
        if self.count().eligible < needed {
            self.refresh().await?;
        }
        Ok(())
    }

    /// Asks until there are enough eligible hosts or nobody else to ask, within seconds, and counts.
    ///
    /// # Errors
    /// The library cannot be read.
    pub async fn refresh(&self) -> Result<HostCount, StoreError> {
        let _round = self.shared.round.lock().await;
        let task = &self.shared.task;
        let _given_up = task.round();
        let outcome = self.look_around().await;
        match &outcome {
            Ok(HostCount { alive: 0, .. }) => task.failed("No host has answered."),
            outcome => task.ended(outcome),
        }
        outcome
    }

    async fn look_around(&self) -> Result<HostCount, StoreError> {
        self.load().await?;
        let mut asked = BTreeSet::new();
        self.ask_directly(&mut asked).await;
        if self.count().eligible < ENOUGH_HOSTS && self.is_sample_due() {
            self.sample(&mut asked).await;
        }
        Ok(self.count())
    }

    /// Looks around in the network. A node that has just started has met nobody but a seed yet: it looks again until the
    /// smallest upload has hosts enough, or until a look finds nobody new.
    async fn sample(&self, asked: &mut BTreeSet<PeerId>) {
        let deadline = Instant::now() + JOIN_DEADLINE;
        let mut known_before = self.count().known;
        loop {
            let sample = self.shared.net.sample_peers(SAMPLE_PEERS, SAMPLE_DEADLINE);
            self.learn_contacts(timeout(SAMPLE_DEADLINE + SAMPLE_SLACK, sample).await.unwrap_or_default());
            self.ask_directly(asked).await;
            let HostCount { known, eligible, .. } = self.count();
            let is_all = known > 0 && known <= known_before;
            if eligible >= FEWEST_HOSTS || is_all || Instant::now() >= deadline {
                return;
            }
            known_before = known;
            sleep(JOIN_PAUSE).await;
        }
    }

    /// Asks those whom only a relay leads to, so that people can see who they are. They get no shards all the same.
    pub async fn ask_relayed(&self) {
        let _round = self.shared.round.lock().await;
        self.ask_round(self.due_for_question(|_, host| host.relayed_only), Route::Any).await;
    }

    /// The hosts that only a relay leads to, as last heard of.
    pub fn relayed(&self) -> BTreeSet<PeerId> {
        let table = self.shared.table.lock();
        table.hosts.iter().filter(|(_, host)| host.relayed_only).map(|(peer, _)| *peer).collect()
    }

    /// The eligible hosts as last heard of.
    pub fn eligible(&self) -> Vec<Candidate> {
        let now = Instant::now();
        let table = self.shared.table.lock();
        let eligible = table.hosts.iter().filter(|(_, host)| host.is_eligible(now, table.price_limit));
        let candidate = |(peer, host): (&PeerId, &Host)| {
            let (is_vetted, subnets) = host.bonds();
            Candidate {
                contact: HostContact { peer: *peer, addresses: Arc::clone(&host.addresses) },
                free_bytes: host.free_bytes,
                slow: host.slow_until.is_some_and(|until| now < until),
                online: online(&host.evidence),
                price: host.price_of(table.price_limit),
                is_vetted,
                subnets,
            }
        };
        eligible.map(candidate).collect()
    }

    /// Where shards lie that these hosts have. Who is not known here counts as proven, and as alone in its network.
    pub fn held_by<'a>(&self, peers: impl IntoIterator<Item = &'a PeerId>) -> Held {
        let table = self.shared.table.lock();
        let mut held = Held::default();
        for host in peers.into_iter().filter_map(|peer| table.hosts.get(peer)) {
            let (is_vetted, subnets) = host.bonds();
            held.add(is_vetted, &subnets);
        }
        held
    }

    /// How the hosts look right now.
    pub fn count(&self) -> HostCount {
        self.shared.table.lock().count(Instant::now())
    }

    /// Offers of the hosts that answered since this node started.
    pub fn offers(&self) -> Vec<KnownHost> {
        self.shared.table.lock().hosts.values().filter_map(|host| host.offer.clone()).collect()
    }

    /// Where to reach a host: what is known here before what a manifest says.
    pub fn contact(&self, peer: PeerId, addresses: &[String]) -> HostContact {
        let table = self.shared.table.lock();
        match table.hosts.get(&peer).filter(|host| !host.addresses.is_empty()) {
            Some(host) => HostContact { peer, addresses: Arc::clone(&host.addresses) },
            None => HostContact::new(peer, addresses.to_vec()),
        }
    }

    /// Whether the host failed us a moment ago, so that others should be asked first.
    pub fn is_down(&self, peer: PeerId) -> bool {
        let now = Instant::now();
        self.shared.table.lock().hosts.get(&peer).is_some_and(|host| host.is_down(now))
    }

    /// Whether the host kept others waiting lately.
    pub fn is_slow(&self, peer: PeerId) -> bool {
        let now = Instant::now();
        let table = self.shared.table.lock();
        table.hosts.get(&peer).is_some_and(|host| host.slow_until.is_some_and(|until| now < until))
    }

    /// Remembers what a failed request says about the host.
    pub fn note_failure(&self, peer: PeerId, error: &ClientError) {
        let now = Instant::now();
        self.with_host(peer, |host| match error.verdict() {
            Verdict::Unreachable => host.down_until = Some(now + DOWN_FOR),
            Verdict::NoRoom => host.free_bytes = 0,
            Verdict::Busy => host.slow_until = Some(now + DOWN_FOR),
            Verdict::Missing | Verdict::Corrupt => {}
        });
    }

    /// Remembers that the host was overtaken by the others.
    pub fn note_slow(&self, peer: PeerId) {
        let until = Instant::now() + SLOW_FOR;
        self.with_host(peer, |host| host.slow_until = Some(until));
    }

    /// Remembers that the host just served us.
    pub fn note_alive(&self, peer: PeerId) {
        let now = Instant::now();
        self.with_host(peer, |host| {
            host.down_until = None;
            host.answered_at = host.offer.as_ref().map(|_| now);
        });
    }

    /// Remembers that the host spoilt an upload: it is passed over like one that is down.
    pub fn note_spoilt(&self, peer: PeerId) {
        let until = Instant::now() + DOWN_FOR;
        self.with_host(peer, |host| host.down_until = Some(until));
    }

    /// Takes room off the host's offer that a shard of ours will fill, until it is asked again.
    pub fn note_placed(&self, peer: PeerId, size_bytes: u64) {
        self.with_host(peer, |host| host.free_bytes = host.free_bytes.saturating_sub(size_bytes));
    }

    fn with_host(&self, peer: PeerId, change: impl FnOnce(&mut Host)) {
        if let Some(host) = self.shared.table.lock().remembered(peer) {
            change(host);
        }
    }

    /// Takes the library's hosts into the table, as far as there is room.
    async fn load(&self) -> Result<(), StoreError> {
        let library = self.shared.library.clone();
        let recorded = crate::threads::spawn_blocking(move || library.hosts_to_ask(MAX_HOSTS));
        let Ok(recorded) = recorded.await else { return Ok(()) };
        let mut table = self.shared.table.lock();
        for record in recorded? {
            if table.hosts.len() >= MAX_HOSTS && !table.hosts.contains_key(&record.peer) {
                continue;
            }
            let host = table.hosts.entry(record.peer).or_insert_with(|| Host::new(Vec::new()));
            let standing = if record.offer.is_some() { Standing::Offered } else { Standing::Met };
            host.standing = host.standing.max(standing);
            host.evidence = record.evidence;
            host.take_leaving(record.leaves_unix_s.is_some(), record.leaving_said_ago_s);
            if host.addresses.is_empty() {
                host.addresses = record.addresses.into();
            }
        }
        Ok(())
    }

    fn is_sample_due(&self) -> bool {
        let now = Instant::now();
        let mut table = self.shared.table.lock();
        let due = table.sampled_at.is_none_or(|at| now.duration_since(at) >= SAMPLE_FRESH_FOR);
        if due {
            table.sampled_at = Some(now);
        }
        due
    }

    fn learn_contacts(&self, contacts: Vec<PeerContact>) {
        let own = self.shared.net.local_peer();
        let mut table = self.shared.table.lock();
        for contact in contacts.into_iter().take(SAMPLE_PEERS).filter(|contact| contact.peer != own) {
            let Some(host) = table.remembered(contact.peer) else { continue };
            let addresses = bounded(contact.addresses);
            if !addresses.is_empty() {
                host.addresses = addresses.into();
            }
            host.relayed_only = contact.relayed_only;
            host.standing = host.standing.max(Standing::Met);
        }
    }

    /// Asks everybody who was not asked yet and whose answer is not fresh.
    async fn ask_directly(&self, asked: &mut BTreeSet<PeerId>) {
        let due = self.due_for_question(|peer, host| !host.relayed_only && !asked.contains(peer));
        asked.extend(due.iter().map(|contact| contact.peer));
        self.ask_round(due, Route::Direct).await;
    }

    /// Asks for offers and waits until half have answered and the rest had a little more time. Answers that come later
    /// count as well; who never answers is known to be down by then.
    async fn ask_round(&self, waiting: Vec<HostContact>, route: Route) {
        let total = waiting.len();
        let mut waiting = waiting.into_iter();
        let mut questions = JoinSet::new();
        for contact in waiting.by_ref().take(ASKED_AT_ONCE) {
            questions.spawn(self.clone().ask(contact, route));
        }
        let mut updates = Vec::new();
        let mut answered = 0;
        let mut deadline = Instant::now() + ROUND_DEADLINE;
        while let Ok(Some(update)) = tokio::time::timeout_at(deadline, questions.join_next()).await {
            if let Some(contact) = waiting.next() {
                questions.spawn(self.clone().ask(contact, route));
            }
            answered += 1;
            if answered * 2 >= total {
                deadline = deadline.min(Instant::now() + ROUND_PATIENCE);
            }
            updates.extend(update.ok().flatten());
            if self.count().eligible >= 2 * ENOUGH_HOSTS {
                break;
            }
        }
        self.record(updates).await;
        let hosts = self.clone();
        let late = async move {
            while let Some(update) = questions.join_next().await {
                hosts.record(update.ok().flatten().into_iter().collect()).await;
            }
        };
        self.shared.late.spawn(self.shared.closing.clone().run_until_cancelled_owned(late));
    }

    /// Asks one host for its offer and remembers what it says; bounded by the client's deadlines.
    async fn ask(self, contact: HostContact, route: Route) -> Option<HostUpdate> {
        let _asking = Asking::begin(&self, contact.peer)?;
        match self.shared.client.offer(&contact, route).await {
            Ok(signed) => {
                let leaves_in_s = signed.offer.leaves_in_s;
                let update = self.note_offer(&contact, signed);
                self.note_leaving(contact.peer, leaves_in_s).await;
                Some(update)
            }
            Err(error) => {
                tracing::debug!(host = %contact.peer, %error, "a host gave no offer");
                self.note_failure(contact.peer, &error);
                None
            }
        }
    }

    /// Those among whom `include` names whose answer is not fresh, unless they failed us a moment ago or are being asked. Who has
    /// made an offer before comes first: most of those live.
    fn due_for_question(&self, include: impl Fn(&PeerId, &Host) -> bool) -> Vec<HostContact> {
        let now = Instant::now();
        let table = self.shared.table.lock();
        let mut due: Vec<_> = table
            .hosts
            .iter()
            .filter(|(peer, host)| include(peer, host) && host.standing > Standing::Named)
            .filter(|(peer, host)| !host.is_fresh(now) && !host.is_down(now) && !table.asking.contains(peer))
            .collect();
        due.sort_by_key(|(_, host)| Reverse(host.standing));
        due.into_iter()
            .map(|(peer, host)| HostContact { peer: *peer, addresses: Arc::clone(&host.addresses) })
            .collect()
    }

    fn note_offer(&self, contact: &HostContact, signed: SignedOffer) -> HostUpdate {
        let now = Instant::now();
        let addresses = bounded(signed.offer.addresses.clone());
        let update = HostUpdate {
            peer: contact.peer,
            addresses: if addresses.is_empty() { contact.addresses.to_vec() } else { addresses.clone() },
            offer: Some(RecordedOffer { record: signed.record, sequence: signed.sequence }),
            seen_unix_s: self.shared.clock.now_unix_s(),
        };
        self.with_host(contact.peer, |host| {
            host.free_bytes = signed.offer.free_bytes;
            host.offer = Some(KnownHost { peer: contact.peer, offer: signed.offer });
            host.standing = Standing::Offered;
            host.answered_at = Some(now);
            host.down_until = None;
            if !addresses.is_empty() {
                host.addresses = addresses.into();
            }
        });
        update
    }

    async fn record(&self, updates: Vec<HostUpdate>) {
        if updates.is_empty() {
            return;
        }
        let library = self.shared.library.clone();
        // The host table is a convenience for the next start; an upload does not fail over it.
        match crate::threads::spawn_blocking(move || library.upsert_hosts(&updates)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "cannot record what hosts answered"),
            Err(error) => tracing::warn!(%error, "cannot record what hosts answered"),
        }
    }
}

/// Addresses within the library's limits: a sample of the network is a stranger's word.
fn bounded(addresses: Vec<String>) -> Vec<String> {
    let fine = |address: &String| {
        (1..=MAX_ADDRESS_BYTES).contains(&address.len()) && !address.chars().any(char::is_control)
    };
    addresses.into_iter().filter(fine).take(MAX_OFFER_ADDRESSES).collect()
}
