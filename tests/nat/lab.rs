//! The laboratory: a wide area network with one public host and two homes, each a host behind a router of some kind.
//!
//! ```text
//! home a 10.1.0.2 - router a 203.0.113.11 \
//!                                          wan - relay 203.0.113.1
//! home b 10.2.0.2 - router b 203.0.113.12 /
//! ```

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// Where the peers listen, inside.
pub(crate) const PORT: u16 = 4100;
/// What a [`Router::PortChanging`] router shows instead.
pub(crate) const CHANGED_PORT: u16 = 24100;
/// The public host.
pub(crate) const RELAY: &str = "203.0.113.1";
/// Start of the names of all namespaces; the process id follows.
const PREFIX: &str = "layrnat";
const MEMBERS: [&str; 6] = ["wan", "relay", "ra", "rb", "ha", "hb"];

/// What a home's router does to the ports of outgoing packets.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Router {
    /// Keeps them, whatever the destination: most homes.
    PortPreserving,
    /// Puts another one in its place, the same for all destinations.
    PortChanging,
    /// A new one for each destination: nobody can be told in advance where to knock.
    Symmetric,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Home {
    A,
    B,
}

impl Home {
    /// Address of the router on the wide area network: what others see of the home.
    pub(crate) fn outside(self) -> &'static str {
        match self {
            Self::A => "203.0.113.11",
            Self::B => "203.0.113.12",
        }
    }

    fn inside(self) -> &'static str {
        match self {
            Self::A => "10.1.0",
            Self::B => "10.2.0",
        }
    }

    fn router(self) -> &'static str {
        match self {
            Self::A => "ra",
            Self::B => "rb",
        }
    }

    pub(crate) fn host(self) -> &'static str {
        match self {
            Self::A => "ha",
            Self::B => "hb",
        }
    }
}

pub(crate) struct Lab {
    name: String,
}

impl Lab {
    pub(crate) fn new(a: Router, b: Router) -> Self {
        static BUILT: AtomicU32 = AtomicU32::new(0);
        sweep();
        let number = BUILT.fetch_add(1, Ordering::Relaxed);
        let lab = Self { name: format!("{PREFIX}-{}-{number}", std::process::id()) };
        for member in MEMBERS {
            ip(&["netns", "add", &lab.namespace(member)]);
            lab.link(member, &["lo", "up"]);
        }
        ip(&["-n", &lab.namespace("wan"), "link", "add", "bridge", "type", "bridge"]);
        lab.link("wan", &["bridge", "up"]);
        lab.plug_into_wan("relay", RELAY);
        lab.home(Home::A, a);
        lab.home(Home::B, b);
        lab
    }

    /// A command to run on one of the hosts.
    pub(crate) fn on(&self, member: &str, program: &Path) -> Command {
        let [ip, words @ ..] = self.runner(member);
        let mut command = Command::new(ip);
        command.args(words).arg(program);
        command
    }

    /// What to write before a command so that it runs on one of the hosts; it becomes that command.
    pub(crate) fn runner(&self, member: &str) -> [String; 4] {
        ["ip", "netns", "exec", &self.namespace(member)].map(str::to_owned)
    }

    /// Bytes that the relay's only interface has sent since the laboratory was built.
    pub(crate) fn relay_sent_bytes(&self) -> u64 {
        let counter = "/sys/class/net/wan/statistics/tx_bytes";
        let mut command = self.on("relay", Path::new("cat"));
        run(command.arg(counter), "").trim().parse().unwrap()
    }

    fn namespace(&self, member: &str) -> String {
        format!("{}-{member}", self.name)
    }

    fn link(&self, member: &str, set: &[&str]) {
        let namespace = self.namespace(member);
        ip(&[&["-n", &namespace, "link", "set"], set].concat());
    }

    fn address(&self, member: &str, interface: &str, address: &str) {
        ip(&["-n", &self.namespace(member), "address", "add", &format!("{address}/24"), "dev", interface]);
        self.link(member, &[interface, "up"]);
    }

