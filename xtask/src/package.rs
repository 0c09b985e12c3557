//! Puts the packages for people together: a `.deb` and an `.rpm` with the app, the `layr` command and what a desktop wants to
//! know about them.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::shell::{Failure, Program, section};
use crate::{debian, icons, layout, tools, window};

mod notices;
mod tree;

use tree::Tree;

/// What the packages are called and who answers for them. There is no mailbox: SECURITY.md says where to write.
const PUBLISHER: &str = "The Layr contributors <nobody@layr.invalid>";

/// What `ldd` does not see: file managers find the app through this, and keys want a keyring.
const RECOMMENDS: &[&str] = &["desktop-file-utils", "gnome-keyring"];

/// In lines, as both kinds of packages want it.
const DESCRIPTION: &str = "\
Layr cuts your files into coded shards, encrypts them on this computer and
hands them to many hosts. Some of the shards bring a file back bit for bit,
and only you can read it. This package has the desktop app and the layr
command.";

/// The programs of the packages.
const PROGRAMS: &[&str] = &["layr-desktop", "layr"];

/// Shells, what `layr completions` calls them, and where they look.
const COMPLETIONS: &[(&str, &str)] = &[
    ("bash", "/usr/share/bash-completion/completions/layr"),
    ("zsh", "/usr/share/zsh/vendor-completions/_layr"),
    ("fish", "/usr/share/fish/vendor_completions.d/layr.fish"),
];

/// What the systems that take an `.rpm` look for in another place than Debian.
const ELSEWHERE: &[(&str, &str)] =
    &[("/usr/share/zsh/vendor-completions/_layr", "/usr/share/zsh/site-functions/_layr")];

/// Longest line of Debian's changelogs.
const CHANGELOG_WIDTH: usize = 78;

/// Files of ours, and where they go.
const FILES: &[(&str, &str)] = &[
    ("src-tauri/packaging/copyright", "/usr/share/doc/layr/copyright"),
    (
        "src-tauri/packaging/org.layr.desktop.metainfo.xml",
        "/usr/share/metainfo/org.layr.desktop.metainfo.xml",
    ),
    ("src-tauri/packaging/org.layr.desktop.mime.xml", "/usr/share/mime/packages/org.layr.desktop.xml"),
    ("icons/layr.svg", "/usr/share/icons/hicolor/scalable/apps/layr-desktop.svg"),
];

/// Builds the programs and packages them.
pub(crate) fn run(rest: &[String]) -> Result<(), Failure> {
    let profile = match rest {
        [] => "dist",
        [flag] if flag == "--release" => "release",
        [flag] if flag == "--debug" => "dev",
        [other, ..] => return Err(Failure::usage(format!("unexpected argument {other:?}"))),
    };
    debian::install(debian::BUILD)?;
    window::install_page()?;
    window::build_page()?;
    Program::cargo()
        .args(["build", "--locked", "-p", "layr", "-p", "layr-cli", "--profile", profile])
        .dir(layout::root())
        .run()?;
    for package in assemble(if profile == "dev" { "debug" } else { profile })? {
        println!("{}", package.display());
    }
    Ok(())
}

/// Why this machine cannot install a package for a test, if it cannot.
pub(crate) fn obstacle() -> Option<&'static str> {
    let is_debian = Program::new("dpkg-query").args(["--version"]).probe().is_some();
    let is_root = Program::new("id").args(["-u"]).probe().is_some_and(|id| id.trim() == "0");
    (!is_debian || !is_root).then_some("the package is installed and removed, which takes Debian and root")
}

/// Installs the package of the programs that the build step made, tries it and removes it again.
pub(crate) fn test() -> Result<(), Failure> {
    window::build_with_tests()?;
    debian::install(debian::PACKAGE_TEST)?;
    let packages = assemble("debug")?;
    let [deb, rpm] = packages.as_slice() else { return Err(Failure::new("not both packages were made")) };
    Program::new("lintian").args(["--allow-root", "--fail-on", "error,warning"]).args([deb]).run()?;
    window::node_tests("tests/package/")?.env("LAYR_PACKAGE", deb).env("LAYR_RPM", rpm).run()
}

/// Packages the programs in cargo's directory `profile` and returns the packages, `.deb` first.
pub(crate) fn assemble(profile: &str) -> Result<Vec<PathBuf>, Failure> {
    section("packages");
    debian::install(debian::PACKAGING)?;
    // The bundler looks for programs in a build directory and writes into them; so it gets one of its own.
    let dir = layout::target().join("package").join(profile);
    if dir.exists() {
        std::fs::remove_dir_all(&dir).map_err(Failure::at(&dir))?;
    }
    let programs = dir.join("release");
    std::fs::create_dir_all(&programs).map_err(Failure::at(&programs))?;
    for name in PROGRAMS {
        // Stripped here, because only the profile `dist` is already.
        Program::new("strip")
            .args(["--strip-unneeded", "-o"])
            .args([programs.join(name), layout::program(profile, name)])
            .run()?;
    }
    let tree = content(&dir, &layout::program(profile, "layr"), &programs.join("layr"))?;
    let config = dir.join("bundle.json");
    let laid_over = config_of(&dir, &programs, &tree)?.to_string();
    std::fs::write(&config, laid_over).map_err(Failure::at(&config))?;
    let bundle = ["run", "tauri", "--", "bundle", "--ci", "--bundles", "deb,rpm", "--no-binary-patching"];
    tools::npm(&bundle)?
        .args(["--config".as_ref(), config.as_os_str()])
        .env("CARGO_TARGET_DIR", &dir)
        .run()?;
    ["deb", "rpm"].iter().map(|kind| made(&programs.join("bundle").join(kind), kind)).collect()
}

