//! A gate before a server: an outage, and a server that is another one than it was.

use std::io::copy;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// Passes connections on to where it leads. Closed, it ends all that there are and each that comes; stuck, it takes them and says nothing.
#[derive(Debug)]
pub struct Gate {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    way: Way,
    /// Both ends of what passes, and what is stuck.
    passing: Vec<TcpStream>,
}

#[derive(Debug, Clone)]
enum Way {
    To(String),
    Closed,
    Stuck,
}

impl Gate {
    /// One that leads to the server at `http://address`. Its threads end with the test's process.
    pub fn before(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(Mutex::new(State { way: to(url), passing: Vec::new() }));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A connection that cannot be passed on is one that is cut.
                let _ = shared.lock().expect("its state").pass(client);
            }
        });
        Self { address, state }
    }

    /// Where it is reached, as `http://address`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Cuts everybody off.
    pub fn close(&self) {
        self.turn(Way::Closed);
    }

    /// Cuts everybody off, and lets newcomers wait for ever.
    pub fn stick(&self) {
        self.turn(Way::Stuck);
    }

    /// Leads to the server at `http://address`, which ends an outage.
    pub fn lead_to(&self, url: &str) {
        self.turn(to(url));
    }

    fn turn(&self, way: Way) {
        let mut state = self.state.lock().expect("its state");
        state.way = way;
        for stream in state.passing.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn to(url: &str) -> Way {
    Way::To(url.trim_start_matches("http://").to_owned())
}

impl State {
    fn pass(&mut self, client: TcpStream) -> std::io::Result<()> {
        let server = match &self.way {
            Way::Closed => return Ok(()),
            Way::Stuck => {
                self.passing.push(client);
                return Ok(());
            }
            Way::To(server) => TcpStream::connect(server)?,
        };
        self.passing.extend([client.try_clone()?, server.try_clone()?]);
        for (from, to) in [(client.try_clone()?, server.try_clone()?), (server, client)] {
            let (mut from, mut to) = (from, to);
            thread::spawn(move || {
                let _ = copy(&mut from, &mut to);
                let _ = to.shutdown(Shutdown::Write);
            });
        }
        Ok(())
    }
}
