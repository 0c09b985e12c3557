//! What the host charges for each kind of work, as protocol 29 has it.
//!
//! Taken from the defaults of `soroban-env-host` 29.0.1 (`budget.rs`); a test holds this table against them. The host takes
//! costs from the ledger only, so they have to be written down here.

use stellar_xdr::{ContractCostParamEntry, ContractCostParams, ExtensionPoint};

use crate::error::LedgerError;

/// Constant and linear term for instructions, then for memory bytes, one row a `ContractCostType`, in its order. Linear terms are in
/// 1/128.
const COSTS: [(i64, i64, i64, i64); 86] = [
    (4, 0, 0, 0),                                // WasmInsnExec
    (434, 16, 16, 128),                          // MemAlloc
    (42, 16, 0, 0),                              // MemCpy
    (44, 16, 0, 0),                              // MemCmp
    (295, 0, 0, 0),                              // DispatchHostFunction
    (60, 0, 0, 0),                               // VisitObject
    (221, 26, 242, 384),                         // ValSer
    (331, 4_369, 0, 384),                        // ValDeser
    (3_636, 7_013, 0, 0),                        // ComputeSha256Hash
    (40_256, 0, 0, 0),                           // ComputeEd25519PubKey
    (377_551, 4_059, 0, 0),                      // VerifyEd25519Sig
    (417_482, 45_712, 132_773, 4_903),           // VmInstantiation
    (41_142, 634, 69_472, 1_217),                // VmCachedInstantiation
    (1_945, 0, 14, 0),                           // InvokeVmFunction
    (6_481, 5_943, 0, 0),                        // ComputeKeccak256Hash
    (711, 0, 0, 0),                              // DecodeEcdsaCurve256Sig
    (2_314_804, 0, 181, 0),                      // RecoverEcdsaSecp256k1Key
    (4_176, 0, 99, 0),                           // Int256AddSub
    (4_716, 0, 99, 0),                           // Int256Mul
    (4_680, 0, 99, 0),                           // Int256Div
    (4_256, 0, 99, 0),                           // Int256Pow
    (884, 0, 99, 0),                             // Int256Shift
    (1_059, 502, 0, 0),                          // ChaCha20DrawBytes
    (73_077, 25_410, 17_564, 6_457),             // ParseWasmInstructions
    (0, 540_752, 0, 47_464),                     // ParseWasmFunctions
    (0, 176_363, 0, 13_420),                     // ParseWasmGlobals
    (0, 29_989, 0, 6_285),                       // ParseWasmTableEntries
    (0, 1_061_449, 0, 64_670),                   // ParseWasmTypes
    (0, 237_336, 0, 29_074),                     // ParseWasmDataSegments
    (0, 328_476, 0, 48_095),                     // ParseWasmElemSegments
    (0, 701_845, 0, 103_229),                    // ParseWasmImports
    (0, 429_383, 0, 36_394),                     // ParseWasmExports
    (0, 28, 0, 257),                             // ParseWasmDataSegmentBytes
    (43_030, 0, 70_704, 0),                      // InstantiateWasmInstructions
    (0, 7_556, 0, 14_613),                       // InstantiateWasmFunctions
    (0, 10_711, 0, 6_833),                       // InstantiateWasmGlobals
    (0, 3_300, 0, 1_025),                        // InstantiateWasmTableEntries
    (0, 0, 0, 0),                                // InstantiateWasmTypes
    (0, 23_038, 0, 129_632),                     // InstantiateWasmDataSegments
    (0, 42_488, 0, 13_665),                      // InstantiateWasmElemSegments
    (0, 828_974, 0, 97_637),                     // InstantiateWasmImports
    (0, 297_100, 0, 9_176),                      // InstantiateWasmExports
    (0, 14, 0, 126),                             // InstantiateWasmDataSegmentBytes
    (1_882, 0, 0, 0),                            // Sec1DecodePointUncompressed
    (3_000_906, 0, 0, 0),                        // VerifyEcdsaSecp256r1Sig
    (661, 0, 0, 0),                              // Bls12381EncodeFp
    (985, 0, 0, 0),                              // Bls12381DecodeFp
    (1_934, 0, 0, 0),                            // Bls12381G1CheckPointOnCurve
    (730_510, 0, 0, 0),                          // Bls12381G1CheckPointInSubgroup
    (5_921, 0, 0, 0),                            // Bls12381G2CheckPointOnCurve
    (1_057_822, 0, 0, 0),                        // Bls12381G2CheckPointInSubgroup
    (92_642, 0, 0, 0),                           // Bls12381G1ProjectiveToAffine
    (100_742, 0, 0, 0),                          // Bls12381G2ProjectiveToAffine
    (7_689, 0, 0, 0),                            // Bls12381G1Add
    (2_458_985, 0, 0, 0),                        // Bls12381G1Mul
    (2_347_584, 94_135_478, 109_494, 266_603),   // Bls12381G1Msm
    (1_020_885, 0, 2_776, 0),                    // Bls12381MapFpToG1
    (2_638_451, 6_803, 5_896, 0),                // Bls12381HashToG1
    (25_207, 0, 0, 0),                           // Bls12381G2Add
    (7_873_219, 0, 0, 0),                        // Bls12381G2Mul
    (7_663_880, 298_580_871, 219_654, 266_603),  // Bls12381G2Msm
    (1_856_539, 0, 1_672, 0),                    // Bls12381MapFp2ToG2
    (6_315_452, 7_232, 3_960, 0),                // Bls12381HashToG2
    (10_558_948, 632_860_943, 2_204, 9_340_474), // Bls12381Pairing
    (1_994, 0, 0, 0),                            // Bls12381FrFromU256
    (1_155, 0, 248, 0),                          // Bls12381FrToU256
    (74, 0, 0, 0),                               // Bls12381FrAddSub
    (332, 0, 0, 0),                              // Bls12381FrMul
    (691, 74_558, 0, 128),                       // Bls12381FrPow
    (35_421, 0, 0, 0),                           // Bls12381FrInv
    (344, 0, 0, 0),                              // Bn254EncodeFp
    (476, 0, 0, 0),                              // Bn254DecodeFp
    (904, 0, 0, 0),                              // Bn254G1CheckPointOnCurve
    (2_811, 0, 0, 0),                            // Bn254G2CheckPointOnCurve
    (1_706_052, 0, 0, 0),                        // Bn254G2CheckPointInSubgroup
    (61, 0, 0, 0),                               // Bn254G1ProjectiveToAffine
    (3_623, 0, 0, 0),                            // Bn254G1Add
    (1_150_435, 0, 0, 0),                        // Bn254G1Mul
    (5_263_916, 392_472_814, 1_821, 6_232_546),  // Bn254Pairing
    (2_052, 0, 0, 0),                            // Bn254FrFromU256
    (1_133, 0, 312, 0),                          // Bn254FrToU256
    (74, 0, 0, 0),                               // Bn254FrAddSub
    (332, 0, 0, 0),                              // Bn254FrMul
    (755, 68_930, 0, 0),                         // Bn254FrPow
    (33_151, 0, 0, 0),                           // Bn254FrInv
    (1_185_193, 41_568_084, 73_061, 229_779),    // Bn254G1Msm
];

