//! What the page may ask for. Each command is a wrapper: it hands over to the node or its host and answers.

pub(crate) mod activity;
pub(crate) mod agreements;
pub(crate) mod bandwidth;
pub(crate) mod hosting;
pub(crate) mod library;
pub(crate) mod manifest;
pub(crate) mod node;
pub(crate) mod onboarding;
pub(crate) mod phrase;
pub(crate) mod repair;
pub(crate) mod restoring;
pub(crate) mod settings;
pub(crate) mod transfers;
pub(crate) mod turn;
pub(crate) mod upload;
pub(crate) mod wallet;

/// The types that the registry names.
pub(crate) mod shapes {
    pub(crate) use layr_node::api::{
        ActivityCounts, ActivityReport, AgreementsCheckReport, AgreementsRenewPlan, AgreementsRenewRequest,
        AgreementsReport, BandwidthReport, BandwidthSettings, CheckPlan, FileDetails, HostReport,
        HostSettings, HostsReport, LeaveRequest, ManifestReport, PageReport, PageRequest, RepairPlan,
        SpendingReport, SpendingSettings, TransfersReport, WalletHistory, WalletReport, WalletSendReport,
    };

    pub(crate) use super::activity::EntryRequest;
    pub(crate) use super::agreements::ExportedAgreements;
    pub(crate) use super::library::{
        CheckAnswer, CheckRequest, FileVersions, NameAnswer, NameRequest, NamesRequest, RemovedAnswer,
        RenameRequest, RestoreRequest,
    };
    pub(crate) use super::manifest::{
        ExportManifestRequest, ExportedManifest, ImportPreview, SharedLink, TokenRequest,
    };
    pub(crate) use super::onboarding::{
        ChosenNetworkFile, CreateReport, CreateRequest, NetworksReport, ShellState, UnlockRequest,
    };
    pub(crate) use super::phrase::{CopiedAnswer, CopyEnd, PhraseReport, PhraseSaveRequest, SavedPhrase};
    pub(crate) use super::repair::RepairAnswer;
    pub(crate) use super::restoring::{
        ChosenSealed, KeysRestoreRequest, RestoreIdentityRequest, RestorePreview, WordsRequest,
    };
    pub(crate) use super::settings::{CloseDecision, Settings, SettingsChange};
    pub(crate) use super::transfers::{
        DownloadsStarted, OneTransferRequest, PauseRequest, TransferRequest, UploadStarted,
    };
    pub(crate) use super::upload::{ChooseRequest, Review, SelectionAnswer, SelectionRequest, UploadRequest};
    pub(crate) use super::wallet::{PaymentPlan, PaymentRequest};
    pub(crate) use crate::view::NodeView;
}
