//! Files that are dragged from outside onto the window. The system hands their paths to the shell, which keeps them; the
//! page hears how many there are.

use std::path::PathBuf;

use tauri::{AppHandle, DragDropEvent, Manager, Runtime};

use crate::ipc::{DropEvent, DropPhase, PageEvent};
use crate::selections::Chosen;
use crate::shell::Shell;

/// Tells the page of a drag; a drop becomes a selection.
pub(crate) fn tell<R: Runtime>(app: &AppHandle<R>, event: &DragDropEvent) {
    let Some(shell) = app.try_state::<Shell>() else { return };
    if let Some(event) = page_event(&shell, event) {
        PageEvent::Drop(event).send(app);
    }
}

/// What the page is told of paths that were dropped, which are kept for it.
pub(crate) fn dropped(shell: &Shell, paths: Vec<PathBuf>) -> DropEvent {
    let count = Some(paths.len());
    let (selection, refused) = match shell.selections.keep(Chosen::Upload(paths)) {
        Ok(selection) => (Some(selection), None),
        Err(error) => (None, Some(error)),
    };
    DropEvent { phase: DropPhase::Drop, count, selection, refused }
}

fn page_event(shell: &Shell, event: &DragDropEvent) -> Option<DropEvent> {
    let told = |phase, count| DropEvent { phase, count, selection: None, refused: None };
    match event {
        // What is dragged may be text, which has no paths and is nothing to Layr.
        DragDropEvent::Enter { paths, .. } | DragDropEvent::Drop { paths, .. } if paths.is_empty() => None,
        DragDropEvent::Enter { paths, .. } => Some(told(DropPhase::Enter, Some(paths.len()))),
        DragDropEvent::Leave => Some(told(DropPhase::Leave, None)),
        DragDropEvent::Drop { paths, .. } => Some(dropped(shell, paths.clone())),
        _ => None,
    }
}
