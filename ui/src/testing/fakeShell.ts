import { wordlist } from '@scure/bip39/wordlists/english.js';
import { emit } from '@tauri-apps/api/event';
import { clearMocks, mockIPC } from '@tauri-apps/api/mocks';

import type * as B from '../ipc/bindings';
import type { ShellEvents } from '../ipc/events';
import { exampleViews } from './examples';
import { fakeFile, fakeFiles, fakeInfo, fakePage } from './fakeLibrary';
import {
  fakeAgreements,
  fakeChecked,
  fakeHistory,
  fakePaymentPlan,
  fakeRenewPlan,
  fakeSent,
  fakeWallet,
} from './fakeMoney';
import {
  countsOf,
  fakeActivity,
  fakeBandwidth,
  fakeCheck,
  fakeHost,
  fakeHosts,
  fakePreview,
  fakeRepair,
  fakeRepairPlan,
  fakeRestorePreview,
  fakeReview,
  fakeSettings,
  fakeTransfers,
  fakeWorkers,
} from './fakeReports';

export type FakeCommand = (request: never) => unknown;

/** A failure as the shell sends it. */
export function fakeError(
  code: B.ErrorCode,
  message: string,
  retry: B.RetryClass = 'never',
  params: B.UiError['params'] = {},
): B.UiError {
  return { code, message, retry, params };
}

/** A phrase of words that are in the list. */
export const WORDS = wordlist.filter((_, index) => index % 80 === 3).slice(0, 24);

/**
 * The shell as the page sees it, without any node: canned answers to every command, which a test or a
 * demonstration may replace. It keeps what it was asked.
 */
export class FakeShell {
  readonly asked: { command: string; request: unknown }[] = [];
  view!: B.NodeView;
  files!: B.ListedFile[];
  /** Versions of the files that are not the current ones. */
  older!: B.ListedFile[];
  trash!: B.ListedFile[];
  transfers!: B.TransfersReport;
  bandwidth!: B.BandwidthReport;
  host!: B.HostReport;
  wallet!: B.WalletReport;
  history!: B.WalletHistory;
  agreements!: B.AgreementsReport;
  settings!: B.Settings;
  entries!: B.ActivityEntry[];
  workers!: B.Worker[];
  /** What was opened from outside and waits to be asked for; a newer one takes its place. */
  opened!: B.ImportPreview | null;
  phraseConfirmed!: boolean;
  isRestored!: boolean;
  canLock!: boolean;

  private readonly replaced = new Map<string, FakeCommand>();

  constructor() {
    this.reset();
  }

  /** As a new one. */
  reset(): void {
    this.asked.length = 0;
    this.replaced.clear();
    this.view = exampleViews.running;
    this.files = fakeFiles(40);
    this.older = [];
    this.trash = [
      fakeFile({
        name: '/old/plan.odt',
        deleted: '2026-11-19T09:00:00Z',
        expires: '2026-12-19T09:00:00Z',
      }),
    ];
    this.transfers = fakeTransfers();
    this.bandwidth = fakeBandwidth();
    this.host = fakeHost();
    this.wallet = fakeWallet();
    this.history = fakeHistory();
    this.agreements = fakeAgreements();
    this.settings = fakeSettings();
    this.entries = fakeActivity();
    this.workers = fakeWorkers();
    this.opened = null;
    this.isRestored = false;
    this.canLock = false;
    this.phraseConfirmed = true;
  }

  install(): this {
    mockIPC((command, payload) => this.answer(command, payload), { shouldMockEvents: true });
    return this;
  }

  remove(): void {
    clearMocks();
  }

  /** Answers this command in another way from now on. */
  on(command: string, answer: FakeCommand): this {
    this.replaced.set(command, answer);
    return this;
  }

  emit<Name extends keyof ShellEvents>(name: Name, payload: ShellEvents[Name]): Promise<void> {
    return emit(name, payload);
  }

  /** The requests with which a command was given, oldest first. */
  requests(command: string): unknown[] {
    return this.asked.filter((entry) => entry.command === command).map((entry) => entry.request);
  }

  private async answer(command: string, payload: unknown): Promise<unknown> {
    const request = (payload as { request?: unknown } | undefined)?.request;
    this.asked.push({ command, request });
    const answer = this.replaced.get(command) ?? this.commands[command];
    if (answer === undefined) {
      throw new Error(`The fake shell has no command ${command}.`);
    }
    return answer(request as never);
  }

