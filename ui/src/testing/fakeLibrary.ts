import type {
  DurabilityModel,
  Health,
  FileDetails,
  LibraryPage,
  LibraryPageRequest,
  LibraryState,
  ListedFile,
  PartHistory,
  ShardState,
} from '../ipc/bindings';

/** The largest page that the shell answers with. */
export const MAX_PAGE_ROWS = 500;

const KINDS = ['report.pdf', 'holiday.jpg', 'accounts.ods', 'letter.txt', 'song.flac'];

/** Shards of 30 of which 10 suffice. */
export function fakeHealth(alive: number): Health {
  const state = alive < 10 ? 'lost' : alive < 17 ? 'at_risk' : 'safe';
  return { alive, needed: 10, total: 30, state };
}

/** About what the node says of 10 of 30 where a host stays 120 days. */
function fakeDurability(alive: number): number {
  return alive < 10 ? 1 : 3e-9 * 10 ** Math.max(0, (23 - alive) / 2);
}

export function fakeFile(changes: Partial<ListedFile> & { name: string }): ListedFile {
  return {
    id: '00000000000000aa',
    kind: 'file',
    size: 48_318,
    modified: '2026-11-20T10:00:00Z',
    version: 1,
    health: fakeHealth(30),
    durability: null,
    ...changes,
  };
}

/** Two folders, then `count` files of every health. */
export function fakeFiles(count: number): ListedFile[] {
  const files = Array.from({ length: count }, (_, index) => {
    const alive = index % 17 === 3 ? 13 : index % 41 === 7 ? 8 : 28 + (index % 3);
    return fakeFile({
      id: index.toString(16).padStart(16, '0'),
      name: `/${String(index).padStart(6, '0')} ${KINDS[index % KINDS.length] ?? ''}`,
      size: (index * 7919 * 1000) % 4_000_000_000,
      modified: new Date(Date.UTC(2026, 10, 20) - index * 3_600_000).toISOString(),
      health: index % 29 === 11 ? null : fakeHealth(alive),
      durability: index % 29 === 11 ? null : fakeDurability(alive),
    });
  });
  const folders = ['/documents', '/photos'].map((name) =>
    fakeFile({ name, id: `folder${name}`, kind: 'directory', size: 0, health: null }),
  );
  return [...folders, ...files];
}

function compare(request: LibraryPageRequest) {
  const sign = request.descending ? -1 : 1;
  return (a: ListedFile, b: ListedFile) => {
    if (a.kind !== b.kind && (a.kind === 'directory' || b.kind === 'directory')) {
      return a.kind === 'directory' ? -1 : 1;
    }
    switch (request.sort) {
      case 'name':
        return sign * a.name.localeCompare(b.name);
      case 'size':
        return sign * (a.size - b.size);
      case 'modified':
        return sign * a.modified.localeCompare(b.modified);
      case 'health':
        return sign * ((a.health?.alive ?? 99) - (b.health?.alive ?? 99));
    }
  };
}

function stateOf({ health }: ListedFile): LibraryState | null {
  if (health === null) {
    return null;
  }
  return health.state === 'lost' ? 'at_risk' : health.state;
}

/** What `library_page` answers for a library of these files. */
export function fakePage(files: ListedFile[], request: LibraryPageRequest): LibraryPage {
  if (request.limit > MAX_PAGE_ROWS) {
    throw new Error(`a page of ${request.limit} rows`);
  }
  const dir = request.dir ?? '';
  const found = files
    .filter((file) => {
      const inside = file.name.startsWith(`${dir}/`);
      const direct = inside && !file.name.slice(dir.length + 1).includes('/');
      const search = request.search?.toLowerCase() ?? '';
      if (request.state !== undefined && stateOf(file) !== request.state) {
        return false;
      }
      if (request.kind !== undefined && (file.kind === 'directory') !== (request.kind === 'directory')) {
        return false;
      }
      const isDeep = search !== '' || request.state !== undefined;
      return isDeep ? inside && file.name.toLowerCase().includes(search) : direct;
    })
    .toSorted(compare(request));
  return { total: found.length, rows: found.slice(request.offset, request.offset + request.limit) };
}

/** What a node without evidence of its hosts reckons with. */
const fakeModel: DurabilityModel = { assumed: true, host_life_days: 120, repair_days: 2 };

const noHistory: PartHistory = { events: [], older: 0 };

/** Everything about a file, its shards as its health says. */
export function fakeInfo(file: ListedFile): FileDetails {
  const { health } = file;
  if (health === null) {
    return { ...file, model: fakeModel, segment_count: 0, weakest: [], history: noHistory };
  }
  const shardState = (index: number): ShardState => {
    if (index < health.alive) {
      return 'healthy';
    }
    return index % 3 === 0 ? 'unreachable' : index % 3 === 1 ? 'missing' : 'corrupt';
  };
  const shards = Array.from({ length: health.total }, (_, index) => ({
    index,
    root: null,
    host:
      shardState(index) === 'missing' ? null : `12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6i${index}`,
    state: shardState(index),
    last_audit: index % 4 === 0 ? null : '2026-11-21T08:00:00Z',
    last_proven: '2026-11-21T08:00:00Z',
    last_read: '2026-11-02T08:00:00Z',
    question_open: false,
  }));
  const segment = { position: 1, id: 'ab'.repeat(16), k: health.needed, n: health.total, health, shards };
  return { ...file, model: fakeModel, segment_count: 1, weakest: [segment], history: noHistory };
}
