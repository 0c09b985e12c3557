//! Owns the node of this process: starts it, watches it, tells the page, stops it.
//!
//! One task supervises. It tries to start the node; where that fails it waits until the person has put it right; while
//! the node runs it serves the control socket, where there is one, and looks at the state after every event and at a slow beat. The latest
//! [`NodeView`] lies in a watch channel: a page that is slow sees the newest one, never a backlog. [`NodeHost::lock`] stops the
//! node and not the task, which waits for the passphrase then. Ends with [`NodeHost::stop`], a signal, or a `stop` on the
//! control socket.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use layr_control::{ControlServer, NodeService};
use layr_node::clock::Surroundings;
use layr_node::error::{ErrorCode, NodeError};
use layr_node::home::{Home, KeyStoreKind};
use layr_node::node::{NetworkChoice, Node, NodeStart};
use layr_node::shutdown::terminated;
use tauri::async_runtime::{self, JoinHandle};
use tauri::{AppHandle, Runtime};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::home::ChosenHome;
use crate::ipc::PageEvent;
use crate::keys::{Environment, Keys};
use crate::try_out::{self, TryOut};
use crate::view::NodeView;
use asked::{Answer, Asked};
use last_status::{LastStatus, Look};
pub(crate) use telling::Moving;
use telling::{Tell, tell_changes, tell_views, teller};

mod asked;
mod last_status;
mod telling;

/// Least time between two looks at the node: events of a busy node come by the hundred.
const LOOK_PAUSE: Duration = Duration::from_millis(250);
/// The same while the window is hidden: only the tray shows then what moves, in words.
const LOOK_PAUSE_HIDDEN: Duration = Duration::from_secs(2);
/// Longest time between two looks while the person works in the window: peers come and go without an event.
const LOOK_BEAT: Duration = Duration::from_secs(2);
/// The same while the window is in the background.
const LOOK_BEAT_BEHIND: Duration = Duration::from_secs(15);
/// The same while it is hidden: then only the tray shows whether anybody is connected.
const LOOK_BEAT_HIDDEN: Duration = Duration::from_mins(1);
/// Longest wait for the node, and all that end with it, to stop: what it promises, and no more than a person is to wait for.
const STOP_DEADLINE: Duration = Duration::from_secs(5);

/// Looks at a home that another process holds before the person is waited for: an app that is just ending lets go of it
/// within [`STOP_DEADLINE`], on a machine that is not busy.
const HOME_LOOKS: u32 = 10;
/// Time between two of them.
const HOME_LOOK_PAUSE: Duration = Duration::from_secs(1);

/// The exit code of a process that a second signal ends, as shells have it for the first of them.
const EXIT_SIGNAL: i32 = 130;
/// Where the owner of a network inside the app listens.
const LOOPBACK: &str = "/ip4/127.0.0.1/tcp/0";

/// The handle that the commands use.
pub(crate) struct NodeHost {
    home: ChosenHome,
    view: watch::Receiver<NodeView>,
    moving: watch::Receiver<Moving>,
    shown_again: watch::Sender<()>,
    asks: mpsc::Sender<Asked>,
    node: NodeSlot,
    keys: Arc<Keys>,
    tell: Tell,
    in_front: Arc<AtomicBool>,
    is_hidden: Arc<AtomicBool>,
    stop: CancellationToken,
    supervisor: parking_lot::Mutex<Option<JoinHandle<()>>>,
}

/// What a host is started with.
pub(crate) struct HostStart {
    /// Whose node it is.
    pub(crate) home: ChosenHome,
    /// Looks an environment variable up.
    pub(crate) environment: Environment,
    /// Ends the app: called when a node that ran begins to stop, and when a signal asks for it.
    pub(crate) quit: Quit,
}

/// Ends the app.
pub(crate) type Quit = Arc<dyn Fn() + Send + Sync>;
/// The node while it runs.
type NodeSlot = Arc<parking_lot::Mutex<Option<Node>>>;

