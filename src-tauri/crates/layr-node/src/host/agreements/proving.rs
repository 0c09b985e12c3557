//! The leaves that a window asks for, proven to the data root.

use layr_agreement::MAX_SAMPLES;
use layr_library::AgreementData;
use layr_proof::{Path, positions};

use super::Service;
use crate::agreements::{leaf_of, path_of};
use crate::host::audit;
use crate::wire::{LeafAnswer, Refusal};

/// A window's answer, in the question's order.
pub(super) struct ProvenWindow {
    pub(super) leaves: Vec<LeafAnswer>,
    /// Bytes read for it.
    pub(super) read_bytes: u64,
}

impl ProvenWindow {
    /// Whether nothing is lacking.
    pub(super) fn is_whole(&self) -> bool {
        self.leaves.iter().all(|leaf| matches!(leaf, LeafAnswer::Proven { .. }))
    }
}

impl Service {
    /// What `question` asks of this data.
    pub(super) async fn prove_window(
        &self,
        data: AgreementData,
        question: [u8; 32],
        samples: u32,
    ) -> Result<ProvenWindow, Refusal> {
        let vault = self.stored_vault()?;
        let asked: Vec<_> = positions(&question, data.leaves, samples.min(MAX_SAMPLES))
            .filter_map(|position| leaf_of(&data.shards, position))
            .collect();
        let indices: Vec<usize> = asked.iter().map(|place| place.index).collect();
        let turn = self.admission.proof().await.ok_or(Refusal::Busy)?;
        let upper = move || {
            let paths = indices.into_iter().map(|index| path_of(&data.shards, index));
            paths.collect::<Vec<Option<Path>>>()
        };
        let upper = self.blocking(upper).await?;
        drop(turn);
        let mut proven = ProvenWindow { leaves: Vec::with_capacity(asked.len()), read_bytes: 0 };
        for (place, upper) in asked.into_iter().zip(upper) {
            let answer = match &vault {
                None => LeafAnswer::Missing,
                Some(vault) => {
                    let (answers, read) =
                        audit::prove(self, vault.clone(), place.root, vec![place.leaf]).await;
                    proven.read_bytes = proven.read_bytes.saturating_add(read);
                    answers.into_iter().next().unwrap_or(LeafAnswer::Later)
                }
            };
            proven.leaves.push(extended(answer, upper.as_ref()));
        }
        Ok(proven)
    }
}

/// A leaf's path to its shard's root goes on to the data's.
fn extended(answer: LeafAnswer, upper: Option<&Path>) -> LeafAnswer {
    let LeafAnswer::Proven { leaf, path } = answer else { return answer };
    let path = Path::decode(&path).ok().zip(upper).and_then(|(path, upper)| path.extend(upper).ok());
    path.map_or(LeafAnswer::Later, |path| LeafAnswer::Proven { leaf, path: path.encode() })
}
