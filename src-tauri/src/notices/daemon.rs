//! The desktop's notification daemon, spoken to over the session bus by the Desktop Notifications Specification.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use futures::StreamExt;
use tokio::time::timeout;
use zbus::message::Type;
use zbus::zvariant::Value;
use zbus::{Connection, MatchRule, Message, MessageStream};

use super::digest::Notice;

/// Bus name and interface.
const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// What the desktop knows the app by: its name, its desktop entry and its icon.
const APP_NAME: &str = "Layr";
const DESKTOP_ENTRY: &str = "Layr";
const ICON: &str = "layr-desktop";

/// The specification's name for a click on the notification itself, and ours for its button.
const CLICKED: &str = "default";
const OPEN: &str = "open";
/// Our names for the two buttons of a notification about terms that end.
const RENEW: &str = "renew";
const LATER: &str = "later";
/// What the page about agreements is asked to do: to show what renewing costs, and to ask.
const ASKING_TO_RENEW: &str = "?renew=all";

/// Notifications whose clicks are still understood. There is at most one a minute; who clicks an older one sees the window
/// as it is.
const REMEMBERED: usize = 32;
/// Longest wait for a daemon that may have to be started first.
const ANSWER_DEADLINE: Duration = Duration::from_secs(10);
/// Signals kept while this task is busy.
const QUEUED_SIGNALS: usize = 64;

/// A daemon could not be asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DaemonError {
    /// The bus or the daemon refused.
    #[error(transparent)]
    Bus(#[from] zbus::Error),
    /// It did not answer.
    #[error("it did not answer within {} s", ANSWER_DEADLINE.as_secs())]
    Silent,
}

/// A connection to the session bus. It stays open: some daemons close what they show when whoever sent it leaves, and
/// tell clicks to nobody else.
pub(crate) struct Daemon {
    connection: Connection,
    signals: MessageStream,
    /// What was shown last, with the page that it opens.
    shown: VecDeque<(u32, String)>,
}

impl Daemon {
    /// Connects and listens to clicks.
    ///
    /// # Errors
    /// There is no session bus.
    pub(crate) async fn connect() -> Result<Self, DaemonError> {
        let connecting = async {
            let connection = Connection::session().await?;
            let rule = MatchRule::builder().msg_type(Type::Signal).path(PATH)?.interface(NAME)?.build();
            let signals = MessageStream::for_match_rule(rule, &connection, Some(QUEUED_SIGNALS)).await?;
            Ok(Self { connection, signals, shown: VecDeque::new() })
        };
        timeout(ANSWER_DEADLINE, connecting).await.map_err(|_| DaemonError::Silent)?
    }

    /// Shows a notification.
    ///
    /// # Errors
    /// What the bus or the daemon says.
    pub(crate) async fn show(&mut self, notice: &Notice) -> Result<(), DaemonError> {
        let hints = HashMap::from([("desktop-entry", Value::from(DESKTOP_ENTRY))]);
        let actions = actions(notice.renews);
        let (replaces, lasts) = (0_u32, -1_i32);
        let body = (APP_NAME, replaces, ICON, &notice.title, &notice.body, actions, hints, lasts);
        let asked = self.connection.call_method(Some(NAME), PATH, Some(NAME), "Notify", &body);
        let answer = timeout(ANSWER_DEADLINE, asked).await.map_err(|_| DaemonError::Silent)??;
        let id: u32 = answer.body().deserialize()?;
        self.shown.push_back((id, notice.opens.clone()));
        if self.shown.len() > REMEMBERED {
            self.shown.pop_front();
        }
        Ok(())
    }

    /// The page of the next notification of ours that is clicked, with what a button asks of it; `None` when the bus is gone.
    pub(crate) async fn clicked(&mut self) -> Option<String> {
        while let Some(signal) = self.signals.next().await {
            if let Some(opens) = signal.ok().as_ref().and_then(|signal| self.opened_by(signal)) {
                return Some(opens);
            }
        }
        None
    }

    fn opened_by(&self, signal: &Message) -> Option<String> {
        if signal.header().member()?.as_str() != "ActionInvoked" {
            return None;
        }
        let (id, action): (u32, String) = signal.body().deserialize().ok()?;
        let is_ours = |(shown, _): &&(u32, String)| *shown == id;
        let (_, opens) = self.shown.iter().rev().find(is_ours)?;
        opened(&action, opens)
    }
}

/// What a notification offers: names of ours, each with what the person reads.
fn actions(renews: bool) -> &'static [&'static str] {
    if renews {
        &[CLICKED, "Open", RENEW, "Renew…", LATER, "Later"]
    } else {
        &[CLICKED, "Open", OPEN, "Open"]
    }
}

/// What an action of a notification opens whose page is `page`; none where it is put off: the entry stays, and so does what is told later.
fn opened(action: &str, page: &str) -> Option<String> {
    match action {
        CLICKED | OPEN => Some(page.to_owned()),
        RENEW => Some(format!("{page}{ASKING_TO_RENEW}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{DESKTOP_ENTRY, ICON, actions, opened};

    /// What each thing that a person can press opens.
    fn pressed(renews: bool) -> Vec<(&'static str, Option<String>)> {
        let (offered, rest) = actions(renews).as_chunks::<2>();
        assert!(rest.is_empty());
        offered.iter().map(|[name, words]| (*words, opened(name, "/agreements"))).collect()
    }

    #[test]
    fn a_notification_opens_its_page_asks_to_renew_there_or_is_put_off() {
        let page = Some("/agreements".to_owned());
        let asking = Some("/agreements?renew=all".to_owned());
        assert_eq!(pressed(true), [("Open", page.clone()), ("Renew…", asking), ("Later", None)]);
        assert_eq!(pressed(false), [("Open", page.clone()), ("Open", page)]);
        assert_eq!(opened("another's", "/agreements"), None);
    }

    #[test]
    fn the_desktop_finds_the_entry_and_the_icon_by_the_names_of_the_package() {
        let configuration: serde_json::Value =
            serde_json::from_str(include_str!("../../../tauri.conf.json")).unwrap();
        assert_eq!(configuration["productName"], DESKTOP_ENTRY);
        let metainfo = include_str!("../../packaging/org.layr.desktop.metainfo.xml");
        assert!(metainfo.contains(&format!("<launchable type=\"desktop-id\">{DESKTOP_ENTRY}.desktop<")));
        assert!(metainfo.contains(&format!("<icon type=\"stock\">{ICON}<")));
    }
}
