//! What the page is told of the node: one value, replaced as a whole. The page has the same shapes from the registry, in `ui/src/ipc/bindings.ts`.

use std::path::Path;

use layr_node::api::StatusReport;
use layr_node::error::{ErrorCode, NodeError};
use layr_node::home::{HomeError, KeyStoreKind};
use layr_node::identity::{KEYS_GONE, WORDS_HELP};
use serde::Serialize;

use crate::home::ChosenHome;
use crate::ipc::UiError;

/// Where the node of this window stands.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "phase", rename_all = "snake_case")]
pub(crate) enum NodeView {
    /// On its way.
    Starting,
    /// It serves.
    Running {
        /// Its home, for people to read.
        home: String,
        /// The same report that `layr status --json` prints.
        status: Box<StatusReport>,
        /// Why nothing newer can be read; absent while the status is as it should be.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        status_error: Option<Box<UiError>>,
    },
    /// Nobody has created an identity in this home.
    NoIdentity {
        /// The home.
        home: String,
        /// What to type into a terminal.
        command: String,
    },
    /// Another process holds this home.
    HomeInUse {
        /// The home.
        home: String,
        /// That process, where it has written its number already.
        pid: Option<u32>,
        /// What to type into a terminal to stop it.
        command: String,
    },
    /// The keys cannot be opened.
    Locked {
        /// The home.
        home: String,
        /// Where they lie: in the `keyring`, or in a `file` under a passphrase.
        #[cfg_attr(test, ts(type = "'keyring' | 'file'"))]
        store: KeyStoreKind,
        /// Whether the 24 words can bring them into a key file, with `keys_restore` and a passphrase: there is no keyring here, and
        /// the library says whose they are.
        can_bring_back: bool,
        /// Why.
        message: String,
    },
    /// The keys are not where they belong, or nothing opens them any more. The 24 words bring them back.
    KeysGone {
        /// The home.
        home: String,
        /// What is the matter with them.
        message: String,
    },
    /// Anything else.
    Failed {
        /// The home.
        home: String,
        /// Stable code of the failure.
        code: ErrorCode,
        /// What happened, for people.
        message: String,
    },
}

impl NodeView {
    /// A running node.
    pub(crate) fn running(home: &ChosenHome, status: StatusReport) -> Self {
        Self::Running { home: shown(home.dir()), status: Box::new(status), status_error: None }
    }

    /// A running node that does not say how it is any more, with what it said last.
    pub(crate) fn running_unread(home: &ChosenHome, status: StatusReport, error: NodeError) -> Self {
        let (status, status_error) = (Box::new(status), Some(Box::new(error)));
        Self::Running { home: shown(home.dir()), status, status_error }
    }

    /// A home that cannot be used.
    pub(crate) fn of_home_error(home: &ChosenHome, error: HomeError) -> Self {
        let dir = shown(home.dir());
        match error {
            HomeError::NoIdentity { .. } => Self::NoIdentity { home: dir, command: home.command("init") },
            HomeError::InUse { pid, .. } => Self::in_use(home, (pid != 0).then_some(pid)),
            other => Self::of_node_error(home, NodeError::from(other)),
        }
    }

    /// A node that runs and cannot say how it is. Whatever is busy then is its own.
    pub(crate) fn failed(home: &ChosenHome, error: NodeError) -> Self {
        let code = if error.code == ErrorCode::HomeInUse { ErrorCode::LocalFile } else { error.code };
        Self::Failed { home: shown(home.dir()), code, message: error.message }
    }

    /// A node that cannot start.
    pub(crate) fn of_node_error(home: &ChosenHome, error: NodeError) -> Self {
        match error.code {
            // Its library, or the home of a node that belongs to it: whose process that is, is not known here.
            ErrorCode::HomeInUse => Self::in_use(home, None),
            _ => Self::failed(home, error),
        }
    }

    fn in_use(home: &ChosenHome, pid: Option<u32>) -> Self {
        Self::HomeInUse { home: shown(home.dir()), pid, command: home.command("stop") }
    }

    /// Keys that cannot be read from `store`.
    pub(crate) fn of_key_error(home: &ChosenHome, store: KeyStoreKind, error: NodeError) -> Self {
        // No passphrase and no open keyring helps where they are gone.
        if let Some(gone) = error.params.get(KEYS_GONE) {
            let message = gone.as_str().map_or(error.message.clone(), ToOwned::to_owned);
            return Self::KeysGone { home: shown(home.dir()), message };
        }
        match error.code {
            ErrorCode::Locked | ErrorCode::WrongKey => {
                let can_bring_back = error.params.contains_key(WORDS_HELP);
                Self::Locked { home: shown(home.dir()), store, can_bring_back, message: error.message }
            }
            _ => Self::of_node_error(home, error),
        }
    }

