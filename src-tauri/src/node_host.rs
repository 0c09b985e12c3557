//! Owns the node of this process: starts it, watches it, tells the page, stops it.
//!
//! One task supervises. It tries to start the node; where that fails it waits until the person has put it right; while
//! the node runs it serves the control socket and looks at the state after every event and at a slow beat. The latest
//! [`NodeView`] lies in a watch channel: a page that is slow sees the newest one, never a backlog. Ends with
//! [`NodeHost::stop`], a signal, or a `stop` on the control socket.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use layr_control::{ControlServer, NodeService};
use layr_node::clock::Surroundings;
use layr_node::error::{ErrorCode, NodeError};
use layr_node::home::Home;
use layr_node::identity;
use layr_node::node::{NetworkChoice, Node, NodeStart};
use layr_node::shutdown::terminated;
use tauri::async_runtime::{self, JoinHandle};
use tauri::{AppHandle, Emitter};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::home::ChosenHome;
use crate::view::NodeView;
use crate::{MAIN_WINDOW, passphrase};

/// Name of the event that carries a [`NodeView`].
const VIEW_EVENT: &str = "node-view";
/// Least time between two looks at the node: events of a busy node come by the hundred.
const LOOK_PAUSE: Duration = Duration::from_millis(250);
/// Longest time between two looks while the person works in the window: peers come and go without an event.
const LOOK_BEAT: Duration = Duration::from_secs(2);
/// The same while the window is in the background.
const LOOK_BEAT_BEHIND: Duration = Duration::from_secs(15);
/// Longest wait for the node to stop; it promises less than five seconds.
const STOP_DEADLINE: Duration = Duration::from_secs(8);

/// The handle that the commands use.
#[derive(Debug)]
pub(crate) struct NodeHost {
    view: watch::Receiver<NodeView>,
    retries: mpsc::Sender<Retry>,
    in_front: Arc<AtomicBool>,
    stop: CancellationToken,
    supervisor: parking_lot::Mutex<Option<JoinHandle<()>>>,
}

/// Answered, by being dropped, when the attempt is over.
type Retry = Option<oneshot::Sender<()>>;

/// Starts the node of `home` in the background.
pub(crate) fn start(app: &AppHandle, home: ChosenHome) -> NodeHost {
    let (shown, view) = watch::channel(NodeView::Starting);
    // One waiting attempt is enough: a second would find what the first has found.
    let (retries, asked) = mpsc::channel(1);
    let stop = CancellationToken::new();
    let in_front = Arc::new(AtomicBool::new(true));
    async_runtime::spawn(tell_page(app.clone(), view.clone()));
    async_runtime::spawn(quit_on_signal(app.clone(), stop.clone()));
    let supervisor = Supervisor {
        app: app.clone(),
        home,
        shown,
        asked,
        in_front: Arc::clone(&in_front),
        stop: stop.clone(),
    };
    let supervisor = async_runtime::spawn(supervisor.run());
    NodeHost { view, retries, in_front, stop, supervisor: parking_lot::Mutex::new(Some(supervisor)) }
}

impl NodeHost {
    /// Where the node stands.
    pub(crate) fn view(&self) -> NodeView {
        self.view.borrow().clone()
    }

    /// Tries again to start a node that could not start, and returns when the attempt is over.
    pub(crate) async fn retry_start(&self) {
        let (done, over) = oneshot::channel();
        if self.retries.send(Some(done)).await.is_ok() {
            let _ = over.await;
        }
    }

    /// The window came to the front or went behind others.
    pub(crate) fn focused(&self, in_front: bool) {
        self.in_front.store(in_front, Ordering::Relaxed);
        if in_front && self.view.borrow().may_have_passed() {
            // A full channel means that an attempt is waiting already.
            let _ = self.retries.try_send(None);
        }
    }

    /// Stops the node and waits for it, for at most [`STOP_DEADLINE`].
    pub(crate) fn stop(&self) {
        self.stop.cancel();
        if let Some(supervisor) = self.supervisor.lock().take() {
            let ended = async_runtime::block_on(async { timeout(STOP_DEADLINE, supervisor).await });
            if ended.is_err() {
                tracing::warn!("the node did not stop in time; what was acknowledged is on disk");
            }
        }
    }
}

