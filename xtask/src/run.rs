//! The app on a local network of its own.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Stdio};

use crate::shell::{Failure, Program, section};
use crate::{demo, layout, window};

/// Before the number of the process whose network it is.
const DIR_PREFIX: &str = "layr-try-out-";
/// Enough for the 4-of-12 profile, few enough for a small machine.
const HOSTS: &str = "12";

pub(crate) fn run(rest: &[String]) -> Result<(), Failure> {
    let profile = window::profile(rest)?;
    let shown = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(target_os = "linux") && !shown("DISPLAY") && !shown("WAYLAND_DISPLAY") {
        eprintln!("xtask: there is no display here, so the same job runs in this terminal");
        return demo::run(&[]);
    }
    window::build_all(rest)?;
    section("a local network of its own");
    remove_leftovers();
    let dir = std::env::temp_dir().join(format!("{DIR_PREFIX}{}", std::process::id()));
    std::fs::create_dir_all(&dir).map_err(Failure::at(&dir))?;
    let outcome = on_a_network(profile, &dir);
    std::fs::remove_dir_all(&dir).map_err(Failure::at(&dir))?;
    outcome
}

/// What runs that were ended from the keyboard left: a process that is gone needs its network no more. Everybody may put a
/// directory of any name there, so that only what is surely ours is touched; what stays is no obstacle.
fn remove_leftovers() {
    let Some(us) = owner(&Path::new("/proc").join(std::process::id().to_string())) else { return };
    let Ok(entries) = std::fs::read_dir(std::env::temp_dir()) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(process) = name.to_str().and_then(process_of) else { continue };
        let is_gone = !Path::new("/proc").join(process.to_string()).exists();
        if is_gone && owner(&entry.path()) == Some(us) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// The process whose network lies in a directory of this name.
fn process_of(name: &str) -> Option<u32> {
    let number = name.strip_prefix(DIR_PREFIX)?;
    number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse().ok())?
}

/// Whose directory it is; nobody's if it is none, or a link.
fn owner(dir: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    dir.symlink_metadata().ok().filter(std::fs::Metadata::is_dir).map(|metadata| metadata.uid())
}

fn on_a_network(profile: &str, dir: &Path) -> Result<(), Failure> {
    let layr = layout::program(profile, "layr");
    let network_dir = dir.join("network");
    let devnet = Program::new(&layr)
        .args(["devnet", "--hosts", HOSTS, "--dir"])
        .args([&network_dir])
        .start(Stdio::piped())?;
    let mut devnet = Background(devnet);
    let network_file = network_file(&mut devnet)?;

    let home = dir.join("home");
    let passphrase = dir.join("passphrase");
    write_secret(&passphrase, "a throw-away identity")?;
    Program::new(&layr)
        .args(["--json", "--home"])
        .args([&home])
        .args(["init", "--key-store", "file", "--network", &network_file])
        .env("LAYR_PASSPHRASE_FILE", &passphrase)
        .output()?;
    section("the app");
    eprintln!("  To store a file while it runs, in another terminal:");
    eprintln!("    {} --home {} put README.md", layr.display(), home.display());
    Program::new(layout::program(profile, "layr-desktop"))
        .args(["--home"])
        .args([&home])
        .env("LAYR_PASSPHRASE_FILE", &passphrase)
        .run()
}

/// Reads the network's ready line.
fn network_file(devnet: &mut Background) -> Result<String, Failure> {
    let stdout = devnet.0.stdout.take().ok_or_else(|| Failure::new("the network has no output"))?;
    let mut line = String::new();
    BufReader::new(stdout)
        .read_line(&mut line)
        .map_err(|error| Failure::new(format!("the network ended before it was ready: {error}")))?;
    let ready: serde_json::Value = serde_json::from_str(&line)
        .map_err(|_| Failure::new(format!("the network did not come up; it said {line:?}")))?;
    ready
        .get("network_file")
        .and_then(serde_json::Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| Failure::new("the network names no network file"))
}

fn write_secret(path: &Path, text: &str) -> Result<(), Failure> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).and_then(|mut file| file.write_all(text.as_bytes())).map_err(Failure::at(path))
}

/// A process that ends with this value.
struct Background(Child);

impl Drop for Background {
    fn drop(&mut self) {
        // A polite signal first: the network stops its own processes then.
        let asked = Program::new("kill").args(["-TERM", &self.0.id().to_string()]).probe();
        if asked.is_none() {
            let _ = self.0.kill();
        }
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::process_of;

    #[test]
    fn only_a_directory_with_the_number_of_a_process_is_a_leftover() {
        assert_eq!(process_of("layr-try-out-4711"), Some(4711));
        for name in ["layr-try-out-", "layr-try-out-+1", "layr-try-out-12x", "layr-try-out-..", "other-4711"]
        {
            assert_eq!(process_of(name), None, "{name}");
        }
    }
}