/// Starts the node of `home` in the background.
pub(crate) fn start<R: Runtime>(app: &AppHandle<R>, start: HostStart) -> NodeHost {
    let HostStart { home, environment, quit } = start;
    let (shown, view) = watch::channel(NodeView::Starting);
    let (moves, moving) = watch::channel(None);
    let (shown_again, is_shown_again) = watch::channel(());
    // One waiting attempt is enough: a second would find what the first has found.
    let (asks, asked) = mpsc::channel(1);
    let stop = CancellationToken::new();
    let in_front = Arc::new(AtomicBool::new(true));
    let is_hidden = Arc::new(AtomicBool::new(false));
    let node = NodeSlot::default();
    let keys = Arc::new(Keys::new(Home::new(home.dir()), environment));
    let tell = Arc::new(teller(app));
    async_runtime::spawn(tell_views(Arc::clone(&tell), view.clone(), is_shown_again.clone()));
    async_runtime::spawn(quit_on_signal(Arc::clone(&quit), stop.clone()));
    let supervisor = Supervisor {
        home: home.clone(),
        keys: Arc::clone(&keys),
        quit,
        tell: Arc::clone(&tell),
        node: Arc::clone(&node),
        shown,
        moves: Arc::new(moves),
        is_shown_again,
        asked,
        in_front: Arc::clone(&in_front),
        is_hidden: Arc::clone(&is_hidden),
        stop: stop.clone(),
    };
    let supervisor = async_runtime::spawn(supervisor.run());
    NodeHost {
        home,
        view,
        moving,
        shown_again,
        asks,
        node,
        keys,
        tell,
        in_front,
        is_hidden,
        stop,
        supervisor: parking_lot::Mutex::new(Some(supervisor)),
    }
}

impl NodeHost {
    /// Whose node it is.
    pub(crate) fn home(&self) -> &ChosenHome {
        &self.home
    }

    /// Where the node stands.
    pub(crate) fn view(&self) -> NodeView {
        self.view.borrow().clone()
    }

    /// Where the node stands, with every change.
    pub(crate) fn views(&self) -> watch::Receiver<NodeView> {
        self.view.clone()
    }

    /// What moves, with every look at it.
    pub(crate) fn moving(&self) -> watch::Receiver<Moving> {
        self.moving.clone()
    }

    /// The node, to ask something of it.
    ///
    /// # Errors
    /// [`ErrorCode::NoNode`] while it does not run.
    pub(crate) fn node(&self) -> Result<Node, NodeError> {
        self.node.lock().clone().ok_or_else(|| {
            NodeError::new(ErrorCode::NoNode, "The node of this window does not run; nothing was changed.")
        })
    }

    /// Finds the node later, when it runs.
    pub(crate) fn finder(&self) -> impl Fn() -> Option<Node> + Send + Sync + use<> {
        let node = Arc::clone(&self.node);
        move || node.lock().clone()
    }

    /// Tells the page something that has nothing to do with the node.
    pub(crate) fn tell(&self, event: PageEvent) {
        self.tell.tell(event);
    }

    /// The way to the keys of its home.
    pub(crate) fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Tries again to start a node that could not start, and returns when the attempt is over.
    pub(crate) async fn retry_start(&self) {
        self.ask(|answer| Asked::Start(Some(answer))).await;
    }

    /// Stops the node, whose keys are forgotten already, until the passphrase is typed again; returns when it has stopped.
    pub(crate) async fn lock(&self) {
        self.ask(Asked::Lock).await;
    }

    /// Asks the supervisor and waits until it is over.
    async fn ask(&self, asked: impl FnOnce(Answer) -> Asked) {
        let (answer, over) = oneshot::channel();
        if self.asks.send(asked(answer)).await.is_ok() {
            let _ = over.await;
        }
    }

    /// The window came to the front or went behind others.
    pub(crate) fn focused(&self, in_front: bool) {
        self.in_front.store(in_front, Ordering::Relaxed);
        if in_front {
            self.shown();
        }
        if in_front && self.view.borrow().may_have_passed() {
            // A full channel means that an attempt is waiting already.
            let _ = self.asks.try_send(Asked::Start(None));
        }
    }

    /// The window is on the screen: its page hears what it was not told while nobody could see it.
    pub(crate) fn shown(&self) {
        self.is_hidden.store(false, Ordering::Relaxed);
        self.shown_again.send_replace(());
    }

