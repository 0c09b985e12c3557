// Written by a test from src-tauri/src/ipc/registry.rs and the types that it names; do not edit. To write it anew:
// LAYR_WRITE_BINDINGS=1 cargo test -p layr the_page_has_the_bindings

export type ActivityCounts = { unresolved: number, open_actions: number, renewals_due: boolean, };

export type ActivityEntry = { id: number, at: string, level: ActivityLevel, title: string, text: string, resolved: boolean, times?: number, opens?: string, };

export type ActivityLevel = "info" | "warning" | "action";

export type ActivityReport = { entries: Array<ActivityEntry>, workers: Array<Worker>, };

export type AgreementInfo = { id: string, host: string, owner: string, role: AgreementSide, state: AgreementPhase, start: string, end: string, windows_total: number, windows_proven: number, windows_missed: number, windows: Array<AgreementWindow>, window_rent_xlm: string, missed_window_xlm: string, misses_allowed: number, renewable_from: string, next_proof?: ProofDue, price_xlm_per_gib_month: string, deposit_xlm: string, collateral_xlm: string, paid_xlm: string, held_xlm: string, left_xlm: string, leaf_count: number, auto_renew: boolean, escrow?: string, };

export type AgreementObstacle = { host?: string, reason: string, };

export type AgreementPhase = "proposed" | "opening" | "active" | "ending" | "grace" | "ended" | "dropped";

export type AgreementSide = "owner" | "host";

export type AgreementWindow = "proven" | "missed" | "deciding" | "running" | "to_come";

export type AgreementsCheckReport = { opened: number, deposited_xlm: string, windows_proven: number, windows_missed: number, settled: number, obstacles: Array<AgreementObstacle>, };

export type AgreementsRenewPlan = { terms: Array<PlannedTerm>, deposits_xlm: string, fee_cap_xlm: string, spendable_xlm: string, missing_xlm: string, };

export type AgreementsRenewRequest = { ids?: Array<string>, most_xlm?: string, windows?: number, };

export type AgreementsReport = { agreements: Array<AgreementInfo>, limits: SpendingReport, month_fees_xlm: string, runway_days: number | null, now: string, };

export type AuditsBehind = { covered_percent: number, days: number | null, };

export type BandwidthReport = { up_bytes_per_s: number, down_bytes_per_s: number, schedule: string, in_force: boolean, };

export type BandwidthSettings = { up_bytes_per_s?: number, down_bytes_per_s?: number, schedule?: string, };

export type BuiltIn = "try_out";

export type CheckAnswer = { passed: number, missing: number, corrupt: number, unreachable: number, nobody_answered: boolean, short_segments: number, };

export type CheckPlan = { quick: CheckSize, thorough: CheckSize, };

export type CheckRequest = { names: Array<string>, thorough?: boolean, };

export type CheckSize = { shards: number, bytes: number, };

export type ChooseRequest = { what: Choosing, };

export type Choosing = "files" | "folder";

export type ChosenNetwork = BuiltIn | { selection: string, };

export type ChosenNetworkFile = { selection: string, file: string, network: string, };

export type ChosenSealed = { selection: string, };

export type CloseDecision = { keep_running: boolean, };

export type ContractLifeReport = { live_until_ledger: number, live_until: string, is_archived: boolean, is_short: boolean, };

export type CopiedAnswer = { clears_in_s: number, };

export type CopyEnd = { cleared: boolean, };

export type CreateReport = { phrase_words: number, };

export type CreateRequest = { network: ChosenNetwork, passphrase?: string, };

export type DownloadsStarted = { transfers: Array<number>, };

export type DropEvent = { phase: DropPhase, count?: number, selection?: string, refused?: UiError, };

export type DropPhase = "enter" | "leave" | "drop";

export type DurabilityModel = { assumed: boolean, host_life_days: number, repair_days: number, };

export type EntryRequest = { id: number, };

export type ErrorCode = "invalid_request" | "not_found" | "damaged" | "not_enough_hosts" | "not_enough_space" | "not_enough_funds" | "no_node" | "network_unreachable" | "locked" | "wrong_key" | "interrupted" | "home_in_use" | "identity_exists" | "no_identity" | "database_unusable" | "invalid_manifest" | "disk_full" | "local_file" | "conflict" | "internal" | "keyring_unavailable" | "other_owner";

