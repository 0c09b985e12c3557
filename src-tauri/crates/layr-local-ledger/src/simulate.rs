//! Trying a transaction out: what it would do, need and cost, without doing it.

use std::rc::Rc;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use soroban_env_host::e2e_invoke::RecordingInvocationAuthMode;
use soroban_simulation::simulation::{
    InvokeHostFunctionSimulationResult, LedgerEntryDiff, SimulationAdjustmentConfig,
    SimulationAdjustmentFactor, simulate_extend_ttl_op, simulate_invoke_host_function_op,
    simulate_restore_op,
};
use stellar_xdr::{
    AccountId, DiagnosticEvent, InvokeHostFunctionOp, OperationBody, ScVal, SorobanAuthorizationEntry,
    SorobanTransactionData,
};

use crate::checks::Moment;
use crate::entries::{Entries, EntriesSource, OwnedSource};
use crate::envelope::Submitted;
use crate::host;
use crate::network::{MAX_LIFE, Network};

/// What is tried out, and on what.
pub(crate) struct Trial {
    pub(crate) entries: Arc<Entries>,
    pub(crate) network: Arc<Network>,
    /// The ledger to come.
    pub(crate) moment: Moment,
}

/// How a client wants authorisations treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AuthMode {
    /// Those given are enforced; where there are none, what is needed is recorded.
    Unsaid,
    /// Those given are enforced, also none.
    Enforce,
    /// What is needed is recorded, but only by the root call's own arguments.
    Record,
    /// What is needed is recorded, also deep inside other calls.
    RecordAllowNonRoot,
}

/// What came of it.
pub(crate) enum Simulated {
    /// It would succeed.
    Success(Box<Success>),
    /// It would fail: why, and the events that tell more.
    Failure { error: String, events: Vec<DiagnosticEvent> },
}

/// What a transaction needs, to be put into it.
#[derive(Default)]
pub(crate) struct Success {
    pub(crate) data: SorobanTransactionData,
    pub(crate) answer: Option<(Vec<SorobanAuthorizationEntry>, ScVal)>,
    pub(crate) events: Vec<DiagnosticEvent>,
    pub(crate) changes: Vec<LedgerEntryDiff>,
    pub(crate) instructions: u64,
    pub(crate) memory_bytes: u64,
}

/// Room over what was measured: the ledger that carries it out is a later one. As public servers have it.
fn adjustment(more_instructions: u32) -> SimulationAdjustmentConfig {
    let mut all = SimulationAdjustmentConfig::default_adjustment();
    if more_instructions > 0 {
        all.instructions = SimulationAdjustmentFactor::new(1.04, more_instructions.max(50_000));
    }
    all
}

impl Trial {
    pub(crate) fn run(&self, submitted: &Submitted, auth: AuthMode, more_instructions: u32) -> Simulated {
        let [operation] = submitted.transaction.operations.as_slice() else {
            return failure("Transaction contains more than one operation");
        };
        let source = submitted.operation_source(operation);
        let footprint = submitted.soroban().map(|data| data.resources.footprint.clone()).unwrap_or_default();
        let info = host::ledger_info(&self.network, self.moment);
        let config = &self.network.config;
        let entries = EntriesSource(&self.entries);
        let data = match &operation.body {
            OperationBody::InvokeHostFunction(invoke) => {
                return self.invoke(&source, invoke, auth, more_instructions);
            }
            // The simulation itself would count beyond the last ledger number.
            OperationBody::ExtendFootprintTtl(extend) if extend.extend_to >= MAX_LIFE => {
                return failure(format!("extend_to: at most {} ledgers", MAX_LIFE - 1));
            }
            OperationBody::ExtendFootprintTtl(extend) => {
                let keys = footprint.read_only.as_slice();
                simulate_extend_ttl_op(&entries, config, &adjustment(0), &info, keys, extend.extend_to)
                    .map(|result| result.transaction_data)
            }
            OperationBody::RestoreFootprint(_) => {
                let keys = footprint.read_write.as_slice();
                simulate_restore_op(&entries, config, &adjustment(0), &info, keys)
                    .map(|result| result.transaction_data)
            }
            _ => return failure("Transaction contains unsupported operation type"),
        };
        match data {
            Ok(data) => Simulated::Success(Box::new(Success { data, ..Success::default() })),
            Err(error) => failure(error.to_string()),
        }
    }

    /// Tries a call out.
    pub(crate) fn invoke(
        &self,
        source: &AccountId,
        operation: &InvokeHostFunctionOp,
        auth: AuthMode,
        more_instructions: u32,
    ) -> Simulated {
        let mode = match auth {
            AuthMode::Enforce => RecordingInvocationAuthMode::Enforcing(operation.auth.to_vec()),
            AuthMode::Unsaid if !operation.auth.is_empty() => {
                RecordingInvocationAuthMode::Enforcing(operation.auth.to_vec())
            }
            AuthMode::Record | AuthMode::Unsaid => RecordingInvocationAuthMode::recording(true, false),
            AuthMode::RecordAllowNonRoot => RecordingInvocationAuthMode::recording(false, false),
        };
        let mut seed = Sha256::new_with_prefix(self.network.id);
        seed.update(self.moment.sequence.to_be_bytes());
        let simulated = simulate_invoke_host_function_op(
            Rc::new(OwnedSource(Arc::clone(&self.entries))),
            &self.network.config,
            &adjustment(more_instructions),
            &host::ledger_info(&self.network, self.moment),
            operation.host_function.clone(),
            mode,
            source,
            seed.finalize().into(),
            true,
        );
        match simulated {
            Ok(result) => told(result),
            Err(error) => failure(error.to_string()),
        }
    }
}

fn told(result: InvokeHostFunctionSimulationResult) -> Simulated {
    match (result.invoke_result, result.transaction_data) {
        (Ok(value), Some(data)) => Simulated::Success(Box::new(Success {
            data,
            answer: Some((result.auth, value)),
            events: result.diagnostic_events,
            changes: result.modified_entries,
            instructions: result.simulated_instructions.into(),
            memory_bytes: result.simulated_memory.into(),
        })),
        (Err(error), _) => Simulated::Failure { error: error.to_string(), events: result.diagnostic_events },
        (Ok(_), None) => Simulated::Failure {
            error: "no resources were measured".to_owned(),
            events: result.diagnostic_events,
        },
    }
}

fn failure(error: impl Into<String>) -> Simulated {
    Simulated::Failure { error: error.into(), events: Vec::new() }
}
