//! A gate before a server, which a test closes: an outage.

use std::io::copy;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// Passes connections on to a server while it is open. Closed, it ends all that there are and each that comes.
#[derive(Debug)]
pub struct Gate {
    address: SocketAddr,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    is_closed: AtomicBool,
    /// Both ends of what passes.
    passing: Mutex<Vec<TcpStream>>,
}

impl Gate {
    /// An open one before the server at `http://address`. Its threads end with the test's process.
    pub fn before(url: &str) -> Self {
        let server = url.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::<State>::default();
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A connection that cannot be passed on is one that is cut.
                let _ = shared.pass(client, &server);
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
        let mut passing = self.state.passing.lock().expect("the list");
        self.state.is_closed.store(true, Ordering::SeqCst);
        for stream in passing.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Ends the outage.
    pub fn open(&self) {
        self.state.is_closed.store(false, Ordering::SeqCst);
    }
}

impl State {
    fn pass(&self, client: TcpStream, server: &str) -> std::io::Result<()> {
        let server = TcpStream::connect(server)?;
        let mut passing = self.passing.lock().expect("the list");
        if self.is_closed.load(Ordering::SeqCst) {
            return Ok(());
        }
        passing.extend([client.try_clone()?, server.try_clone()?]);
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