struct Supervisor {
    app: AppHandle,
    home: ChosenHome,
    shown: watch::Sender<NodeView>,
    asked: mpsc::Receiver<Retry>,
    in_front: Arc<AtomicBool>,
    stop: CancellationToken,
}

/// A node and its control socket.
struct Running {
    node: Node,
    server: ControlServer,
}

impl Supervisor {
    async fn run(mut self) {
        let mut answer: Retry = None;
        while !self.stop.is_cancelled() {
            let running = match open(&self.home).await {
                Ok(running) => running,
                Err(view) => {
                    self.show(view);
                    drop(answer.take());
                    answer = tokio::select! {
                        () = self.stop.cancelled() => return,
                        retry = self.asked.recv() => retry.flatten(),
                    };
                    continue;
                }
            };
            drop(answer.take());
            self.serve(running).await;
            // Stopped from here or through the control socket: either way the person wants it gone.
            self.app.exit(0);
            return;
        }
    }

    /// Serves until somebody asks the node to stop, then stops it.
    async fn serve(&mut self, Running { node, server }: Running) {
        let stop = self.stop.clone();
        let service = Arc::new(NodeService::new(node.clone(), stop.clone()));
        let control = async_runtime::spawn(server.serve(service, stop.clone()));
        let mut events = node.events();
        loop {
            let view = match node.status().await {
                Ok(status) => NodeView::running(&self.home, status),
                Err(error) => NodeView::of_node_error(&self.home, error),
            };
            self.show(view);
            let beat = if self.in_front.load(Ordering::Relaxed) { LOOK_BEAT } else { LOOK_BEAT_BEHIND };
            tokio::select! {
                () = stop.cancelled() => break,
                event = events.recv() => {
                    if matches!(event, Err(RecvError::Closed)) {
                        break;
                    }
                    // What happens within the pause is seen by the one look after it.
                    sleep(LOOK_PAUSE).await;
                    events = events.resubscribe();
                }
                retry = self.asked.recv() => drop(retry),
                () = sleep(beat) => {}
            }
        }
        stop.cancel();
        let _ = control.await;
        node.stop().await;
    }

    fn show(&self, view: NodeView) {
        self.shown.send_if_modified(|shown| {
            let changed = !shown.looks_like(&view);
            if changed {
                *shown = view;
            }
            changed
        });
    }
}

/// Takes the home, opens its keys and starts its node; or says why not.
async fn open(chosen: &ChosenHome) -> Result<Running, NodeView> {
    let of_home = |error| NodeView::of_home_error(chosen, error);
    let of_node = |error: NodeError| NodeView::of_node_error(chosen, error);
    let home = Home::new(chosen.dir());
    let config = home.config().map_err(of_home)?;
    let lock = home.lock().map_err(of_home)?;
    let passphrase = passphrase::given(|name| std::env::var_os(name)).map_err(of_node)?;
    let secrets = identity::open(&home, passphrase).await.map_err(of_node)?;
    let start = NodeStart {
        home: home.clone(),
        lock,
        secrets,
        surroundings: Surroundings::default(),
        network: NetworkChoice::Libp2p { listen: config.listen },
    };
    let node = Node::start(start).await.map_err(of_node)?;
    match ControlServer::bind(&home.control_socket()) {
        Ok(server) => Ok(Running { node, server }),
        Err(error) => {
            node.stop().await;
            Err(of_node(NodeError::new(ErrorCode::LocalFile, error.to_string())))
        }
    }
}

/// Hands each new view to the page. Ends with the supervisor.
async fn tell_page(app: AppHandle, mut view: watch::Receiver<NodeView>) {
    while view.changed().await.is_ok() {
        let latest = view.borrow_and_update().clone();
        if let Err(error) = app.emit_to(MAIN_WINDOW, VIEW_EVENT, latest) {
            tracing::warn!("the page was not told of a change: {error}");
        }
    }
}

/// A signal ends the app as closing its window does.
async fn quit_on_signal(app: AppHandle, stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = terminated() => app.exit(0),
    }
}