/// Everything but the app itself, its icons and its desktop entry.
fn content(dir: &Path, layr: &Path, stripped: &Path) -> Result<Tree, Failure> {
    let mut tree = Tree::new(dir.join("content"));
    tree.program("/usr/bin/layr", stripped)?;
    for (from, to) in FILES {
        tree.file(to, &layout::root().join(from))?;
    }
    for (shell, to) in COMPLETIONS {
        tree.text(to, &Program::new(layr).args(["completions", shell]).output()?)?;
    }
    tree.compressed("/usr/share/man/man1/layr.1", &Program::new(layr).args(["man"]).output()?)?;
    let page = layout::root().join("src-tauri/packaging/layr-desktop.1");
    let page = std::fs::read_to_string(&page).map_err(Failure::at(&page))?;
    tree.compressed("/usr/share/man/man1/layr-desktop.1", &page)?;
    tree.compressed("/usr/share/doc/layr/changelog", &changelog()?)?;
    tree.compressed("/usr/share/doc/layr/THIRD-PARTY", &notices::collect()?)?;
    Ok(tree)
}

/// What the bundler shall do, laid over `tauri.conf.json`.
fn config_of(dir: &Path, programs: &Path, tree: &Tree) -> Result<Value, Failure> {
    let programs: Vec<PathBuf> = PROGRAMS.iter().map(|name| programs.join(name)).collect();
    let template = layout::root().join("src-tauri/packaging/layr.desktop.hbs");
    let icons: Vec<PathBuf> = icons::files().collect();
    let deb = json!({
        "depends": debian_libraries(dir, &programs)?,
        "recommends": RECOMMENDS,
        "section": "net",
        "priority": "optional",
        "desktopTemplate": template,
        "files": tree.files(),
    });
    let mut rpm_files = tree.files().clone();
    for (debian, other) in ELSEWHERE {
        if let Some(file) = rpm_files.remove(*debian) {
            rpm_files.insert((*other).to_owned(), file);
        }
    }
    let rpm = json!({
        "depends": libraries(&programs)?,
        "desktopTemplate": template,
        "files": rpm_files,
    });
    Ok(json!({ "bundle": {
        "publisher": PUBLISHER,
        "license": "MIT OR Apache-2.0",
        "longDescription": DESCRIPTION,
        "icon": icons,
        "linux": { "deb": deb, "rpm": rpm },
    }}))
}

/// The Debian packages whose libraries the programs load, with the oldest versions that have all that is used.
fn debian_libraries(dir: &Path, programs: &[PathBuf]) -> Result<Vec<String>, Failure> {
    let debian = dir.join("debian");
    std::fs::create_dir_all(&debian).map_err(Failure::at(&debian))?;
    let control = debian.join("control");
    std::fs::write(&control, "Source: layr\n\nPackage: layr\nArchitecture: any\n")
        .map_err(Failure::at(&control))?;
    let found = Program::new("dpkg-shlibdeps").args(["-O"]).args(programs).dir(dir).output()?;
    let depends = found.lines().find_map(|line| line.strip_prefix("shlibs:Depends="));
    let depends = depends.ok_or_else(|| Failure::new("dpkg-shlibdeps names no libraries"))?;
    Ok(depends.split(", ").map(str::to_owned).collect())
}

/// The libraries that the programs load, with the versions of their symbols that are used, as packages of the other kind
/// name them: `libc.so.6(GLIBC_2.34)(64bit)`. An older system refuses the package then instead of the program.
fn libraries(programs: &[PathBuf]) -> Result<Vec<String>, Failure> {
    let headers = Program::new("objdump").args(["-p"]).args(programs).output()?;
    let mut libraries = std::collections::BTreeSet::new();
    let mut required_from = None;
    for line in headers.lines().map(str::trim) {
        let mut words = line.split_whitespace();
        match (words.next(), words.next(), words.last()) {
            (Some("NEEDED"), Some(name), None) => {
                libraries.insert(format!("{name}()(64bit)"));
            }
            (Some("required"), Some("from"), Some(name)) => required_from = name.strip_suffix(':'),
            (Some(hash), Some(_flags), Some(version)) if hash.starts_with("0x") => {
                libraries.extend(required_from.map(|name| format!("{name}({version})(64bit)")));
            }
            _ => required_from = None,
        }
    }
    Ok(libraries.into_iter().collect())
}

/// CHANGELOG.md as Debian writes one.
fn changelog() -> Result<String, Failure> {
    let path = layout::root().join("CHANGELOG.md");
    let text = std::fs::read_to_string(&path).map_err(Failure::at(&path))?;
    let written = Program::new("git").args(["log", "-1", "--format=%cD"]).dir(layout::root()).output()?;
    let newest = text.lines().skip_while(|line| !line.starts_with("## ")).skip(1);
    let mut changes = String::new();
    for line in newest.take_while(|line| !line.starts_with("## ")) {
        let mut words = line.split_whitespace().peekable();
        if words.next_if_eq(&"-").is_some() {
            changes.push_str("\n  *");
        }
        for word in words {
            let column = changes.len() - changes.rfind('\n').unwrap_or(0);
            if column + word.len() > CHANGELOG_WIDTH {
                changes.push_str("\n   ");
            }
            changes.push(' ');
            changes.push_str(word);
        }
    }
    let version = env!("CARGO_PKG_VERSION");
    Ok(format!("layr ({version}) unstable; urgency=medium\n{changes}\n\n -- {PUBLISHER}  {written}"))
}

/// The one package in `dir`.
fn made(dir: &Path, kind: &str) -> Result<PathBuf, Failure> {
    let entries = std::fs::read_dir(dir).map_err(Failure::at(dir))?;
    let mut packages = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|found| found == kind));
    packages.next().ok_or_else(|| Failure::new(format!("the bundler left no .{kind} in {}", dir.display())))
}
