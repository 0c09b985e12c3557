//! Faults by script: what a test does to the network and its nodes.

use std::sync::Arc;
use std::time::Duration;

use layr_keys::PeerId;
use layr_node::net::Incoming;
use tokio::sync::mpsc;

use super::stream::Wire;
use super::{Peer, SimNet};

/// How a node is out of reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Its process is gone: connections break at once and new ones are refused at once.
    Dead,
    /// Its line is gone: nothing moves, nothing answers, whoever asks waits.
    Silent,
    /// It answers, but speaks none of our protocols.
    Refusing,
}

impl SimNet {
    /// One-way delay between any two nodes, for streams opened from now on.
    pub fn set_latency(&self, latency: Duration) {
        self.state.lock().latency = latency;
    }

    /// Lets a sample of the network take all the time that it was given and this much more, as the random walk of a real one
    /// does that meets dead peers. `None` ends this.
    pub fn set_sample_overrun(&self, overrun: Option<Duration>) {
        self.state.lock().sample_overrun = overrun;
    }

    /// Rate of a node's line in bytes a second; `None` lifts it. Shared by all streams of the node.
    pub fn set_bandwidth(&self, peer: PeerId, up_bytes_per_s: Option<u64>, down_bytes_per_s: Option<u64>) {
        self.with_peer(peer, |entry| {
            entry.up.lock().bytes_per_s = up_bytes_per_s;
            entry.down.lock().bytes_per_s = down_bytes_per_s;
        });
    }

    /// Takes a node out of reach. Open streams break or hang, as `failure` says.
    pub fn fail(&self, peer: PeerId, failure: Failure) {
        self.with_peer(peer, |entry| entry.failure = Some(failure));
        for wire in self.wires_of(peer) {
            match failure {
                Failure::Silent => wire.set_stalled(true),
                Failure::Dead | Failure::Refusing => wire.reset(),
            }
        }
    }

    /// Brings a node back into reach; streams that hung go on.
    pub fn heal(&self, peer: PeerId) {
        self.with_peer(peer, |entry| entry.failure = None);
        for wire in self.wires_of(peer) {
            wire.set_stalled(false);
        }
    }

    /// Lets nothing through on the streams that a node has open now; new ones work.
    pub fn stall_streams(&self, peer: PeerId) {
        for wire in self.wires_of(peer) {
            wire.set_stalled(true);
        }
    }

    /// Breaks the streams that a node has open now; new ones work.
    pub fn break_streams(&self, peer: PeerId) {
        for wire in self.wires_of(peer) {
            wire.reset();
        }
    }

    /// Breaks every stream to `peer` after that many bytes in one direction; `None` ends this.
    pub fn break_streams_after(&self, peer: PeerId, bytes: Option<u64>) {
        self.with_peer(peer, |entry| entry.reset_streams_after_bytes = bytes);
    }

    /// Lets a node give its streams room for this many bytes that it has not read, for streams opened from now on.
    pub fn set_window(&self, peer: PeerId, window_bytes: usize) {
        self.with_peer(peer, |entry| entry.window_bytes = window_bytes);
    }

    /// Lets two nodes no longer see each other, or see each other again.
    pub fn set_pair_cut(&self, one: PeerId, other: PeerId, cut: bool) {
        let pair = (one.min(other), one.max(other));
        {
            let mut state = self.state.lock();
            if cut {
                state.cut_pairs.insert(pair);
            } else {
                state.cut_pairs.remove(&pair);
            }
        }
        for wire in self.wires_of(one).iter().filter(|wire| wire.touches(other)) {
            wire.set_stalled(cut);
        }
    }

    /// Puts a node behind a NAT that only a relay gets through.
    pub fn set_relayed_only(&self, peer: PeerId, relayed_only: bool) {
        self.with_peer(peer, |entry| entry.relayed_only = relayed_only);
    }

    /// Gives a node another address; who knows only the old one has to look it up.
    pub fn move_to_new_address(&self, peer: PeerId, address: &str) {
        self.with_peer(peer, |entry| address.clone_into(&mut entry.address));
    }

    /// Bytes that a node has sent so far.
    pub fn sent_bytes(&self, peer: PeerId) -> u64 {
        self.state.lock().peers.get(&peer).map_or(0, |entry| entry.up.lock().carried_bytes)
    }

    /// Streams that a node has open, in either direction.
    pub fn open_streams(&self, peer: PeerId) -> usize {
        self.wires_of(peer).len()
    }

    pub(crate) fn interpose(&self, peer: PeerId, liar: Option<mpsc::Sender<Incoming>>) {
        self.with_peer(peer, |entry| entry.interposed = liar);
    }

    pub(crate) fn detach(&self, peer: PeerId) {
        self.with_peer(peer, |entry| entry.inbox = None);
        self.break_streams(peer);
    }

    fn with_peer(&self, peer: PeerId, change: impl FnOnce(&mut Peer)) {
        if let Some(entry) = self.state.lock().peers.get_mut(&peer) {
            change(entry);
        }
    }

    fn wires_of(&self, peer: PeerId) -> Vec<Arc<Wire>> {
        let state = self.state.lock();
        state
            .peers
            .get(&peer)
            .map_or_else(Vec::new, |entry| entry.wires.iter().filter_map(std::sync::Weak::upgrade).collect())
    }
}
