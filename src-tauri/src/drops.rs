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
    let kept = shell.selections.keep(Chosen::Upload(paths));
    if let Err(error) = &kept {
        tracing::warn!("a drop was not taken: {error}");
    }
    DropEvent { phase: DropPhase::Drop, count, selection: kept.ok() }
}

fn page_event(shell: &Shell, event: &DragDropEvent) -> Option<DropEvent> {
    let told = |phase| DropEvent { phase, count: None, selection: None };
    match event {
        DragDropEvent::Enter { paths, .. } => {
            Some(DropEvent { count: Some(paths.len()), ..told(DropPhase::Enter) })
        }
        DragDropEvent::Over { .. } => Some(told(DropPhase::Over)),
        DragDropEvent::Leave => Some(told(DropPhase::Leave)),
        DragDropEvent::Drop { paths, .. } => Some(dropped(shell, paths.clone())),
        _ => None,
    }
}
