//! How the operating system asks a node's process to end.

/// Returns when the process is asked to end: SIGINT or SIGTERM.
#[cfg(unix)]
pub async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        // Without handlers the default action of the signals ends the process.
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

/// Returns when the process is asked to end.
#[cfg(not(unix))]
pub async fn terminated() {
    let _ = tokio::signal::ctrl_c().await;
}
