//! Keeps the window from staying blank where the web view's fast way to the screen is known to fail.
//!
//! `WebKitGTK` hands frames from its renderer to the window as DMA buffers. With NVIDIA's own kernel driver that leaves windows
//! of many apps blank or ends their renderer, and nothing in the page notices: its scripts run on. There, and only there, the
//! app switches that way off before the toolkit starts. Not under Wayland in general, which works with every other driver:
//! drawing would cost more for all in order to help few. Who has a blank window elsewhere finds another start in the menu
//! of the app's icon, which switches off more, and whoever sets the variable has decided. That start ends an app that runs
//! with a blank window and takes its place (`opening.rs`): one home has one app.
//!
//! A watchdog over the first paint is not here on purpose: what could be asked, scripts and frame callbacks, answers as ever
//! while the screen stays blank, so that it would raise false alarms on slow machines and miss the fault.

use std::ffi::OsStr;

#[cfg(target_os = "linux")]
use crate::home::PLAIN_DRAWING;

/// What `WebKitGTK` reads: whether frames are handed over as DMA buffers.
const FRAMES: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
/// And whether the graphics processor draws them.
const COMPOSITING: &str = "WEBKIT_DISABLE_COMPOSITING_MODE";
/// There while NVIDIA's kernel driver is loaded, closed or open; not with nouveau.
#[cfg(target_os = "linux")]
const NVIDIA_DRIVER: &str = "/proc/driver/nvidia/version";

/// Goes on only where nothing is to be switched off; else this process begins anew with the variables set, as a running one
/// cannot set them without risk to its other threads.
///
/// # Errors
/// Why it could not begin anew; the app may run all the same.
#[cfg(target_os = "linux")]
pub(crate) fn prepare() -> std::io::Result<()> {
    use std::os::unix::process::CommandExt;

    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let is_asked = arguments.iter().any(|argument| argument == PLAIN_DRAWING);
    let has_driver = std::path::Path::new(NVIDIA_DRIVER).exists();
    let switches = to_set(is_asked, has_driver, |name| std::env::var_os(name).as_deref().map(is_on));
    if switches.is_empty() {
        return Ok(());
    }
    let program = std::env::current_exe()?;
    let mut again = std::process::Command::new(program);
    again.args(arguments).envs(switches.iter().map(|switch| (switch, "1")));
    Err(again.exec())
}

/// Other systems have another web view.
#[cfg(not(target_os = "linux"))]
pub(crate) fn prepare() -> std::io::Result<()> {
    Ok(())
}

/// Whether this process draws without graphics acceleration already.
pub(crate) fn is_plain() -> bool {
    [FRAMES, COMPOSITING].iter().all(|name| std::env::var_os(name).as_deref().is_some_and(is_on))
}

/// As `WebKitGTK` reads them.
fn is_on(value: &OsStr) -> bool {
    value != "0"
}

/// The variables that the process needs and does not have. Who asks for it has decided newly; what a driver needs is left to
/// whoever has set the variable, to anything. Once they are set nothing is left: the process that begins anew goes on.
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "asked where the web view is WebKitGTK"))]
fn to_set(
    is_asked: bool,
    has_nvidia_driver: bool,
    is_on: impl Fn(&str) -> Option<bool>,
) -> Vec<&'static str> {
    let asked = [FRAMES, COMPOSITING].into_iter().filter(|name| is_asked && is_on(name) != Some(true));
    let mut switches: Vec<_> = asked.collect();
    if has_nvidia_driver && is_on(FRAMES).is_none() && switches.is_empty() {
        switches.push(FRAMES);
    }
    switches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_driver_that_fails_is_worked_around_and_a_decision_stands() {
        let set = |has_driver, frames: Option<bool>| {
            to_set(false, has_driver, move |name| frames.filter(|_| name == FRAMES))
        };
        assert_eq!(set(true, None), [FRAMES]);
        for decided in [true, false] {
            assert!(set(true, Some(decided)).is_empty(), "or the process would begin anew for ever");
        }
        assert!(set(false, None).is_empty());
    }

    #[test]
    fn who_asks_for_it_gets_a_window_without_acceleration_and_begins_anew_once() {
        for has_driver in [true, false] {
            assert_eq!(to_set(true, has_driver, |_| None), [FRAMES, COMPOSITING]);
            assert_eq!(to_set(true, has_driver, |name| (name == FRAMES).then_some(true)), [COMPOSITING]);
            assert_eq!(to_set(true, has_driver, |_| Some(false)), [FRAMES, COMPOSITING]);
            assert!(to_set(true, has_driver, |_| Some(true)).is_empty());
        }
    }
}
