//! Keeps the window from staying blank where the web view's fast way to the screen is known to fail.
//!
//! `WebKitGTK` hands frames from its renderer to the window as DMA buffers. With NVIDIA's own kernel driver that leaves windows
//! of many apps blank or ends their renderer, and nothing in the page notices: its scripts run on. There, and only there, the
//! app switches that way off before the toolkit starts. Not under Wayland in general, which works with every other driver:
//! drawing would cost more for all in order to help few. Who has a blank window elsewhere finds another start in the menu
//! of the app's icon, and whoever sets the variable has decided.
//!
//! A watchdog over the first paint is not here on purpose: what could be asked, scripts and frame callbacks, answers as ever
//! while the screen stays blank, so that it would raise false alarms on slow machines and miss the fault.

/// What `WebKitGTK` reads.
const SWITCH: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
/// There while NVIDIA's kernel driver is loaded, closed or open; not with nouveau.
const NVIDIA_DRIVER: &str = "/proc/driver/nvidia/version";

/// Goes on only where nothing is to be switched off; else this process begins anew with the variable set, as a running one
/// cannot set it without risk to its other threads.
///
/// # Errors
/// Why it could not begin anew; the app may run all the same.
#[cfg(target_os = "linux")]
pub(crate) fn prepare() -> std::io::Result<()> {
    use std::os::unix::process::CommandExt;

    let is_decided = std::env::var_os(SWITCH).is_some();
    if !needs_other_way(is_decided, std::path::Path::new(NVIDIA_DRIVER).exists()) {
        return Ok(());
    }
    let program = std::env::current_exe()?;
    Err(std::process::Command::new(program).args(std::env::args_os().skip(1)).env(SWITCH, "1").exec())
}

/// Other systems have another web view.
#[cfg(not(target_os = "linux"))]
pub(crate) fn prepare() -> std::io::Result<()> {
    Ok(())
}

/// Once decided it stays so: the process that begins anew finds the variable set.
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "asked where the web view is WebKitGTK"))]
fn needs_other_way(is_decided: bool, has_nvidia_driver: bool) -> bool {
    has_nvidia_driver && !is_decided
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_driver_that_fails_is_worked_around_and_a_decision_stands() {
        assert!(needs_other_way(false, true));
        assert!(!needs_other_way(true, true), "or the process would begin anew for ever");
        assert!(!needs_other_way(false, false));
    }
}
