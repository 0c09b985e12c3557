//! Keeps the window from staying blank where the web view's fast way to the screen is known to fail.
//!
//! `WebKitGTK` hands frames from its renderer to the window as DMA buffers. With NVIDIA's own kernel driver that leaves windows
//! of many apps blank or ends their renderer, and nothing in the page notices: its scripts run on. There the app
//! switches that way off before the toolkit starts. Not under Wayland in general, which works with every other driver:
//! drawing would cost more for all in order to help few. Who has a blank window elsewhere finds another start in the menu
//! of the app's icon, which switches off more, and whoever sets the variable has decided. That start ends an app that runs
//! with a blank window and takes its place (`opening.rs`): one home has one app.
//!
//! Where there is no graphics processor at all, as in many virtual machines, the fast way is the slow one: the processor
//! computes each picture as a graphics processor would. Drawing directly shows more frames while rows scroll and takes about
//! 90 MiB less memory; `cargo xtask bench app` has both.
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
/// Where the kernel names its graphics processors.
#[cfg(target_os = "linux")]
const GRAPHICS: &str = "/dev/dri";
/// How the name of one begins that programs can draw with.
#[cfg(target_os = "linux")]
const RENDERER: &str = "renderD";
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
    let graphics = if std::path::Path::new(NVIDIA_DRIVER).exists() {
        Graphics::Nvidia
    } else if has_renderer() {
        Graphics::Usual
    } else {
        Graphics::None
    };
    let switches = to_set(is_asked, graphics, |name| std::env::var_os(name).as_deref().map(is_on));
    if switches.is_empty() {
        return Ok(());
    }
    let program = std::env::current_exe()?;
    let mut again = std::process::Command::new(program);
    again.args(arguments).envs(switches.iter().map(|switch| (switch, "1")));
    Err(again.exec())
}

#[cfg(target_os = "linux")]
fn has_renderer() -> bool {
    let is_one = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with(RENDERER))
    };
    match std::fs::read_dir(GRAPHICS) {
        Ok(mut entries) => entries.any(is_one),
        // What cannot be looked at may be there.
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    }
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

/// What draws on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "asked where the web view is WebKitGTK"))]
enum Graphics {
    /// A graphics processor behind NVIDIA's own driver.
    Nvidia,
    /// Another one.
    Usual,
    /// The processor alone.
    None,
}

/// The variables that the process needs and does not have. Who asks for it has decided newly; what a machine needs is left to
/// whoever has set the variable, to anything. Once they are set nothing is left: the process that begins anew goes on.
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "asked where the web view is WebKitGTK"))]
fn to_set(is_asked: bool, graphics: Graphics, is_on: impl Fn(&str) -> Option<bool>) -> Vec<&'static str> {
    let asked = [FRAMES, COMPOSITING].into_iter().filter(|name| is_asked && is_on(name) != Some(true));
    let mut switches: Vec<_> = asked.collect();
    let needed = match graphics {
        Graphics::Nvidia => Some(FRAMES),
        Graphics::Usual => None,
        Graphics::None => Some(COMPOSITING),
    };
    if let Some(needed) = needed.filter(|needed| switches.is_empty() && is_on(needed).is_none()) {
        switches.push(needed);
    }
    switches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_machine_needs_is_switched_off_and_a_decision_stands() {
        for (graphics, needed) in [(Graphics::Nvidia, FRAMES), (Graphics::None, COMPOSITING)] {
            assert_eq!(to_set(false, graphics, |_| None), [needed]);
            for decided in [true, false] {
                let set = to_set(false, graphics, |name| (name == needed).then_some(decided));
                assert!(set.is_empty(), "or the process would begin anew for ever");
            }
        }
        assert!(to_set(false, Graphics::Usual, |_| None).is_empty());
    }

    #[test]
    fn who_asks_for_it_gets_a_window_without_acceleration_and_begins_anew_once() {
        for graphics in [Graphics::Nvidia, Graphics::Usual, Graphics::None] {
            assert_eq!(to_set(true, graphics, |_| None), [FRAMES, COMPOSITING]);
            assert_eq!(to_set(true, graphics, |name| (name == FRAMES).then_some(true)), [COMPOSITING]);
            assert_eq!(to_set(true, graphics, |_| Some(false)), [FRAMES, COMPOSITING]);
            assert!(to_set(true, graphics, |_| Some(true)).is_empty());
        }
    }
}
