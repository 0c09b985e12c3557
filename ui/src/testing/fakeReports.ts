import type * as B from '../ipc/bindings';

export function fakeTransfer(changes: Partial<B.Transfer>): B.Transfer {
  return {
    id: 1,
    kind: 'upload',
    name: 'photos 2026',
    state: 'running',
    stage: 'sending',
    current: '/photos 2026/beach.jpg',
    done_bytes: 734_003_200,
    total_bytes: 1_932_735_283,
    done_files: 312,
    total_files: 840,
    done_shards: 0,
    total_shards: 0,
    rate_bytes_per_s: 4_200_000,
    eta_s: 285,
    reason: null,
    code: null,
    retry: null,
    added: '2026-11-22T10:00:00Z',
    finished: null,
    skipped: [],
    skipped_total: 0,
    paused_with_all: false,
    ...changes,
  };
}

/** One transfer in every state but the one that needs the person, and one that rests. */
export function fakeTransfers(): B.TransfersReport {
  const still = { rate_bytes_per_s: null, eta_s: null };
  return {
    paused_all: false,
    transfers: [
      fakeTransfer({ id: 1, done_shards: 412, total_shards: 1290 }),
      fakeTransfer({ id: 2, kind: 'download', name: 'thesis.pdf', stage: 'receiving', ...still }),
      fakeTransfer({
        id: 3,
        name: 'music',
        state: 'waiting',
        reason: 'Another upload is running.',
        ...still,
      }),
      fakeTransfer({ id: 4, name: 'videos', state: 'paused', reason: 'You paused it.', ...still }),
      fakeTransfer({
        id: 5,
        name: 'backup.tar',
        state: 'waiting',
        reason: 'Only 4 of 12 hosts answered. What was stored stays stored.',
        code: 'not_enough_hosts',
        retry: 'automatic',
        next_try: '2026-11-22T10:05:00Z',
        ...still,
      }),
      fakeTransfer({
        id: 6,
        name: 'letters',
        state: 'done',
        stage: 'finishing',
        done_bytes: 1_932_735_283,
        done_files: 840,
        finished: '2026-11-22T11:00:00Z',
        skipped: [{ path: '/home/ada/letters/fifo', reason: 'It is neither a file nor a folder.' }],
        skipped_total: 230,
        ...still,
      }),
      fakeTransfer({
        id: 7,
        name: 'old.iso',
        state: 'cancelled',
        finished: '2026-11-22T11:30:00Z',
        ...still,
      }),
    ],
  };
}

export function fakeReview(changes: Partial<B.Review> = {}): B.Review {
  return {
    selection: 'sel-1',
    files: 312,
    bytes: 1_932_735_283,
    new_bytes: 1_732_735_283,
    stored_bytes: 5_198_205_849,
    excluded: [{ path: '/home/ada/photos/socket', reason: 'It is neither a file nor a folder.' }],
    excluded_items: 1200,
    cost_xlm_per_month: '0',
    destination: '/',
    ...changes,
  };
}

export function fakeCost(changes: Partial<B.StorageCost> = {}): B.StorageCost {
  return {
    term_days: 91,
    rent_xlm: '3.5',
    deposit_xlm: '4.1',
    fees_xlm: '0.09',
    collateral_xlm: '0.7',
    ...changes,
  };
}

export function fakeHost(changes: Partial<B.HostReport> = {}): B.HostReport {
  return {
    hosting: true,
    paused: false,
    offer: { price_xlm_per_gib_month: '0', free_bytes: 376e9, max_term_days: 90 },
    used_bytes: 120e9,
    reserved_bytes: 4e9,
    quota_bytes: 500e9,
    shards: 30_412,
    owners: 17,
    earned_xlm: '0',
    at_risk_xlm: '0',
    limits: fakeLimits(),
    free_bytes: 376e9,
    disk_left_bytes: 900e9,
    disk_floor_bytes: 20e9,
    is_disk_away: false,
    ...changes,
  };
}

export function fakeLimits(changes: Partial<B.HostLimits> = {}): B.HostLimits {
  return {
    up_bytes_per_s: 0,
    down_bytes_per_s: 0,
    peer_up_bytes_per_s: 0,
    peer_down_bytes_per_s: 0,
    schedule: 'always',
    in_force: true,
    max_term_days: 90,
    price_xlm_per_gib_month: '0',
    collateral_percent: 20,
    ...changes,
  };
}

export function fakeBandwidth(changes: Partial<B.BandwidthReport> = {}): B.BandwidthReport {
  return { up_bytes_per_s: 0, down_bytes_per_s: 0, schedule: 'always', in_force: true, ...changes };
}

