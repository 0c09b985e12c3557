//! The project's tasks. `cargo xtask help` lists them; each does its own set-up first, so that one command is enough on
//! a fresh machine.

use std::process::ExitCode;

mod bench;
mod browser;
mod debian;
mod demo;
mod fuzz;
mod icons;
mod last_words;
mod layout;
mod ledger;
mod package;
mod pictures;
mod run;
mod shell;
mod simulate;
mod test;
mod tools;
mod window;

use shell::Failure;

const HELP: &str = "\
usage: cargo xtask TASK

  run [--release]        install what is missing, build, open the app on a local network of its own;
                         without a display: the same main job in the terminal, as `demo`
  test [--only STEP]…    everything that continuous integration runs; `test --list` names the steps
  demo [ARGS]            the main job from end to end in the terminal; ARGS go to `layr demo`
  bench [NAME]…          measure in release mode; one JSON document a line on standard output
  simulate [ARGS]        a year of a network of 200 hosts and 1000 files under a virtual clock, and whether it met
                         the goals; ARGS are --years Y, --seed S, --days D for less than a year, and
                         --plan year|small|brief|droppers
  build                  the page and the app, without starting them
  package [--release]    a .deb and an .rpm for people; --release builds faster and makes slower programs,
                         --debug still more so
  fuzz [TARGET [S]]      fuzz one target, or each of them, for S seconds (default 60)
  icons                  render icons/layr.svg into all sizes
  screenshots            take the pictures of the documentation anew
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.split_first() {
        Some((task, rest)) => perform(task, rest),
        None => Err(Failure::usage("no task given")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            if failure.is_usage() {
                eprint!("\n{HELP}");
                return ExitCode::from(2);
            }
            ExitCode::FAILURE
        }
    }
}

fn perform(task: &str, rest: &[String]) -> Result<(), Failure> {
    match task {
        "run" => run::run(rest),
        "test" => test::run(rest),
        "demo" => demo::run(rest),
        "bench" => bench::run(rest),
        "build" => window::build_all(rest),
        "package" => package::run(rest),
        "fuzz" => fuzz::run(rest),
        "icons" => icons::run(rest),
        "screenshots" => pictures::run(rest),
        "simulate" => simulate::run(rest),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        other => Err(Failure::usage(format!("unknown task {other:?}"))),
    }
}
