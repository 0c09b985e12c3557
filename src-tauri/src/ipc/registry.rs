//! Every command that the page may call, declared once: `module::name(request) -> answer`. From this list come the
//! functions that the shell serves (`ipc.rs`), the permissions (`build.rs`), the page's bindings and the test that holds
//! the capability and its snapshot against it. The comments become the comments of the bindings.
//!
//! The build script includes this file too, so nothing may be used here.

macro_rules! registry {
    ($with:ident) => {
        $with! {
            /// Where the node of this window stands; changes arrive as `node-view` events.
            node::node_view() -> NodeView,
            /// Tries again to start a node that could not start. Without effect on one that runs or is starting.
            node::retry_start() -> (),

            /// What the window remembers of this home.
            onboarding::shell_state() -> ShellState,

            /// The networks that a new home can join.
            onboarding::onboarding_networks() -> NetworksReport,
            /// Lets the person choose a network file, which is read and checked; null when they dismissed the dialog.
            onboarding::onboarding_choose_network() -> Option<ChosenNetworkFile>,
            /// Makes a new identity and starts its node. `keyring_unavailable` asks for a passphrase.
            onboarding::onboarding_create(CreateRequest) -> CreateReport,
            /// Lets the person choose a sealed file with 24 words; null when they dismissed the dialog.
            restoring::onboarding_choose_sealed() -> Option<ChosenSealed>,
            /// Whose words these are and whether a library of that owner lies here, before anything is written. `wrong_key` for words
            /// that are none, `other_owner` where another owner's library lies.
            restoring::onboarding_check(WordsRequest) -> RestorePreview,
            /// Brings an identity back from its 24 words and starts its node. `keyring_unavailable` asks for a passphrase.
            restoring::onboarding_restore(RestoreIdentityRequest) -> (),
            /// Brings the keys of this home back from its 24 words where they are gone, and starts its node; all else of it stays.
            /// `keyring_unavailable` asks for a passphrase, `other_owner` says that these are somebody else's words.
            restoring::keys_restore(KeysRestoreRequest) -> (),
            /// Opens the key file and starts the node.
            onboarding::unlock(UnlockRequest) -> (),
            /// Stops the node and lets its keys go until `unlock`; answers when it has stopped. `invalid_request` where no passphrase
            /// would be asked for.
            onboarding::lock() -> (),

            /// The 24 words of this identity: the only command that answers with a secret.
            phrase::phrase_show() -> PhraseReport,
            /// The person has shown that the words are written down.
            phrase::phrase_confirmed() -> (),
            /// Puts the words on the clipboard, from where they go after a while if they are still there.
            phrase::phrase_copy() -> CopiedAnswer,
            /// Waits until the words' time on the clipboard is over, and tells whether they are gone from there.
            phrase::phrase_copy_end() -> CopyEnd,
            /// Opens the system's print dialog on what the page shows.
            phrase::phrase_print() -> (),
            /// Seals the words into a new file where the person says; null when they dismissed the dialog.
            phrase::phrase_save(PhraseSaveRequest) -> Option<SavedPhrase>,

            /// A page of a directory, of a search or of the trash, sorted.
            library::library_page(PageRequest) -> PageReport,
            /// One file, with where the shards of its weakest segments lie.
            library::file_info(NameRequest) -> FileDetails,
            /// The versions of a file that can be brought back, the newest first.
            library::file_versions(NameRequest) -> FileVersions,
            /// Gives a file or directory another path.
            library::file_rename(RenameRequest) -> NameAnswer,
            /// Moves files and directories to the trash.
            library::files_remove(NamesRequest) -> RemovedAnswer,
            /// How much a thorough check of files and directories would read; asks nobody.
            library::files_verify_plan(NamesRequest) -> CheckPlan,
            /// Has the hosts prove that they hold the shards of files and directories, or reads all of them, and marks what it finds. One check at a time: `conflict`
            /// otherwise. A stopped one answers `interrupted`.
            library::files_verify(CheckRequest) -> CheckAnswer,
            /// Stops the check that is under way, if there is one; what it found is marked.
            library::check_cancel() -> (),
            /// What a repair of files and directories would do, and what it lacks. Reads and sends no shard; may look for hosts for
            /// some seconds.
            repair::files_repair_plan(NamesRequest) -> RepairPlan,
            /// Makes the shards of files and directories that are lost or out of reach again from the others, and brings them to other
            /// hosts. One repair at a time: `conflict` otherwise. A stopped one answers `interrupted`.
            repair::files_repair(NamesRequest) -> RepairAnswer,
            /// Stops the repair that is under way, if there is one; what it made again stays.
            repair::repair_cancel() -> (),
            /// Brings something back from the trash, or an old version to the front.
            library::file_restore(RestoreRequest) -> NameAnswer,

            /// Lets the person choose what to store; null when they dismissed the dialog.
            upload::choose_upload(ChooseRequest) -> Option<SelectionAnswer>,
            /// What storing a selection would mean; sends nothing. Ends early when the selection is dropped.
            upload::selection_review(UploadRequest) -> Review,
            /// Forgets a selection.
            upload::selection_drop(SelectionRequest) -> (),

            /// Queues the upload of a selection, which is forgotten then.
            transfers::upload_start(UploadRequest) -> UploadStarted,
            /// Queues downloads to a folder that the person chooses; null when they dismissed the dialog.
            transfers::download_start(NamesRequest) -> Option<DownloadsStarted>,
            /// The queue of uploads and downloads; changes arrive as `transfers` events while the window is visible.
            transfers::transfers() -> TransfersReport,
            /// Pauses a transfer; all of them, and what will be queued, without an id.
            transfers::transfer_pause(TransferRequest) -> (),
            /// Pauses all transfers, and what will be queued, for a while; a resume ends it early.
            transfers::transfers_pause_for(PauseRequest) -> (),
            /// Lets a paused transfer go on; all of them without an id.
            transfers::transfer_resume(TransferRequest) -> (),
            /// Tries a failed transfer again; all of them without an id.
            transfers::transfer_retry(TransferRequest) -> (),
            /// Gives a transfer up; all that have not ended without an id.
            transfers::transfer_cancel(TransferRequest) -> (),
            /// Forgets the transfers that are done or cancelled.
            transfers::transfers_clear() -> (),
            /// Shows what a finished download brought back in the file manager.
            transfers::transfer_reveal(OneTransferRequest) -> (),

            /// Writes a `.layr` file where the person says; null when they dismissed the dialog.
            manifest::export_manifest(ExportManifestRequest) -> Option<ExportedManifest>,
            /// Puts a link to a file or directory on the clipboard.
            manifest::share_copy(NameRequest) -> SharedLink,
            /// Lets the person choose a `.layr` file and shows what is in it; null when they dismissed the dialog.
            manifest::import_manifest() -> Option<ImportPreview>,
            /// Shows what the link that was copied last would bring. `invalid_request` where the clipboard holds none. The link stays
            /// with the shell.
            manifest::import_copied() -> ImportPreview,
            /// What was opened from outside and waits for a yes; null while nothing waits or the node does not run.
            manifest::opened() -> Option<ImportPreview>,
            /// Takes what was previewed into the library.
            manifest::import_confirm(TokenRequest) -> ManifestReport,

            /// How the app behaves in this home.
            settings::settings() -> Settings,
            /// Changes how the app behaves; absent fields stay as they are. What the system refuses is an error, and then nothing
            /// is changed.
            settings::settings_set(SettingsChange) -> Settings,
            /// Answers the event `close-asked`: keeps the choice, then hides the window or quits.
            settings::close_decided(CloseDecision) -> (),
            /// The person put the question of the event `close-asked` away without an answer.
            settings::close_dismissed() -> (),
            /// Parks what moves, stops the node and ends the app.
            settings::quit() -> (),

            /// What all transfers together may take of the line.
            bandwidth::bandwidth() -> BandwidthReport,
            /// Changes what all transfers together may take of the line; absent fields stay as they are.
            bandwidth::bandwidth_set(BandwidthSettings) -> BandwidthReport,

            /// What this node lends.
            hosting::hosting() -> HostReport,
            /// Changes how much and on what terms this node lends; absent fields stay as they are.
            hosting::hosting_set(HostSettings) -> HostReport,
            /// Takes no new shards; what is stored is served on.
            hosting::hosting_pause() -> HostReport,
            /// Takes new shards again.
            hosting::hosting_resume() -> HostReport,
            /// Takes no new shards, has owners bring what lies here to other hosts, and stops then.
            hosting::hosting_leave(LeaveRequest) -> HostReport,
            /// Stays after all, and takes new shards again.
            hosting::hosting_stay() -> HostReport,
            /// The hosts that this node knows, asked for their terms now.
            hosting::network_hosts() -> HostsReport,

            /// What the owner's account has. `invalid_request` on a network without a ledger.
            wallet::wallet() -> WalletReport,
            /// Has the friendbot of a test network open the account and fill it.
            wallet::wallet_fund() -> WalletReport,
            /// What was signed for the ledger here, the newest first.
            wallet::wallet_history() -> WalletHistory,
            /// Puts the account's address on the clipboard.
            wallet::wallet_copy() -> (),
            /// What a payment would come to, with every check that it will meet; nothing is signed. `not_enough_funds` says what is missing.
            wallet::wallet_send_plan(PaymentRequest) -> PaymentPlan,
            /// Makes a payment that was planned. However often it is asked for with the same token, it is paid once.
            wallet::wallet_send(TokenRequest) -> WalletSendReport,

            /// Storage agreements of both roles, and what may be spent on them.
            agreements::agreements() -> AgreementsReport,
            /// Does what is due about agreements at once.
            agreements::agreements_check() -> AgreementsCheckReport,
            /// What renewing agreements would come to; nothing is signed.
            agreements::agreements_renew_plan(AgreementsRenewRequest) -> AgreementsRenewPlan,
            /// Agrees on the next term of agreements that end soon, within what may be spent.
            agreements::agreements_renew(AgreementsRenewRequest) -> AgreementsCheckReport,
            /// Changes what may be spent on agreements; absent fields stay as they are.
            agreements::agreements_limit(SpendingSettings) -> SpendingReport,
            /// Writes all agreements into a table where the person says; null when they dismissed the dialog.
            agreements::agreements_export() -> Option<ExportedAgreements>,

            /// What happened, the newest first, and how the background workers fare; changes arrive as `activity-changed` events.
            activity::activity() -> ActivityReport,
            /// How much of what happened is still open.
            activity::activity_counts() -> ActivityCounts,
            /// Marks an entry as seen to.
            activity::activity_resolve(EntryRequest) -> (),
            /// Forgets the entries that are resolved.
            activity::activity_clear() -> (),
        }
    };
}