    /// The window is not on the screen.
    pub(crate) fn hidden(&self) {
        self.is_hidden.store(true, Ordering::Relaxed);
        self.in_front.store(false, Ordering::Relaxed);
    }

    /// Whether the window is not on the screen.
    pub(crate) fn is_hidden(&self) -> bool {
        self.is_hidden.load(Ordering::Relaxed)
    }

    /// Stops the node and waits for it, for at most [`STOP_DEADLINE`].
    pub(crate) async fn end(&self) {
        self.stop.cancel();
        let supervisor = self.supervisor.lock().take();
        if let Some(supervisor) = supervisor
            && timeout(STOP_DEADLINE, supervisor).await.is_err()
        {
            tracing::warn!("the node did not stop in time; what was acknowledged is on disk");
        }
    }

    /// [`NodeHost::end`] on a thread that may wait.
    pub(crate) fn stop(&self) {
        async_runtime::block_on(self.end());
    }
}

struct Supervisor {
    home: ChosenHome,
    keys: Arc<Keys>,
    quit: Quit,
    tell: Tell,
    node: NodeSlot,
    shown: watch::Sender<NodeView>,
    moves: Arc<watch::Sender<Moving>>,
    is_shown_again: watch::Receiver<()>,
    asked: mpsc::Receiver<Asked>,
    in_front: Arc<AtomicBool>,
    is_hidden: Arc<AtomicBool>,
    stop: CancellationToken,
}

/// A node and its control socket.
struct Running {
    node: Node,
    try_out: Option<TryOut>,
    /// None where the home has no place for it: the window works all the same.
    server: Option<ControlServer>,
}

impl Supervisor {
    async fn run(mut self) {
        let mut answer: Option<Answer> = None;
        let mut looks_left = HOME_LOOKS;
        while !self.stop.is_cancelled() {
            // What is given up half-way is as after a crash, which every part of it is made for; the process ends then.
            let opened = tokio::select! {
                () = self.stop.cancelled() => return,
                opened = open(&self.home, &self.keys) => opened,
            };
            let running = match opened {
                Ok(running) => running,
                Err(view) => {
                    let looks_again = matches!(view, NodeView::HomeInUse { .. }) && looks_left > 0;
                    self.show(view);
                    drop(answer.take());
                    answer = tokio::select! {
                        () = self.stop.cancelled() => return,
                        asked = self.asked.recv() => asked.and_then(Asked::answer),
                        () = sleep(HOME_LOOK_PAUSE), if looks_again => {
                            looks_left -= 1;
                            None
                        }
                    };
                    continue;
                }
            };
            drop(answer.take());
            looks_left = HOME_LOOKS;
            answer = self.serve(running).await;
            if answer.is_none() {
                return;
            }
        }
    }

    /// Serves until somebody asks the node to stop, then stops it. Whoever locked the app is to be answered.
    async fn serve(&mut self, Running { node, try_out, server }: Running) -> Option<Answer> {
        let stop = self.stop.child_token();
        let service = Arc::new(NodeService::new(node.clone(), stop.clone()));
        let control = server.map(|server| async_runtime::spawn(server.serve(service, stop.clone())));
        let mut events = node.events();
        // Before anybody can ask it for something: what that changes is told, too.
        let told = node.events();
        *self.node.lock() = Some(node.clone());
        let changes = async_runtime::spawn(tell_changes(
            Arc::clone(&self.tell),
            node.clone(),
            told,
            Arc::clone(&self.moves),
            self.is_shown_again.clone(),
        ));
        let mut looks = LastStatus::default();
        let asked = node.clone();
        let mut look = Look::new(move || {
            let node = asked.clone();
            Box::pin(async move { node.status().await })
        });
        let locked = loop {
            let status = tokio::select! {
                () = stop.cancelled() => break None,
                answer = asked::lock(&mut self.asked) => break Some(answer),
                status = look.take() => status,
            };
            if let Some(view) = looks.looked(&self.home, status) {
                self.show(view);
            }
            let beat = self.beat();
            tokio::select! {
                () = stop.cancelled() => break None,
                _ = self.is_shown_again.changed() => {}
                _ = events.recv() => {
                    // What happens within the pause is seen by the one look after it.
                    let pause = self.look_pause();
                    tokio::select! {
                        () = stop.cancelled() => break None,
                        answer = asked::lock(&mut self.asked) => break Some(answer),
                        _ = self.is_shown_again.changed() => {}
                        () = sleep(pause) => {}
                    }
                    events = events.resubscribe();
                }
                answer = asked::lock(&mut self.asked) => break Some(answer),
                () = sleep(beat) => {}
            }
        };
        stop.cancel();
        if locked.is_some() {
            // Said before the node has stopped: nobody is to read on meanwhile. Why it is so is said when it has.
            let error = NodeError::new(ErrorCode::Locked, "Layr was locked.");
            self.show(NodeView::of_key_error(&self.home, KeyStoreKind::File, error));
        } else {
            // Stopped from here or through the control socket: either way the person wants it gone. Said before the node
            // has stopped, so that the window goes at once and the wait has an end.
            self.stop.cancel();
            (self.quit)();
        }
        drop(self.node.lock().take());
        changes.abort();
        let control = async {
            if let Some(control) = control {
                let _ = control.await;
            }
        };
        tokio::join!(control, node.stop_with(stop_hosts(try_out)));
        self.moves.send_replace(None);
        locked
    }