    /// Whether a node runs or is on its way.
    pub(crate) fn is_node_there(&self) -> bool {
        matches!(self, Self::Starting | Self::Running { .. })
    }

    /// Whether the person may have put it right elsewhere meanwhile, and looking costs nothing and asks nobody.
    pub(crate) fn may_have_passed(&self) -> bool {
        matches!(self, Self::NoIdentity { .. } | Self::HomeInUse { .. })
    }

    /// Whether a page that shows `self` shows `other` as well.
    pub(crate) fn looks_like(&self, other: &Self) -> bool {
        serde_json::to_value(self).ok() == serde_json::to_value(other).ok()
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use serde_json::Value;

    use super::*;

    /// The examples that the page's tests use.
    fn examples() -> Value {
        serde_json::from_str(include_str!("../../ui/src/ipc/node-views.json")).unwrap()
    }

    fn as_example(name: &str, view: &NodeView) {
        assert_eq!(serde_json::to_value(view).unwrap(), examples()[name], "{name}");
    }

    fn default_home() -> ChosenHome {
        ChosenHome::platform(PathBuf::from("/home/ada/.local/share/layr"))
    }

    #[test]
    fn the_page_is_tested_with_what_the_shell_sends() {
        let home = default_home();
        let status: StatusReport = serde_json::from_value(examples()["running"]["status"].clone()).unwrap();
        as_example("starting", &NodeView::Starting);
        as_example("running", &NodeView::running(&home, status.clone()));
        let busy = NodeError::new(ErrorCode::DatabaseUnusable, "library.sqlite cannot be read");
        as_example("running_unread", &NodeView::running_unread(&home, status, busy));
        let no_identity = HomeError::NoIdentity { path: String::new() };
        as_example("no_identity", &NodeView::of_home_error(&home, no_identity));
        let named = ChosenHome::named(PathBuf::from("/srv/layr"));
        let in_use = |pid| HomeError::InUse { path: String::new(), pid };
        as_example("home_in_use", &NodeView::of_home_error(&named, in_use(4711)));
        let locked = NodeError::new(ErrorCode::Locked, "the key file is sealed with a passphrase");
        as_example("locked", &NodeView::of_key_error(&home, KeyStoreKind::File, locked));
        let gone = "The keys of /home/ada/.local/share/layr are not where its config.toml says.";
        let gone = NodeError::new(ErrorCode::Locked, "and what to type").with(KEYS_GONE, gone);
        as_example("keys_gone", &NodeView::of_key_error(&home, KeyStoreKind::Keyring, gone));
        let damaged = NodeError::new(ErrorCode::DatabaseUnusable, "library.sqlite is damaged");
        as_example("failed", &NodeView::of_node_error(&home, damaged));
        assert_eq!(examples().as_object().unwrap().len(), 8, "every example is checked here");
    }

    #[test]
    fn a_holder_without_a_number_yet_is_not_process_zero() {
        let in_use = HomeError::InUse { path: String::new(), pid: 0 };
        let view = NodeView::of_home_error(&default_home(), in_use);
        assert_eq!(serde_json::to_value(view).unwrap()["pid"], Value::Null);
    }

    #[test]
    fn a_part_of_the_home_in_use_is_the_home_in_use() {
        let busy = NodeError::new(ErrorCode::HomeInUse, "try-out/seed is in use by process 4711");
        let view = NodeView::of_node_error(&default_home(), busy);
        assert!(matches!(view, NodeView::HomeInUse { pid: None, .. }), "{view:?}");
    }

    #[test]
    fn only_what_needs_no_prompt_is_tried_again_unasked() {
        let home = default_home();
        let locked = NodeError::new(ErrorCode::Locked, "");
        let locked = NodeView::of_key_error(&home, KeyStoreKind::Keyring, locked);
        assert!(!locked.may_have_passed(), "a keyring prompt for every look at the window");
        let offers = |view: &NodeView| serde_json::to_value(view).unwrap()["can_bring_back"].clone();
        assert_eq!(offers(&locked), false);
        let missing = NodeError::new(ErrorCode::Locked, "").with(WORDS_HELP, true);
        assert_eq!(offers(&NodeView::of_key_error(&home, KeyStoreKind::Keyring, missing)), true);
        assert!(
            NodeView::of_home_error(&home, HomeError::NoIdentity { path: String::new() }).may_have_passed()
        );
    }
}
