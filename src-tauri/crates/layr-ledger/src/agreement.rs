//! The agreement contract, typed: what owner and host agree on, what they sign, each call, and what the ledger keeps.
//!
//! The rules themselves are `layr-agreement`'s; here they get accounts, keys and XDR. Ids and messages are computed here as the
//! contract computes them, so that nobody has to ask a server for them.

mod asked;
mod authority;
mod beacon;
mod bls;
mod calls;
mod deploy;
mod drand;
mod escrow;
mod groups;
mod instance;
mod life;
mod local;
mod opening;
mod statement;
mod terms;
mod value;

pub use self::authority::{Authority, Consent};
pub use self::beacon::{BeaconRound, round_of};
pub use self::calls::{AgreementContract, Answer, CONTRACT_WASM, Ending, Offer, ProvenLeaf};
pub use self::deploy::BeaconSettings;
pub use self::drand::{DrandSettings, RoundSource};
pub use self::escrow::Escrow;
pub use self::life::ContractLife;
pub use self::local::{contract_on_local_ledger, keep_on_local_ledger};
pub use self::opening::{OpenedEscrow, OpenedPage};
pub use self::statement::{AgreementNetwork, Closing, Place, Receipt, Revision};
pub use self::terms::{EscrowId, EscrowTerms, HostTerms, Seat, TermsError};