export type ExportManifestRequest = { name: string, private: boolean, };

export type ExportedAgreements = { path: string, count: number, };

export type ExportedManifest = { path: string, };

export type FileDetails = { model: DurabilityModel, segment_count: number, weakest: Array<WeakSegment>, history: PartHistory, id: string, name: string, kind: 'file' | 'directory' | 'symlink', size: number, modified: string, version: number, health: Health | null, durability: number | null, deleted?: string, expires?: string, };

export type FileRestoreRequest = { name: string, version?: number, };

export type FileVersions = { versions: Array<ListedFile>, };

export type Health = { alive: number, needed: number, total: number, state: HealthState, };

export type HealthState = "safe" | "waiting" | "at_risk" | "lost";

export type HostInfo = { peer_id: string, addresses: Array<string>, relayed_only: boolean, offer: OfferInfo | null, score: number | null, reputation: Reputation, leaves_at?: string, shards: number, bytes: number, };

export type HostLimits = { up_bytes_per_s: number, down_bytes_per_s: number, peer_up_bytes_per_s: number, peer_down_bytes_per_s: number, schedule: string, in_force: boolean, max_term_days: number, price_xlm_per_gib_month: string, collateral_percent: number, };

export type HostReport = { hosting: boolean, paused: boolean, leaves_at?: string, offer: OfferInfo | null, used_bytes: number, reserved_bytes: number, quota_bytes: number, free_bytes: number, disk_left_bytes: number | null, disk_floor_bytes: number, is_disk_away: boolean, unusable?: string, shards: number, owners: number, earned_xlm: string, at_risk_xlm: string, limits: HostLimits, };

export type HostSettings = { quota_bytes?: number, up_bytes_per_s?: number, down_bytes_per_s?: number, peer_up_bytes_per_s?: number, peer_down_bytes_per_s?: number, max_term_days?: number, price_xlm_per_gib_month?: string, collateral_percent?: number, schedule?: string, };

export type HostingSpace = { used_bytes: number, reserved_bytes: number, quota_bytes: number, };

export type HostsReport = { hosts: Array<HostInfo>, };

export type ImportPreview = { token: string, names: Array<string>, files: number, size: number, from: string | null, };

export type JsonValue = number | string | boolean | Array<JsonValue> | { [key in string]: JsonValue } | null;

export type KeysRestoreRequest = { source: RestoreSource, passphrase?: string, };

export type LeaveRequest = { until_s?: number, };

export type LibraryKind = "directory" | "file";

export type LibraryPage = { total: number, rows: Array<ListedFile>, };

export type LibraryPageRequest = { dir?: string, search?: string, state?: LibraryState, kind?: LibraryKind, trash: boolean, sort: LibrarySort, descending: boolean, offset: number, limit: number, };

export type LibrarySort = "name" | "size" | "modified" | "health";

export type LibraryState = "safe" | "waiting" | "at_risk";

export type ListedFile = { id: string, name: string, kind: 'file' | 'directory' | 'symlink', size: number, modified: string, version: number, health: Health | null, durability: number | null, deleted?: string, expires?: string, };

export type ManifestReport = { names: Array<string>, size: number, path: string, };

export type Money = "test" | "real";

export type NameAnswer = { name: string, };

export type NameRequest = { name: string, };

export type NamesRequest = { names: Array<string>, };

export type NavigateEvent = { to: string, };

export type NetworkChoice = { id: NetworkId, title: string, about: string, };

export type NetworkId = "try_out" | "file";

export type NetworksReport = { networks: Array<NetworkChoice>, };

export type NodeView = { "phase": "starting" } | { "phase": "running", home: string, status: StatusReport, status_error?: UiError, } | { "phase": "no_identity", home: string, command: string, } | { "phase": "home_in_use", home: string, pid: number | null, command: string, } | { "phase": "locked", home: string, store: 'keyring' | 'file', can_bring_back: boolean, message: string, } | { "phase": "keys_gone", home: string, message: string, } | { "phase": "failed", home: string, code: ErrorCode, message: string, };

