//! What two homes can be for each other, by the kinds of their routers.

use std::time::Duration;

use serde_json::Value;

use crate::lab::{CHANGED_PORT, Home, Lab, PORT, RELAY, Router};
use crate::peer::Peer;

/// Until a home knows that nobody reaches it, and has a place at the relay.
const RESERVED_WITHIN: Duration = Duration::from_mins(1);
/// Until the dialler has tried everything: a hole punch that fails takes 20 s.
const ENDED_WITHIN: Duration = Duration::from_mins(2);
/// Exit codes of the dialler.
const DIRECT: i32 = 0;
const ONLY_RELAYED: i32 = 3;

/// A relay, a listener in home a and a dialler in home b that have done what they do.
struct Meeting {
    listener: Peer,
    dialer: Peer,
    _seed: Peer,
    code: i32,
    /// Last, because fields are dropped in order: first the peers end.
    lab: Lab,
}

impl Meeting {
    fn hold(listener_home: Router, dialer_home: Router, transport: &str, more: &[&str]) -> Self {
        let lab = Lab::new(listener_home, dialer_home);
        let seed = Peer::start(&lab, "relay", "seed", &["--key", "1"]);
        let carrier = if transport == "quic" { format!("udp/{PORT}/quic-v1") } else { format!("tcp/{PORT}") };
        let address = format!("/ip4/{RELAY}/{carrier}/p2p/{}", seed.id());
        let common = ["--seed", &address, "--transport", transport];
        let mut listener =
            Peer::start(&lab, Home::A.host(), "listener", &[&["--key", "2"], &common[..]].concat());
        listener.event("reservation", RESERVED_WITHIN);
        let words = [&["--key", "3", "--to", "2"], &common[..], more].concat();
        let mut dialer = Peer::start(&lab, Home::B.host(), "dialer", &words);
        let code = dialer.end(ENDED_WITHIN);
        Self { listener, dialer, _seed: seed, code, lab }
    }

    /// The dialler's event, which it has printed by now.
    fn dialer_said(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        self.dialer.event_that(what, Duration::ZERO, fits)
    }

    /// They met by the relay, and then reach each other at the outside of their routers, at this port.
    fn assert_direct(&mut self, port: u16) {
        assert_eq!(self.code, DIRECT, "the dialler said:\n{}", self.dialer.transcript());
        let listener = self.listener.id();
        self.dialer_said("relayed connection with the listener", |event| {
            event["event"] == "relayed-connection" && event["peer"] == listener.as_str()
        });
        let outside = format!("/ip4/{}/", Home::A.outside());
        let direct = self.dialer_said("direct connection with the listener", |event| {
            event["event"] == "direct-connection" && event["peer"] == listener.as_str()
        });
        let address = direct["address"].as_str().unwrap();
        assert!(address.starts_with(&outside) && address.contains(&format!("/{port}")), "{address}");
        let echo = self.dialer_said("echo", |event| event["event"] == "echo" && event["route"] == "direct");
        assert_eq!((&echo["relayed"], &echo["complete"]), (&false.into(), &true.into()), "{echo}");
    }

    /// Control messages go through the relay, nothing else goes anywhere, and the listener counts as no place for shards.
    fn assert_only_relayed(&mut self) {
        assert_eq!(self.code, ONLY_RELAYED, "the dialler said:\n{}", self.dialer.transcript());
        let listener = self.listener.id();
        let echo = self.dialer_said("echo", |event| event["event"] == "echo" && event["route"] == "any");
        assert_eq!((&echo["relayed"], &echo["complete"]), (&true.into(), &true.into()), "{echo}");
        self.dialer_said("refusal of a direct stream", |event| {
            event["event"] == "no-stream" && event["route"] == "direct"
        });
        let contact = self.dialer_said("listener among the hosts", |event| {
            event["event"] == "contact" && event["peer"] == listener.as_str()
        });
        assert_eq!(contact["relayed_only"], true, "{contact}");
    }
}

#[test]
fn port_preserving_homes_connect_directly() {
    for transport in ["quic", "tcp"] {
        Meeting::hold(Router::PortPreserving, Router::PortPreserving, transport, &[]).assert_direct(PORT);
    }
}

#[test]
fn port_changing_homes_connect_directly() {
    for transport in ["quic", "tcp"] {
        Meeting::hold(Router::PortChanging, Router::PortChanging, transport, &[]).assert_direct(CHANGED_PORT);
    }
}

#[test]
fn symmetric_home_is_reached_through_the_relay_only() {
    for (dialer_home, transport) in [(Router::PortPreserving, "quic"), (Router::Symmetric, "tcp")] {
        Meeting::hold(Router::Symmetric, dialer_home, transport, &[]).assert_only_relayed();
    }
}

#[test]
fn bulk_goes_past_the_relay_and_the_relayed_connection_closes() {
    const BULK_BYTES: u64 = 16 << 20;
    /// Hole punching, introductions, probes and one small echo; a copy of the bulk is 16 times as much.
    const SIGNALLING_BYTES: u64 = 1 << 20;
    let more = ["--bulk-mib", "16", "--linger", "6"];
    let mut meeting = Meeting::hold(Router::PortPreserving, Router::PortPreserving, "quic", &more);
    meeting.assert_direct(PORT);
    let echo = meeting.dialer_said("echo", |event| event["event"] == "echo" && event["route"] == "direct");
    assert_eq!(echo["bytes"], BULK_BYTES, "{echo}");
    let sent_bytes = meeting.lab.relay_sent_bytes();
    assert!(sent_bytes < SIGNALLING_BYTES, "the relay sent {sent_bytes} bytes");
    let listener = meeting.listener.id();
    meeting.dialer_said("end of the relayed connection", |event| {
        event["event"] == "connection-closed"
            && event["peer"] == listener.as_str()
            && event["relayed"] == true
    });
}
