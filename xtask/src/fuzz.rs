//! Fuzzing of the decoders, a local convenience: continuous integration runs their property tests instead.

use crate::layout;
use crate::shell::{Failure, Program, section};
use crate::tools;

const DEFAULT_SECONDS: &str = "60";

pub(crate) fn run(rest: &[String]) -> Result<(), Failure> {
    let (target, seconds) = match rest {
        [] => (None, DEFAULT_SECONDS),
        [target] => (Some(target.as_str()), DEFAULT_SECONDS),
        [target, seconds] => (Some(target.as_str()), seconds.as_str()),
        [_, _, surplus, ..] => return Err(Failure::usage(format!("unexpected argument {surplus:?}"))),
    };
    if seconds.parse::<u32>().is_err() {
        return Err(Failure::usage(format!("{seconds:?} is not a number of seconds")));
    }
    let fuzz = tools::cargo_fuzz()?;
    let known = cargo_fuzz(&fuzz, &["list"]).output()?;
    let targets: Vec<&str> =
        known.lines().filter(|name| target.is_none_or(|wanted| wanted == *name)).collect();
    if targets.is_empty() {
        return Err(Failure::usage(format!("there is no such target; there are:\n{known}")));
    }
    let limit = format!("-max_total_time={seconds}");
    for name in targets {
        section(&format!("fuzz {name}"));
        cargo_fuzz(&fuzz, &["run", name, "--", &limit]).run()?;
    }
    Ok(())
}

fn cargo_fuzz(fuzz: &std::path::Path, args: &[&str]) -> Program {
    Program::new(fuzz)
        .args(["fuzz"])
        .args(args)
        .dir(layout::root())
        // The sanitizer flags are unstable; this lets the stable compiler take them.
        .env("RUSTC_BOOTSTRAP", "1")
}
