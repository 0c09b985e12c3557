//! Which shards are looked for at hosts, and which are just being deleted there, so that no delete meets a copy that is taken back
//! into use at that moment.
//!
//! What was to be dropped is wanted again where a repair, or an upload that goes on, finds that its host still has it. From that
//! question until the copy is recorded nobody asks for its end, and nobody puts that question while a delete is under way.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use layr_codec::ShardRoot;
use parking_lot::Mutex;
use tokio::sync::Notify;

/// The two lists. Cheap to clone; all clones are the same lists.
#[derive(Debug, Clone, Default)]
pub(crate) struct LettingGo {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    lists: Mutex<Lists>,
    has_left: Notify,
    look_now: Notify,
}

/// Each root with the number of those who wait for its end.
#[derive(Debug, Default)]
struct Lists {
    wanted: BTreeMap<ShardRoot, usize>,
    leaving: BTreeMap<ShardRoot, usize>,
}

/// Shards that are looked for, until it is dropped: no host is asked to delete them.
#[derive(Debug)]
pub(crate) struct Wanted {
    shared: Arc<Shared>,
    roots: Vec<ShardRoot>,
}

/// Shards of which a delete is under way, until it is dropped.
#[derive(Debug)]
pub(crate) struct Leaving {
    shared: Arc<Shared>,
    roots: BTreeSet<ShardRoot>,
}

impl LettingGo {
    /// Wants these shards; returns once no delete of one of them is under way, which takes one question to a host at most.
    pub(crate) async fn want(&self, roots: Vec<ShardRoot>) -> Wanted {
        count(&mut self.shared.lists.lock().wanted, &roots);
        let wanted = Wanted { shared: Arc::clone(&self.shared), roots };
        loop {
            let has_left = self.shared.has_left.notified();
            if !self.shared.is_leaving(&wanted.roots) {
                return wanted;
            }
            has_left.await;
        }
    }

    /// Lets go of those of these shards that nobody wants.
    pub(crate) fn let_go(&self, roots: impl IntoIterator<Item = ShardRoot>) -> Leaving {
        let mut lists = self.shared.lists.lock();
        let roots: BTreeSet<ShardRoot> =
            roots.into_iter().filter(|root| !lists.wanted.contains_key(root)).collect();
        count(&mut lists.leaving, &roots);
        drop(lists);
        Leaving { shared: Arc::clone(&self.shared), roots }
    }
}

impl LettingGo {
    /// Has what is to be dropped looked at now, and not in a minute.
    pub(crate) fn look_now(&self) {
        self.shared.look_now.notify_one();
    }

    /// Returns when that is asked for, also before this was called. For the one who drops.
    pub(crate) async fn is_to_look(&self) {
        self.shared.look_now.notified().await;
    }
}

impl Shared {
    fn is_leaving(&self, roots: &[ShardRoot]) -> bool {
        let lists = self.lists.lock();
        roots.iter().any(|root| lists.leaving.contains_key(root))
    }
}

impl Leaving {
    /// Whether the shard is among them.
    pub(crate) fn contains(&self, root: &ShardRoot) -> bool {
        self.roots.contains(root)
    }
}

impl Drop for Wanted {
    fn drop(&mut self) {
        uncount(&mut self.shared.lists.lock().wanted, &self.roots);
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        uncount(&mut self.shared.lists.lock().leaving, &self.roots);
        self.shared.has_left.notify_waiters();
    }
}

fn count<'a>(list: &mut BTreeMap<ShardRoot, usize>, roots: impl IntoIterator<Item = &'a ShardRoot>) {
    for root in roots {
        *list.entry(*root).or_default() += 1;
    }
}

fn uncount<'a>(list: &mut BTreeMap<ShardRoot, usize>, roots: impl IntoIterator<Item = &'a ShardRoot>) {
    for root in roots {
        if let Some(count) = list.get_mut(root) {
            *count -= 1;
            if *count == 0 {
                list.remove(root);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use layr_codec::ShardRoot;

    use super::LettingGo;

    #[test]
    fn what_is_wanted_stays_and_what_leaves_is_waited_for() {
        let letting_go = LettingGo::default();
        let [one, other] = [1, 2].map(|number| ShardRoot::from_bytes([number; 32]));
        let leaving = letting_go.let_go([one]);
        assert!(leaving.contains(&one));
        let mut wanted = Box::pin(letting_go.want(vec![one, other]));
        assert!(wanted.as_mut().now_or_never().is_none(), "a delete is under way");
        // Who waits wants it already.
        assert!(!letting_go.let_go([one, other]).contains(&other));
        drop(leaving);
        let wanted = wanted.now_or_never().unwrap();
        let again = letting_go.want(vec![other]).now_or_never().unwrap();
        drop(wanted);
        assert!(letting_go.let_go([one]).contains(&one));
        assert!(!letting_go.let_go([other]).contains(&other), "somebody else wants it still");
        drop(again);
        assert!(letting_go.let_go([other]).contains(&other));
    }

    /// Who gives up waiting wants nothing any more.
    #[test]
    fn a_wish_ends_with_who_had_it() {
        let letting_go = LettingGo::default();
        let root = ShardRoot::from_bytes([1; 32]);
        let leaving = letting_go.let_go([root]);
        drop(letting_go.want(vec![root]).now_or_never());
        drop(leaving);
        assert!(letting_go.let_go([root]).contains(&root));
    }
}
