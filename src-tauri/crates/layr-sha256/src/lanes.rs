//! Messages of different length side by side: a lane whose message ends takes the next one.

use crate::kernel::{AVX2_LANES, AVX512_LANES, Block, INITIAL, Kernel, Kernels, State};

/// A message in work: its state and the blocks that are to come.
struct Lane<'s, 'b> {
    state: &'s mut State,
    rest: &'b [Block],
}

/// Runs each state over its blocks, which may be differently many.
pub(crate) fn compress_each<'b>(
    kernels: Kernels,
    states: &mut [State],
    blocks: impl Iterator<Item = &'b [Block]>,
) {
    let mut waiting: Vec<Lane> = states
        .iter_mut()
        .zip(blocks)
        .filter(|(_, blocks)| !blocks.is_empty())
        .map(|(state, rest)| Lane { state, rest })
        .collect();
    // The longest is begun first: what is left for the end, when lanes are idle, is short.
    waiting.sort_unstable_by_key(|lane| lane.rest.len());
    match kernels.best() {
        Kernel::Avx512 => side_by_side::<AVX512_LANES>(kernels, &mut waiting),
        Kernel::Avx2 => side_by_side::<AVX2_LANES>(kernels, &mut waiting),
        Kernel::ShaNi | Kernel::Sha2 => {}
    }
    for lane in waiting {
        let mut alone = [*lane.state];
        kernels.compress(&mut alone, &[lane.rest]);
        [*lane.state] = alone;
    }
}

/// Works on the last of those that wait, until too few are left to be worth it.
fn side_by_side<const LANES: usize>(kernels: Kernels, waiting: &mut Vec<Lane>) {
    let mut running = Vec::with_capacity(LANES);
    loop {
        while running.len() < LANES
            && let Some(next) = waiting.pop()
        {
            running.push(next);
        }
        if running.len() < kernels.fewest() {
            break;
        }
        step::<LANES>(kernels, &mut running);
        running.retain(|lane| !lane.rest.is_empty());
    }
    waiting.append(&mut running);
}

/// Runs all lanes as far as the one that ends first.
fn step<const LANES: usize>(kernels: Kernels, running: &mut [Lane]) {
    let blocks = running.iter().map(|lane| lane.rest.len()).min().unwrap_or(0);
    // An idle lane hashes what the first one hashes, and nobody takes the result.
    let idle = running.first().and_then(|lane| lane.rest.get(..blocks)).unwrap_or_default();
    let mut inputs = [idle; LANES];
    let mut states = [INITIAL; LANES];
    for ((lane, input), state) in running.iter_mut().zip(&mut inputs).zip(&mut states) {
        (*input, lane.rest) = lane.rest.split_at(blocks);
        *state = *lane.state;
    }
    kernels.compress(&mut states, &inputs);
    for (lane, state) in running.iter_mut().zip(states) {
        *lane.state = state;
    }
}