    fn cable(&self, (one, at_one): (&str, &str), (other, at_other): (&str, &str)) {
        let (one, other) = (self.namespace(one), self.namespace(other));
        ip(&[
            "link", "add", at_one, "netns", &one, "type", "veth", "peer", "name", at_other, "netns", &other,
        ]);
    }

    fn plug_into_wan(&self, member: &str, address: &str) {
        self.cable((member, "wan"), ("wan", member));
        self.link("wan", &[member, "master", "bridge"]);
        self.link("wan", &[member, "up"]);
        self.address(member, "wan", address);
    }

    fn home(&self, home: Home, kind: Router) {
        let (router, host) = (home.router(), home.host());
        self.plug_into_wan(router, home.outside());
        self.cable((router, "lan"), (host, "lan"));
        let gateway = format!("{}.1", home.inside());
        self.address(router, "lan", &gateway);
        self.address(host, "lan", &format!("{}.2", home.inside()));
        ip(&["-n", &self.namespace(host), "route", "add", "default", "via", &gateway]);
        let mut forward = self.on(router, Path::new("sh"));
        run(forward.args(["-c", "echo 1 >/proc/sys/net/ipv4/ip_forward"]), "");
        let mut nft = self.on(router, Path::new("nft"));
        run(nft.args(["-f", "-"]), &rules(home, kind));
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        for member in MEMBERS {
            delete(&self.namespace(member));
        }
    }
}

/// The rules of a router. Its own input is closed, as that of home routers is: if a peer's early packet were answered, it
/// would stay in the table of connections and push the home's own packet to another port.
fn rules(home: Home, kind: Router) -> String {
    let outside = home.outside();
    let translate = match kind {
        Router::PortPreserving => r#"oifname "wan" masquerade"#.to_owned(),
        Router::PortChanging => format!(
            "oifname \"wan\" meta l4proto {{ tcp, udp }} th sport {PORT} snat to {outside}:{CHANGED_PORT}"
        ),
        Router::Symmetric => r#"oifname "wan" masquerade fully-random"#.to_owned(),
    };
    format!(
        r#"
table ip nat {{
  chain post {{
    type nat hook postrouting priority srcnat;
    {translate}
  }}
}}
table ip filter {{
  chain input {{
    type filter hook input priority filter; policy drop;
    iifname != "wan" accept
    ct state established,related accept
  }}
  chain forward {{
    type filter hook forward priority filter; policy drop;
    iifname "lan" accept
    ct state established,related accept
  }}
}}
"#
    )
}

/// Removes laboratories of test processes that were killed and could not.
fn sweep() {
    for line in ip(&["netns", "list"]).lines() {
        let name = line.split(' ').next().unwrap_or_default();
        let owner = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').nth(1));
        if owner.is_some_and(|owner| !Path::new("/proc").join(owner).exists()) {
            delete(name);
        }
    }
}

/// Ends what still runs there, then removes the namespace.
fn delete(namespace: &str) {
    let quiet = |words: &[&str]| Command::new("ip").args(words).stderr(Stdio::null()).output();
    if let Ok(left) = quiet(&["netns", "pids", namespace]) {
        for process in String::from_utf8_lossy(&left.stdout).split_whitespace() {
            let _ = Command::new("kill").args(["-9", process]).stderr(Stdio::null()).status();
        }
    }
    let _ = quiet(&["netns", "delete", namespace]);
}

fn ip(words: &[&str]) -> String {
    run(Command::new("ip").args(words), "")
}

fn run(command: &mut Command, input: &str) -> String {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| {
        panic!("{command:?}: {error}; the laboratory needs root and the packages iproute2 and nftables")
    });
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{command:?}: {} (the laboratory needs root and the packages iproute2 and nftables)",
        complaint.trim()
    );
    String::from_utf8(output.stdout).unwrap()
}