    /// How soon to look again, if much happens.
    fn look_pause(&self) -> Duration {
        if self.is_hidden.load(Ordering::Relaxed) { LOOK_PAUSE_HIDDEN } else { LOOK_PAUSE }
    }

    /// How soon to look again, if nothing happens.
    fn beat(&self) -> Duration {
        if self.is_hidden.load(Ordering::Relaxed) {
            LOOK_BEAT_HIDDEN
        } else if self.in_front.load(Ordering::Relaxed) {
            LOOK_BEAT
        } else {
            LOOK_BEAT_BEHIND
        }
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
async fn open(chosen: &ChosenHome, keys: &Keys) -> Result<Running, NodeView> {
    let of_home = |error| NodeView::of_home_error(chosen, error);
    let of_node = |error: NodeError| NodeView::of_node_error(chosen, error);
    let home = keys.home();
    let config = home.config().map_err(of_home)?;
    let lock = home.lock().map_err(of_home)?;
    let secrets =
        keys.open().await.map_err(|error| NodeView::of_key_error(chosen, config.key_store, error))?;
    let try_out = if try_out::is_one(&home.network().map_err(of_home)?) {
        Some(TryOut::start(home).await.map_err(of_node)?)
    } else {
        None
    };
    // Nobody from outside is part of a network inside the app.
    let listen = if try_out.is_some() { vec![LOOPBACK.to_owned()] } else { config.listen };
    let start = NodeStart {
        home: home.clone(),
        lock,
        secrets,
        surroundings: Surroundings::default(),
        network: NetworkChoice::Libp2p { listen },
    };
    match Node::start(start).await {
        Ok(node) => {
            let server = control_server(home, &node).await;
            if let Some(Err(error)) = provided(try_out.as_ref(), &node).await {
                tracing::warn!(%error, "not everybody has lumens to try out");
            }
            Ok(Running { node, try_out, server })
        }
        Err(error) => {
            stop_hosts(try_out).await;
            Err(of_node(error))
        }
    }
}

/// The control socket, where this home can have one. The window needs none: who has a long path keeps their files.
async fn control_server(home: &Home, node: &Node) -> Option<ControlServer> {
    let server = ControlServer::bind(&home.control_socket());
    let reason = server.as_ref().err().map(|error| format!("{error}."));
    if let Some(reason) = &reason {
        tracing::warn!(reason, "there is no control socket");
    }
    node.control_socket_missing(reason.as_deref()).await;
    server.ok()
}

async fn provided(try_out: Option<&TryOut>, node: &Node) -> Option<Result<(), NodeError>> {
    Some(try_out?.provide_for(node).await)
}

async fn stop_hosts(try_out: Option<TryOut>) {
    if let Some(try_out) = try_out {
        try_out.stop().await;
    }
}

/// A signal ends the app as the person does; one while it ends already, which takes too long then, ends the process, as a
/// crash does.
async fn quit_on_signal(quit: Quit, stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = terminated() => quit(),
    }
    terminated().await;
    std::process::exit(EXIT_SIGNAL);
}
