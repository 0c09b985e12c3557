//! The Debian packages that Layr needs, installed only where they are missing.

use std::path::Path;

use crate::shell::{Failure, Program, section};

/// To build and run the app. The web view's headers bring those of GTK and D-Bus along; the last one draws the tray's icon.
pub(crate) const BUILD: &[&str] =
    &["build-essential", "pkg-config", "libwebkit2gtk-4.1-dev", "libayatana-appindicator3-1"];

/// To build and run the terminal program.
pub(crate) const TERMINAL: &[&str] = &["build-essential", "pkg-config"];

/// To test the window: an X server without a screen, a window manager and a hand to use it, a session bus, a keyring with
/// its prompt, the web driver, a font, a panel with a tray, a notification daemon, and what asks and sees all that.
pub(crate) const WINDOW_TEST: &[&str] = &[
    "xvfb",
    "xauth",
    "openbox",
    "wmctrl",
    "xdotool",
    "dbus",
    "gcr",
    "gnome-keyring",
    "libsecret-tools",
    "at-spi2-core",
    "webkit2gtk-driver",
    "fonts-dejavu-core",
    "adwaita-icon-theme",
    "dbus-tests",
    "dunst",
    "xfce4-panel",
    "xfconf",
    "libglib2.0-bin",
    "imagemagick",
    "xclip",
];

/// To test the page in a browser.
pub(crate) const BROWSER_TEST: &[&str] = &["chromium", "fonts-dejavu-core"];

/// To put our own package together. The bundler asks the last one which library draws the tray's icon, and ends without it.
pub(crate) const PACKAGING: &[&str] = &["dpkg-dev", "binutils", "libayatana-appindicator3-dev"];

/// To see that a desktop understands our package.
pub(crate) const PACKAGE_TEST: &[&str] = &[
    "desktop-file-utils",
    "shared-mime-info",
    "appstream",
    "xdg-utils",
    "libglib2.0-bin",
    "lintian",
    "man-db",
    "rpm",
];

/// To build home routers out of network namespaces.
pub(crate) const NAT_LAB: &[&str] = &["iproute2", "nftables"];

/// To give programs a wrong clock, and a keyring of their own.
pub(crate) const PROCESS_TESTS: &[&str] = &["libfaketime", "dbus", "gnome-keyring", "libsecret-tools"];

/// To render the icons.
pub(crate) const ICONS: &[&str] = &["librsvg2-bin"];

/// Installs what is missing of `packages`, as root or through sudo.
pub(crate) fn install(packages: &[&str]) -> Result<(), Failure> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    if Program::new("dpkg-query").args(["--version"]).probe().is_none() {
        eprintln!(
            "xtask: this is not Debian, so nothing is installed; needed are the equivalents of {}",
            packages.join(" ")
        );
        return Ok(());
    }
    let missing: Vec<&str> = packages.iter().copied().filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    section(&format!("Debian packages: {}", missing.join(" ")));
    let Some(prefix) = privilege() else {
        return Err(Failure::new(format!(
            "these packages are missing and only root may install them: run `apt-get install {}` as root, then repeat",
            missing.join(" ")
        )));
    };
    apt(prefix, &["update", "-q"])?;
    let mut install = vec!["install", "-q", "-y", "--no-install-recommends"];
    install.extend(missing);
    apt(prefix, &install)
}

fn is_installed(package: &str) -> bool {
    let status = Program::new("dpkg-query").args(["-W", "-f=${db:Status-Abbrev}", package]).probe();
    status.is_some_and(|status| status.starts_with("ii"))
}

/// What to put before a command that only root may run; `None` where there is no way.
fn privilege() -> Option<&'static [&'static str]> {
    if Program::new("id").args(["-u"]).probe().is_some_and(|id| id.trim() == "0") {
        return Some(&[]);
    }
    Path::new("/usr/bin/sudo").exists().then_some(&["sudo"])
}

fn apt(prefix: &[&str], args: &[&str]) -> Result<(), Failure> {
    let words: Vec<&str> = prefix
        .iter()
        .copied()
        // `env`, because sudo passes no environment on.
        .chain(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=300"])
        .chain(args.iter().copied())
        .collect();
    let (program, rest) = words.split_first().ok_or_else(|| Failure::new("no command"))?;
    Program::new(program).args(rest).run()
}