  private readonly commands: Record<string, FakeCommand> = {
    node_view: () => this.view,
    retry_start: () => null,
    shell_state: () => ({
      phrase_confirmed: this.phraseConfirmed,
      restored: this.isRestored,
      can_lock: this.canLock,
    }),
    onboarding_networks: () => ({
      networks: [
        { id: 'try_out', title: 'Try it on this computer', about: 'No peers and no money.' },
        { id: 'file', title: 'A network file', about: 'Somebody gave you a file that names a network.' },
      ],
    }),
    onboarding_create: () => ({ phrase_words: 24 }),
    onboarding_check: () => fakeRestorePreview(),
    onboarding_restore: () => null,
    keys_restore: () => null,
    phrase_show: () => ({ words: WORDS }),
    phrase_confirmed: () => {
      this.phraseConfirmed = true;
      return null;
    },
    phrase_copy: () => ({ clears_in_s: 60 }),
    phrase_copy_end: () => ({ cleared: true }),
    phrase_print: () => null,
    phrase_save: () => ({ path: '/home/ada/layr phrase.sealed' }),
    onboarding_choose_network: () => ({ selection: 'net-1', file: 'friends.toml', network: 'friends' }),
    onboarding_choose_sealed: () => ({ selection: 'sealed-1' }),
    unlock: () => null,
    lock: () => null,
    close_decided: () => null,
    close_dismissed: () => null,
    quit: () => null,
    library_page: (request: B.LibraryPageRequest) =>
      request.trash ? { total: this.trash.length, rows: this.trash } : fakePage(this.files, request),
    file_info: ({ name }: { name: string }) =>
      fakeInfo(this.files.find((file) => file.id === name || file.name === name) ?? fakeFile({ name })),
    file_rename: ({ new_name: name }: { new_name: string }) => ({ name: `/${name}` }),
    files_remove: ({ names }: { names: string[] }) => ({ removed: names.length }),
    file_versions: ({ name }: { name: string }) => ({
      versions: [...this.files, ...this.older]
        .filter(({ id }) => id === name)
        .toSorted((a, b) => b.version - a.version),
    }),
    file_restore: ({ name, version }: B.FileRestoreRequest) => {
      const now = this.files.find(({ id }) => id === name);
      const back = this.older.find((file) => file.id === name && file.version === version);
      if (now !== undefined && back !== undefined) {
        this.files = this.files.map((file) => (file === now ? back : file));
        this.older = this.older.map((file) => (file === back ? now : file));
      }
      return { name };
    },
    files_verify_plan: () => ({
      quick: { shards: 5, bytes: 5_000_000 },
      thorough: { shards: 20, bytes: 20_000_000 },
    }),
    files_verify: () => fakeCheck(),
    check_cancel: () => null,
    files_repair_plan: () => fakeRepairPlan(),
    files_repair: () => fakeRepair(),
    repair_cancel: () => null,
    choose_upload: () => ({ selection: 'sel-1', count: 3 }),
    selection_review: ({ selection, to }: { selection: string; to?: string }) =>
      fakeReview({ selection, destination: to ?? '/' }),
    upload_start: () => ({ transfer: 9 }),
    selection_drop: () => null,
    download_start: () => ({ transfers: [10] }),
    transfers: () => this.transfers,
    transfer_pause: () => null,
    transfer_resume: () => null,
    transfer_retry: () => null,
    transfer_cancel: () => null,
    transfers_clear: () => null,
    transfers_pause_for: () => null,
    transfer_reveal: () => null,
    export_manifest: () => ({ path: '/home/ada/report.layr' }),
    share_copy: () => ({ bytes: 812 }),
    import_manifest: () => fakePreview(),
    import_copied: () => fakePreview({ from: null }),
    opened: () => {
      const { opened } = this;
      this.opened = null;
      return opened;
    },
    import_confirm: () => ({ names: ['/shared/plan.odt'], size: 120_000, path: '/home/ada/plan.layr' }),
    bandwidth: () => this.bandwidth,
    bandwidth_set: (request: B.BandwidthSettings) => {
      this.bandwidth = { ...this.bandwidth, ...request };
      return this.bandwidth;
    },
    wallet: () => this.wallet,
    wallet_fund: () => {
      this.wallet = fakeWallet();
      return this.wallet;
    },
    wallet_history: () => this.history,
    wallet_copy: () => null,
    wallet_send_plan: (request: B.PaymentRequest) => fakePaymentPlan(request),
    wallet_send: () => fakeSent(),
    agreements: () => this.agreements,
    agreements_check: () => fakeChecked(),
    agreements_renew_plan: () => fakeRenewPlan(),
    agreements_renew: () => fakeChecked({ opened: 2, deposited_xlm: '1.5' }),
    agreements_limit: (request: B.SpendingSettings) => {
      this.agreements = { ...this.agreements, limits: { ...this.agreements.limits, ...request } };
      return this.agreements.limits;
    },
    agreements_export: () => ({ path: '/home/ada/layr-agreements.csv', count: 5 }),
    hosting: () => this.host,
    hosting_set: (request: B.HostSettings) => {
      const { quota_bytes: quota = this.host.quota_bytes, ...limits } = request;
      const offer = quota === 0 ? null : this.host.offer;
      this.host = {
        ...this.host,
        // Limits alone bring no missing disk back.
        hosting: request.quota_bytes === undefined ? this.host.hosting : quota > 0,
        quota_bytes: quota,
        offer,
        limits: { ...this.host.limits, ...limits },
      };
      return this.host;
    },
    hosting_pause: () => {
      this.host = { ...this.host, paused: true };
      return this.host;
    },
    hosting_resume: () => {
      this.host = { ...this.host, paused: false };
      return this.host;
    },
    hosting_leave: ({ until_s: untilS = 14 * 86_400 }: B.LeaveRequest) => {
      const leavesAt = new Date(Date.now() + untilS * 1000).toISOString();
      this.host = { ...this.host, leaves_at: leavesAt, free_bytes: 0 };
      return this.host;
    },
    hosting_stay: () => {
      const { leaves_at: _, ...stays } = this.host;
      this.host = stays;
      return this.host;
    },
    network_hosts: () => fakeHosts(),
    activity: () => ({ entries: this.entries, workers: this.workers }),
    activity_counts: () => countsOf(this.entries),
    activity_resolve: () => null,
    activity_clear: () => null,
    settings: () => this.settings,
    settings_set: (request: B.SettingsChange) => {
      this.settings = { ...this.settings, ...request };
      return this.settings;
    },
  };
}
