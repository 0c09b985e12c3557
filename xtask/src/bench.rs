//! Measurements in release mode. What they print on standard output is one JSON document a line: figure, unit, value,
//! and the ceiling or goal beside it.

use crate::debian;
use crate::layout;
use crate::shell::{Failure, Program, section};

/// One measuring program: an example of a crate.
struct Bench {
    name: &'static str,
    package: &'static str,
    example: &'static str,
    args: &'static [&'static str],
}

/// From the inside out: the stages alone first, so that the whole can be held against their sum.
const BENCHES: &[Bench] = &[
    Bench { name: "codec", package: "layr-codec", example: "stages", args: &[] },
    Bench { name: "vault", package: "layr-vault", example: "store", args: &[] },
    Bench { name: "net", package: "layr-net", example: "throughput", args: &[] },
    Bench { name: "node", package: "layr-node", example: "node_bench", args: &[] },
];

pub(crate) fn run(rest: &[String]) -> Result<(), Failure> {
    let known = || BENCHES.iter().map(|bench| bench.name).collect::<Vec<_>>().join(", ");
    if let Some(unknown) = rest.iter().find(|name| !BENCHES.iter().any(|bench| bench.name == **name)) {
        return Err(Failure::usage(format!("there is no measurement {unknown:?}; there are {}", known())));
    }
    debian::install(debian::TERMINAL)?;
    for bench in BENCHES.iter().filter(|bench| rest.is_empty() || rest.iter().any(|name| name == bench.name))
    {
        section(bench.name);
        Program::cargo()
            .args([
                "run",
                "--quiet",
                "--release",
                "--locked",
                "-p",
                bench.package,
                "--example",
                bench.example,
                "--",
            ])
            .args(bench.args)
            .dir(layout::root())
            .run()?;
    }
    Ok(())
}