export type OfferInfo = { price_xlm_per_gib_month: string, free_bytes: number, max_term_days: number, };

export type OneTransferRequest = { id: number, };

export type PartEvent = { at: string, segment: number, shard: number, event: PartEventKind, host: string, from?: string, };

export type PartEventKind = "missing" | "corrupt" | "written_off" | "renewed" | "moved";

export type PartHistory = { events: Array<PartEvent>, older: number, };

export type PauseRequest = { minutes: number, };

export type PaymentPlan = { token: string, plan: WalletSendPlan, };

export type PaymentRequest = { destination: string, amount_xlm: string, memo?: string, };

export type PhraseReport = { words: Array<string>, };

export type PhraseSaveRequest = { passphrase: string, };

export type PlannedTerm = { host: string, is_renewal: boolean, start: string, end: string, leaf_count: number, price_xlm_per_gib_month: string, deposit_xlm: string, obstacle?: string, };

export type ProofDue = { from: string, until: string, };

export type RefusedAction = "pause" | "resume" | "upload";

export type RefusedEvent = { action: RefusedAction, error: UiError, };

export type RemovedAnswer = { removed: number, };

export type RenameRequest = { name: string, new_name: string, };

export type RepairAnswer = { rebuilt: number, received_bytes: number, sent_bytes: number, segments_without_host: number, short_segments: number, busy_segments: number, damaged_segments: number, };

export type RepairPlan = { segments: number, shards: number, read_bytes: number, sent_bytes: number, shards_without_host: number, short_segments: number, segments_of_others: number, };

export type Reputation = "new" | "vetted" | "poor";

export type RestorePreview = { owner: string, stellar_account: string, is_known_here: boolean, };

export type RestoreRequest = { source: RestoreSource, network: ChosenNetwork, passphrase?: string, };

export type RestoreSource = { "phrase": string } | { "sealed": SealedSource };

export type RetryClass = "never" | "after_user_action" | "automatic";

export type Review = { selection: string, files: number, bytes: number, new_bytes: number, stored_bytes: number, excluded: Array<SkippedPath>, excluded_items: number, cost_xlm_per_month: string | null, cost?: StorageCost, destination: string, };

export type SavedPhrase = { path: string, };

export type SealedSource = { selection: string, passphrase: string, };

export type Selection = { selection: string, count: number, };

export type SelectionRequest = { selection: string, };

export type Settings = { close_to_tray: boolean, autostart: boolean, notifications: boolean, theme: Theme, zoom_percent: number, single_key_shortcuts: boolean, };

export type SettingsChange = { close_to_tray?: boolean, autostart?: boolean, notifications?: boolean, theme?: Theme, zoom_percent?: number, single_key_shortcuts?: boolean, };

export type ShardFailure = "missing" | "corrupt" | "written_off";

export type ShardInfo = { index: number, root: string | null, host: string | null, state: ShardState, last_audit: string | null, last_proven: string | null, last_read: string | null, failed?: ShardFailure, question_open: boolean, };

export type ShardState = "healthy" | "missing" | "corrupt" | "unreachable";

export type SharedLink = { bytes: number, };

export type ShellState = { phrase_confirmed: boolean, restored: boolean, can_lock: boolean, };

export type SkippedPath = { path: string, reason: string, };

export type SpendingReport = { max_price_xlm_per_gib_month: string, monthly_cap_xlm: string, auto_renew: boolean, };

export type SpendingSettings = { max_price_xlm_per_gib_month?: string, monthly_cap_xlm?: string, auto_renew?: boolean, };

export type StatusReport = { peer_id: string, owner: string, listening: Array<string>, reachability: 'public' | 'private' | 'unknown', peers: number, relays: number, network: string, files: number, bytes: number, health: Health | null, transfers: Array<TransferInfo>, agreements: number, money: Money | null, balance_xlm: string | null, contract_life?: ContractLifeReport, hosting: HostingSpace, audits_behind: AuditsBehind | null, traffic: Traffic, };

export type StorageCost = { term_days: number, rent_xlm: string, deposit_xlm: string, fees_xlm: string, collateral_xlm: string, shortage?: string, };