export function fakeHosts(): B.HostsReport {
  return {
    hosts: Array.from({ length: 12 }, (_, index) => ({
      peer_id: `12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6i${index}`,
      addresses: [`/ip4/10.0.0.${index}/udp/4100/quic-v1`],
      offer:
        index % 4 === 3
          ? null
          : { price_xlm_per_gib_month: '0', free_bytes: index * 40e9, max_term_days: 90 },
      relayed_only: index % 5 === 0,
      score: index % 3 === 0 ? null : 0.5 + index / 30,
      reputation: index % 3 === 0 ? 'new' : index % 5 === 0 ? 'poor' : 'vetted',
      shards: index * 120,
      bytes: index * 480e6,
    })),
  };
}

export function fakeActivity(): B.ActivityEntry[] {
  return [
    {
      id: 3,
      at: '2026-11-22T11:40:00Z',
      level: 'action',
      title: 'This computer’s disk is nearly full',
      text: 'Downloads stop at 1 GB of free space. Free some space.',
      resolved: false,
      opens: '/transfers',
    },
    {
      id: 2,
      at: '2026-11-22T09:00:00Z',
      level: 'warning',
      title: 'An upload waits',
      text: 'Only 4 of 12 hosts answered.',
      resolved: false,
    },
    {
      id: 1,
      at: '2026-11-21T18:00:00Z',
      level: 'info',
      title: 'A download has finished',
      text: 'thesis.pdf is in Downloads.',
      resolved: true,
    },
  ];
}

/** One background worker in every state. */
export function fakeWorkers(): B.Worker[] {
  return [
    {
      name: 'Uploads',
      about: 'Sends what waits in Transfers.',
      state: 'working',
      since: '2026-11-22T11:20:00Z',
    },
    { name: 'Repair', about: 'Replaces parts that were lost.', state: 'resting' },
    {
      name: 'Discovery',
      about: 'Looks for hosts.',
      state: 'failed',
      since: '2026-11-22T11:30:00Z',
      last_error: 'No seed answered within 10 s.',
    },
  ];
}

export function fakePreview(changes: Partial<B.ImportPreview> = {}): B.ImportPreview {
  return { token: 'imp-1', names: ['/shared/plan.odt'], files: 40, size: 120_000, from: null, ...changes };
}

/** Whom the words of a restore stand for. */
export function fakeRestorePreview(changes: Partial<B.RestorePreview> = {}): B.RestorePreview {
  return {
    owner: '6b79c57e6a095239282c04818e96112f3f03a4001ba97a564c23852a3f1ea5fc',
    stellar_account: 'GBVXTRL6NIEVEORIFQCIDDUWCEXT6A5EAAN2S6SWJQRYKKR7D2S7YQ5S',
    is_known_here: false,
    ...changes,
  };
}

/** What the hosts answered of the parts of files. */
export function fakeCheck(changes: Partial<B.CheckAnswer> = {}): B.CheckAnswer {
  return {
    passed: 30,
    missing: 0,
    corrupt: 0,
    unreachable: 0,
    nobody_answered: false,
    short_segments: 0,
    ...changes,
  };
}

/** What a repair would do. */
export function fakeRepairPlan(changes: Partial<B.RepairPlan> = {}): B.RepairPlan {
  return {
    segments: 1,
    shards: 17,
    read_bytes: 40_000_000,
    sent_bytes: 68_000_000,
    shards_without_host: 0,
    short_segments: 0,
    segments_of_others: 0,
    ...changes,
  };
}

/** What a repair did. */
export function fakeRepair(changes: Partial<B.RepairAnswer> = {}): B.RepairAnswer {
  return {
    rebuilt: 17,
    received_bytes: 40_000_000,
    sent_bytes: 68_000_000,
    segments_without_host: 0,
    short_segments: 0,
    busy_segments: 0,
    damaged_segments: 0,
    ...changes,
  };
}

export function fakeSettings(): B.Settings {
  return {
    close_to_tray: true,
    autostart: false,
    notifications: true,
    theme: 'system',
    zoom_percent: 100,
    single_key_shortcuts: true,
  };
}

/** How much of these is open. */
export function countsOf(entries: readonly B.ActivityEntry[]): B.ActivityCounts {
  const open = entries.filter(({ resolved, level }) => !resolved && level !== 'info');
  return {
    unresolved: open.length,
    open_actions: open.filter(({ level }) => level === 'action').length,
    renewals_due: false,
  };
}
