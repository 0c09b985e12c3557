//! Paths from a leaf or a subtree up to the root.

use alloc::vec::Vec;

use crate::{CountError, Node, PathDecodeError, Sha256, SoftwareSha256, join_with};

/// Longest path accepted. A tree over 2^64 leaves is 64 levels deep, and no count reaches further.
pub const MAX_PATH_STEPS: usize = 64;

/// Longest encoding of a path: the number of steps, then side, hash and count of each.
pub const MAX_ENCODED_PATH_BYTES: usize = 1 + MAX_PATH_STEPS * STEP_BYTES;

/// Encoded size of a step: side, hash, count.
const STEP_BYTES: usize = 1 + 32 + 8;

/// Where a sibling stands, seen from the node that is being proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The sibling's leaves come before the proven ones.
    Left,
    /// The sibling's leaves come after the proven ones.
    Right,
}

/// One level of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    /// Where the sibling stands.
    pub side: Side,
    /// The sibling at this level.
    pub sibling: Node,
}

/// What a path proves about its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Proven {
    /// Root that the path leads to, with the tree's total number of leaves.
    pub root: Node,
    /// Position of the start's first leaf among all leaves.
    pub first_leaf: u64,
}

/// Siblings from a subtree (or a leaf) up to the root, lowest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Path {
    steps: Vec<Step>,
}

impl Path {
    /// A path of these steps, lowest first.
    pub fn new(steps: Vec<Step>) -> Result<Self, CountError> {
        if steps.len() > MAX_PATH_STEPS {
            return Err(CountError::TooManySteps { steps: steps.len() });
        }
        if steps.iter().any(|step| step.sibling.leaf_count == 0) {
            return Err(CountError::ZeroLeaves);
        }
        Ok(Self { steps })
    }

    /// The steps, lowest first.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// This path continued by `upper`, which starts where this one ends: a leaf's path within its shard,
    /// continued by the shard's path within an agreement.
    pub fn extend(mut self, upper: &Self) -> Result<Self, CountError> {
        self.steps.extend_from_slice(&upper.steps);
        Self::new(self.steps)
    }

    /// Folds the path over its start. Compare the root's hash *and* leaf count with those agreed on, and the
    /// position with the one asked for: all three are claims until then.
    pub fn root(&self, start: Node) -> Result<Proven, CountError> {
        climb(start, self.steps.iter().copied())
    }

    /// Number of steps u8 ‖ for each step, lowest first: side u8 (0 left, 1 right) ‖ sibling's hash ‖
    /// sibling's leaf count u64 BE.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(1 + self.steps.len() * STEP_BYTES);
        bytes.push(u8::try_from(self.steps.len()).unwrap_or(u8::MAX));
        for step in &self.steps {
            bytes.push(match step.side {
                Side::Left => 0,
                Side::Right => 1,
            });
            bytes.extend_from_slice(&step.sibling.hash);
            bytes.extend_from_slice(&step.sibling.leaf_count.to_be_bytes());
        }
        bytes
    }

    /// Reads what [`encode`](Self::encode) wrote: exactly one encoding per path, no trailing bytes, never more
    /// than [`MAX_PATH_STEPS`].
    pub fn decode(bytes: &[u8]) -> Result<Self, PathDecodeError> {
        let steps = encoded_steps(bytes)?.iter().map(decode_step).collect::<Result<_, _>>()?;
        Ok(Self { steps })
    }
}

fn encoded_steps(bytes: &[u8]) -> Result<&[[u8; STEP_BYTES]], PathDecodeError> {
    let (&steps, body) = bytes.split_first().ok_or(PathDecodeError::Empty)?;
    let steps = usize::from(steps);
    if steps > MAX_PATH_STEPS {
        return Err(PathDecodeError::TooManySteps { steps });
    }
    let expected_bytes = 1 + steps * STEP_BYTES;
    if bytes.len() != expected_bytes {
        return Err(PathDecodeError::WrongLength { actual_bytes: bytes.len(), expected_bytes });
    }
    Ok(body.as_chunks::<STEP_BYTES>().0)
}

fn decode_step(bytes: &[u8; STEP_BYTES]) -> Result<Step, PathDecodeError> {
    let mut hash = [0; 32];
    hash.copy_from_slice(&bytes[1..33]);
    let mut count = [0; 8];
    count.copy_from_slice(&bytes[33..41]);
    let side = match bytes[0] {
        0 => Side::Left,
        1 => Side::Right,
        side => return Err(PathDecodeError::UnknownSide { side }),
    };
    let leaf_count = u64::from_be_bytes(count);
    if leaf_count == 0 {
        return Err(PathDecodeError::ZeroLeaves);
    }
    Ok(Step { side, sibling: Node { hash, leaf_count } })
}

/// Folds steps over a start without needing them in memory at once. See [`Path::root`].
pub fn climb(start: Node, steps: impl IntoIterator<Item = Step>) -> Result<Proven, CountError> {
    climb_with(&SoftwareSha256, start, steps)
}

/// [`climb`] by another implementation of SHA-256.
pub fn climb_with(
    sha256: &impl Sha256,
    start: Node,
    steps: impl IntoIterator<Item = Step>,
) -> Result<Proven, CountError> {
    if start.leaf_count == 0 {
        return Err(CountError::ZeroLeaves);
    }
    let mut proven = Proven { root: start, first_leaf: 0 };
    for (index, step) in steps.into_iter().enumerate() {
        if index >= MAX_PATH_STEPS {
            return Err(CountError::TooManySteps { steps: index + 1 });
        }
        proven = climb_step(sha256, proven, step)?;
    }
    Ok(proven)
}

fn climb_step(sha256: &impl Sha256, below: Proven, step: Step) -> Result<Proven, CountError> {
    let Proven { root, first_leaf } = below;
    match step.side {
        Side::Left => {
            let root = join_with(sha256, step.sibling, root)?;
            // The position is below the total, whose addition was checked by the join.
            Ok(Proven { root, first_leaf: first_leaf + step.sibling.leaf_count })
        }
        Side::Right => Ok(Proven { root: join_with(sha256, root, step.sibling)?, first_leaf }),
    }
}