export type Theme = "system" | "light" | "dark";

export type TokenRequest = { token: string, };

export type Traffic = { up_bytes: number, down_bytes: number, };

export type Transfer = { id: number, kind: TransferKind, name: string, state: TransferState, stage: string, current: string, done_bytes: number, total_bytes: number, done_files: number, total_files: number, done_shards: number, total_shards: number, rate_bytes_per_s: number | null, eta_s: number | null, reason: string | null, code: ErrorCode | null, retry: RetryClass | null, added: string, finished: string | null, next_try?: string, paused_with_all: boolean, folder?: string, skipped: Array<SkippedPath>, skipped_total: number, };

export type TransferInfo = { id: number, kind: string, name: string, done_bytes: number, total_bytes: number, };

export type TransferKind = "upload" | "download";

export type TransferRequest = { id?: number, };

export type TransferState = "waiting" | "running" | "paused" | "failed" | "done" | "cancelled";

export type TransfersReport = { transfers: Array<Transfer>, paused_all: boolean, paused_until?: string, };

export type UiError = { code: ErrorCode, message: string, retry: RetryClass, params: { [key in string]: JsonValue }, };

export type UnlockRequest = { passphrase: string, };

export type UploadRequest = { selection: string, to?: string, };

export type UploadStarted = { transfer: number, };

export type WalletHistory = { transactions: Array<WalletTransaction>, has_more: boolean, };

export type WalletReport = { account: string, source: WalletSource, is_open: boolean, balance_xlm: string, spendable_xlm: string, reserve_xlm: string, escrow_xlm: string, runway_days: number | null, has_friendbot: boolean, money: Money, contract_life?: ContractLifeReport, };

export type WalletSendPlan = { destination: string, amount_xlm: string, memo?: string, fee_xlm: string, fee_cap_xlm: string, opens_account: boolean, left_xlm: string, };

export type WalletSendReport = { destination: string, amount_xlm: string, fee_xlm: string, transaction: string, ledger: number, key: string, };

export type WalletSource = "phrase" | "key";

export type WalletTransaction = { kind: WalletTransactionKind, state: WalletTransactionState, signed_at: string, amount_xlm?: string, destination?: string, memo?: string, fee_xlm?: string, transaction: string, ledger?: number, code?: string, key: string, };

export type WalletTransactionKind = "payment" | "escrow" | "settlement" | "proof" | "claim" | "question" | "excuse" | "termination" | "beacon" | "keeping" | "other";

export type WalletTransactionState = "pending" | "refused" | "done" | "failed" | "never_sent" | "unknown";

export type WeakSegment = { position: number, id: string, k: number, n: number, health: Health, shards: Array<ShardInfo>, };

export type WordsRequest = { source: RestoreSource, };

export type Worker = { name: string, about: string, state: WorkerState, since?: string, last_error?: string, };

export type WorkerState = "working" | "resting" | "failed";

/** How a command gets to the shell and its answer back. */
export type Ask = <Answer>(command: string, request?: object) => Promise<Answer>;