/// Instructions of each kind of work.
pub(crate) fn instructions() -> Result<ContractCostParams, LedgerError> {
    terms(|&(constant, linear, _, _)| (constant, linear))
}

/// Memory of each kind of work.
pub(crate) fn memory() -> Result<ContractCostParams, LedgerError> {
    terms(|&(_, _, constant, linear)| (constant, linear))
}

fn terms(of: impl Fn(&(i64, i64, i64, i64)) -> (i64, i64)) -> Result<ContractCostParams, LedgerError> {
    let entry = |row| {
        let (const_term, linear_term) = of(row);
        ContractCostParamEntry { ext: ExtensionPoint::V0, const_term, linear_term }
    };
    Ok(ContractCostParams(COSTS.iter().map(entry).collect::<Vec<_>>().try_into()?))
}

#[cfg(test)]
mod tests {
    use soroban_env_host::budget::Budget;

    use super::{instructions, memory};

    /// Limits of a budget by default, in instructions and bytes.
    const DEFAULT_LIMITS: (u64, u64) = (100_000_000, 40 * 1024 * 1024);

    #[test]
    fn are_those_of_the_host() {
        let (cpu, bytes) = DEFAULT_LIMITS;
        let ours = Budget::try_from_configs(cpu, bytes, instructions().unwrap(), memory().unwrap()).unwrap();
        assert_eq!(format!("{ours:?}"), format!("{:?}", Budget::default()));
    }
}
