//! What the commands work on.

use std::sync::Arc;

use crate::clipboard::{Clipboard, CopiedPhrase};
use crate::closing::Closing;
use crate::commands::turn::Turn;
use crate::desktop::Desktop;
use crate::dialogs::{Asker, Dialogs};
use crate::ipc::{Calls, PageEvent};
use crate::node_host::NodeHost;
use crate::opening::Opening;
use crate::page_process::PageProcess;
use crate::remembered::{Memory, Remembered};
use crate::selections::{Chosen, Selections};

/// The state behind the page's commands, one for the app.
pub(crate) struct Shell {
    /// The node of this process.
    pub(crate) host: NodeHost,
    /// What the window remembers of the home.
    pub(crate) memory: Memory,
    /// The places for commands at work.
    pub(crate) calls: Calls,
    /// The desktop around the app.
    pub(crate) desktop: Box<dyn Desktop>,
    /// What closing the window has asked.
    pub(crate) closing: Closing,
    /// The system's file dialogs.
    pub(crate) dialogs: Dialogs,
    /// The check under way.
    pub(crate) checking: Turn,
    /// The repair under way that somebody asked for.
    pub(crate) repairing: Turn,
    /// What was chosen or dropped.
    pub(crate) selections: Selections,
    /// The recovery phrase on the clipboard.
    pub(crate) copied: Arc<CopiedPhrase>,
    /// What was opened from outside.
    pub(crate) opening: Arc<Opening>,
    /// The process that draws the page.
    pub(crate) page: PageProcess,
}

impl Shell {
    /// A shell around this node.
    pub(crate) fn new(
        host: NodeHost,
        desktop: Box<dyn Desktop>,
        asker: Box<dyn Asker>,
        clipboard: Box<dyn Clipboard>,
        opening: Arc<Opening>,
    ) -> Self {
        Self {
            memory: Memory::new(host.keys().home()),
            host,
            calls: Calls::default(),
            desktop,
            closing: Closing::default(),
            dialogs: Dialogs::new(asker),
            checking: Turn::default(),
            repairing: Turn::default(),
            selections: Selections::default(),
            copied: Arc::new(CopiedPhrase::new(clipboard)),
            opening,
            page: PageProcess::default(),
        }
    }

    /// What only the page that is gone knew of ends: the next one could neither stop nor use it. What somebody opened from
    /// outside waits again.
    pub(crate) fn page_is_gone(&self) {
        self.checking.stop();
        self.repairing.stop();
        let opened =
            self.selections.forget_all().into_iter().rev().find_map(|selection| match &selection.chosen {
                Chosen::Manifest { source, .. } => Some(source.clone()),
                _ => None,
            });
        if let Some(source) = opened {
            self.opening.arrive_first(Ok(source));
        }
    }

    /// Files came back into the library: a restored identity need not be told where its own are any more. What it uploads says
    /// nothing of those of before.
    pub(crate) fn has_imported(&self) {
        if self.memory.read().restored {
            self.remember(|remembered| remembered.restored = false);
        }
    }

    /// Changes what the window remembers beside something that succeeded, which a full disk does not undo.
    pub(crate) fn remember(&self, change: impl FnOnce(&mut Remembered)) {
        match self.memory.change(change) {
            Ok(()) => self.host.tell(PageEvent::ShellStateChanged(())),
            Err(error) => tracing::warn!("what happened to the identity is not remembered: {error}"),
        }
    }
}