/** Every command of the shell, over `ask`; a failure is a `UiError`. */
export const commandsOver = (ask: Ask) => ({
  /** Where the node of this window stands; changes arrive as `node-view` events. */
  nodeView: () => ask<NodeView>('node_view'),
  /** Tries again to start a node that could not start. Without effect on one that runs or is starting. */
  retryStart: () => ask<void>('retry_start'),
  /** What the window remembers of this home. */
  shellState: () => ask<ShellState>('shell_state'),
  /** The networks that a new home can join. */
  onboardingNetworks: () => ask<NetworksReport>('onboarding_networks'),
  /** Lets the person choose a network file, which is read and checked; null when they dismissed the dialog. */
  onboardingChooseNetwork: () => ask<ChosenNetworkFile | null>('onboarding_choose_network'),
  /** Makes a new identity and starts its node. `keyring_unavailable` asks for a passphrase. */
  onboardingCreate: (request: CreateRequest) => ask<CreateReport>('onboarding_create', request),
  /** Lets the person choose a sealed file with 24 words; null when they dismissed the dialog. */
  onboardingChooseSealed: () => ask<ChosenSealed | null>('onboarding_choose_sealed'),
  /** Whose words these are and whether a library of that owner lies here, before anything is written. `wrong_key` for words that are none, `other_owner` where another owner's library lies. */
  onboardingCheck: (request: WordsRequest) => ask<RestorePreview>('onboarding_check', request),
  /** Brings an identity back from its 24 words and starts its node. `keyring_unavailable` asks for a passphrase. */
  onboardingRestore: (request: RestoreRequest) => ask<void>('onboarding_restore', request),
  /** Brings the keys of this home back from its 24 words where they are gone, and starts its node; all else of it stays. `keyring_unavailable` asks for a passphrase, `other_owner` says that these are somebody else's words. */
  keysRestore: (request: KeysRestoreRequest) => ask<void>('keys_restore', request),
  /** Opens the key file and starts the node. */
  unlock: (request: UnlockRequest) => ask<void>('unlock', request),
  /** Stops the node and lets its keys go until `unlock`; answers when it has stopped. `invalid_request` where no passphrase would be asked for. */
  lock: () => ask<void>('lock'),
  /** The 24 words of this identity: the only command that answers with a secret. */
  phraseShow: () => ask<PhraseReport>('phrase_show'),
  /** The person has shown that the words are written down. */
  phraseConfirmed: () => ask<void>('phrase_confirmed'),
  /** Puts the words on the clipboard, from where they go after a while if they are still there. */
  phraseCopy: () => ask<CopiedAnswer>('phrase_copy'),
  /** Waits until the words' time on the clipboard is over, and tells whether they are gone from there. */
  phraseCopyEnd: () => ask<CopyEnd>('phrase_copy_end'),
  /** Opens the system's print dialog on what the page shows. */
  phrasePrint: () => ask<void>('phrase_print'),
  /** Seals the words into a new file where the person says; null when they dismissed the dialog. */
  phraseSave: (request: PhraseSaveRequest) => ask<SavedPhrase | null>('phrase_save', request),
  /** A page of a directory, of a search or of the trash, sorted. */
  libraryPage: (request: LibraryPageRequest) => ask<LibraryPage>('library_page', request),
  /** One file, with where the shards of its weakest segments lie. */
  fileInfo: (request: NameRequest) => ask<FileDetails>('file_info', request),
  /** The versions of a file that can be brought back, the newest first. */
  fileVersions: (request: NameRequest) => ask<FileVersions>('file_versions', request),
  /** Gives a file or directory another path. */
  fileRename: (request: RenameRequest) => ask<NameAnswer>('file_rename', request),
  /** Moves files and directories to the trash. */
  filesRemove: (request: NamesRequest) => ask<RemovedAnswer>('files_remove', request),
  /** How much a thorough check of files and directories would read; asks nobody. */
  filesVerifyPlan: (request: NamesRequest) => ask<CheckPlan>('files_verify_plan', request),
  /** Has the hosts prove that they hold the shards of files and directories, or reads all of them, and marks what it finds. One check at a time: `conflict` otherwise. A stopped one answers `interrupted`. */
  filesVerify: (request: CheckRequest) => ask<CheckAnswer>('files_verify', request),
  /** Stops the check that is under way, if there is one; what it found is marked. */
  checkCancel: () => ask<void>('check_cancel'),
  /** What a repair of files and directories would do, and what it lacks. Reads and sends no shard; may look for hosts for some seconds. */
  filesRepairPlan: (request: NamesRequest) => ask<RepairPlan>('files_repair_plan', request),
  /** Makes the shards of files and directories that are lost or out of reach again from the others, and brings them to other hosts. One repair at a time: `conflict` otherwise. A stopped one answers `interrupted`. */
  filesRepair: (request: NamesRequest) => ask<RepairAnswer>('files_repair', request),
  /** Stops the repair that is under way, if there is one; what it made again stays. */
  repairCancel: () => ask<void>('repair_cancel'),
  /** Brings something back from the trash, or an old version to the front. */
  fileRestore: (request: FileRestoreRequest) => ask<NameAnswer>('file_restore', request),
  /** Lets the person choose what to store; null when they dismissed the dialog. */
  chooseUpload: (request: ChooseRequest) => ask<Selection | null>('choose_upload', request),
  /** What storing a selection would mean; sends nothing. Ends early when the selection is dropped. */
  selectionReview: (request: UploadRequest) => ask<Review>('selection_review', request),
  /** Forgets a selection. */
  selectionDrop: (request: SelectionRequest) => ask<void>('selection_drop', request),
  /** Queues the upload of a selection, which is forgotten then. */
  uploadStart: (request: UploadRequest) => ask<UploadStarted>('upload_start', request),
  /** Queues downloads to a folder that the person chooses; null when they dismissed the dialog. */
  downloadStart: (request: NamesRequest) => ask<DownloadsStarted | null>('download_start', request),
  /** The queue of uploads and downloads; changes arrive as `transfers` events while the window is visible. */
  transfers: () => ask<TransfersReport>('transfers'),
  /** Pauses a transfer; all of them, and what will be queued, without an id. */
  transferPause: (request: TransferRequest) => ask<void>('transfer_pause', request),
  /** Pauses all transfers, and what will be queued, for a while; a resume ends it early. */
  transfersPauseFor: (request: PauseRequest) => ask<void>('transfers_pause_for', request),
  /** Lets a paused transfer go on; all of them without an id. */
  transferResume: (request: TransferRequest) => ask<void>('transfer_resume', request),
  /** Tries a failed transfer again; all of them without an id. */
  transferRetry: (request: TransferRequest) => ask<void>('transfer_retry', request),
  /** Gives a transfer up; all that have not ended without an id. */
  transferCancel: (request: TransferRequest) => ask<void>('transfer_cancel', request),
  /** Forgets the transfers that are done or cancelled. */
  transfersClear: () => ask<void>('transfers_clear'),
  /** Shows what a finished download brought back in the file manager. */
  transferReveal: (request: OneTransferRequest) => ask<void>('transfer_reveal', request),
  /** Writes a `.layr` file where the person says; null when they dismissed the dialog. */
  exportManifest: (request: ExportManifestRequest) => ask<ExportedManifest | null>('export_manifest', request),
  /** Puts a link to a file or directory on the clipboard. */
  shareCopy: (request: NameRequest) => ask<SharedLink>('share_copy', request),
  /** Lets the person choose a `.layr` file and shows what is in it; null when they dismissed the dialog. */
  importManifest: () => ask<ImportPreview | null>('import_manifest'),
  /** Shows what the link that was copied last would bring. `invalid_request` where the clipboard holds none. The link stays with the shell. */
  importCopied: () => ask<ImportPreview>('import_copied'),
  /** What was opened from outside and waits for a yes; null while nothing waits or the node does not run. */
  opened: () => ask<ImportPreview | null>('opened'),
  /** Takes what was previewed into the library. */
  importConfirm: (request: TokenRequest) => ask<ManifestReport>('import_confirm', request),
  /** How the app behaves in this home. */
  settings: () => ask<Settings>('settings'),
  /** Changes how the app behaves; absent fields stay as they are. What the system refuses is an error, and then nothing is changed. */
  settingsSet: (request: SettingsChange) => ask<Settings>('settings_set', request),
  /** Answers the event `close-asked`: keeps the choice, then hides the window or quits. */
  closeDecided: (request: CloseDecision) => ask<void>('close_decided', request),
  /** The person put the question of the event `close-asked` away without an answer. */
  closeDismissed: () => ask<void>('close_dismissed'),
  /** Parks what moves, stops the node and ends the app. */
  quit: () => ask<void>('quit'),
  /** What all transfers together may take of the line. */
  bandwidth: () => ask<BandwidthReport>('bandwidth'),
  /** Changes what all transfers together may take of the line; absent fields stay as they are. */
  bandwidthSet: (request: BandwidthSettings) => ask<BandwidthReport>('bandwidth_set', request),
  /** What this node lends. */
  hosting: () => ask<HostReport>('hosting'),
  /** Changes how much and on what terms this node lends; absent fields stay as they are. */
  hostingSet: (request: HostSettings) => ask<HostReport>('hosting_set', request),
  /** Takes no new shards; what is stored is served on. */
  hostingPause: () => ask<HostReport>('hosting_pause'),
  /** Takes new shards again. */
  hostingResume: () => ask<HostReport>('hosting_resume'),
  /** Takes no new shards, has owners bring what lies here to other hosts, and stops then. */
  hostingLeave: (request: LeaveRequest) => ask<HostReport>('hosting_leave', request),
  /** Stays after all, and takes new shards again. */
  hostingStay: () => ask<HostReport>('hosting_stay'),
  /** The hosts that this node knows, asked for their terms now. */
  networkHosts: () => ask<HostsReport>('network_hosts'),
  /** What the owner's account has. `invalid_request` on a network without a ledger. */
  wallet: () => ask<WalletReport>('wallet'),
  /** Has the friendbot of a test network open the account and fill it. */
  walletFund: () => ask<WalletReport>('wallet_fund'),
  /** What was signed for the ledger here, the newest first. */
  walletHistory: () => ask<WalletHistory>('wallet_history'),
  /** Puts the account's address on the clipboard. */
  walletCopy: () => ask<void>('wallet_copy'),
  /** What a payment would come to, with every check that it will meet; nothing is signed. `not_enough_funds` says what is missing. */
  walletSendPlan: (request: PaymentRequest) => ask<PaymentPlan>('wallet_send_plan', request),
  /** Makes a payment that was planned. However often it is asked for with the same token, it is paid once. */
  walletSend: (request: TokenRequest) => ask<WalletSendReport>('wallet_send', request),
  /** Storage agreements of both roles, and what may be spent on them. */
  agreements: () => ask<AgreementsReport>('agreements'),
  /** Does what is due about agreements at once. */
  agreementsCheck: () => ask<AgreementsCheckReport>('agreements_check'),
  /** What renewing agreements would come to; nothing is signed. */
  agreementsRenewPlan: (request: AgreementsRenewRequest) => ask<AgreementsRenewPlan>('agreements_renew_plan', request),
  /** Agrees on the next term of agreements that end soon, within what may be spent. */
  agreementsRenew: (request: AgreementsRenewRequest) => ask<AgreementsCheckReport>('agreements_renew', request),
  /** Changes what may be spent on agreements; absent fields stay as they are. */
  agreementsLimit: (request: SpendingSettings) => ask<SpendingReport>('agreements_limit', request),
  /** Writes all agreements into a table where the person says; null when they dismissed the dialog. */
  agreementsExport: () => ask<ExportedAgreements | null>('agreements_export'),
  /** What happened, the newest first, and how the background workers fare; changes arrive as `activity-changed` events. */
  activity: () => ask<ActivityReport>('activity'),
  /** How much of what happened is still open. */
  activityCounts: () => ask<ActivityCounts>('activity_counts'),
  /** Marks an entry as seen to. */
  activityResolve: (request: EntryRequest) => ask<void>('activity_resolve', request),
  /** Forgets the entries that are resolved. */
  activityClear: () => ask<void>('activity_clear'),
});

/** What the shell tells the page unasked, by the event's name. */
export interface ShellEvents {
  /** Where the node of this window stands, after every change. */
  'node-view': NodeView;
  /** The queue of uploads and downloads, at most four times a second and only while the window is visible. */
  'transfers': TransfersReport;
  /** Files or their health changed: what was listed may be out of date. */
  'library-changed': null;
  /** Something happened that a person should know, or is resolved: `activity` answers anew. */
  'activity-changed': null;
  /** What the window remembers of this home changed: `shell_state` answers anew. */
  'shell-state-changed': null;
  /** Files are dragged over the window or were dropped onto it. */
  'drop': DropEvent;
  /** Something that the person chose outside the window, in the tray's menu, was not done. */
  'refused': RefusedEvent;
  /** A file or link was opened from outside and waits for a yes; `opened` says what it holds. */
  'opened': null;
  /** The person closes the window and has not said yet what that means; answered by `close_decided`. */
  'close-asked': null;
  /** The person asked outside the window for something in it. */
  'navigate': NavigateEvent;
}
