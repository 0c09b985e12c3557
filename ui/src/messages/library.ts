import { check, thorough } from './check';
import { details } from './details';
import { history } from './history';
import { repair, repairPlan } from './repair';

const items = (count: number, text: string) => (count === 1 ? '1 item' : `${text} items`);

export const library = {
  heading: 'Library',
  trashHeading: 'Trash',
  toTrash: 'Trash',
  toLibrary: 'Back to the library',
  root: 'Library',
  breadcrumbs: 'Folders above',
  tree: {
    label: 'Folders',
    current: ', shown',
    more: 'More…',
    inList: 'The others are in the list',
    failed: 'Could not be read. Try again',
  },
  search: 'Search the library',
  searchTrash: 'Search the trash',
  filter: {
    label: 'Show',
    all: 'All states',
    either: (one: string, other: string) => `${one} or ${other.toLocaleLowerCase()}`,
  },
  actions: 'What to do with the selection',
  uploadFiles: 'Upload files…',
  uploadFolder: 'Upload a folder…',
  importFile: 'Import…',
  importCopied: 'Import a copied link…',
  table: 'Files and folders',
  trashTable: 'Removed files',
  count: items,
  selected: (count: number, text: string) => `${items(count, text)} selected`,
  downloadTooMany: (text: string) => `To download, choose at most ${text}, or their folder.`,
  tooMany: (text: string) => `At most ${text} items can be selected at once.`,
  loadingRow: 'Loading…',

  column: {
    name: 'Name',
    size: 'Size',
    modified: 'Modified',
    deleted: 'Removed',
    left: 'Time left',
    parts: 'Parts',
    health: 'State',
  },
  health: { of: (alive: string, total: string) => `${alive} of ${total} parts`, none: 'Not known' },
  kind: { file: 'File', directory: 'Folder', symlink: 'Link' },

  empty: {
    title: 'Nothing is stored yet',
    text: 'Drop files or folders anywhere on this window, or choose them. Layr shows what it will store and what that costs before anything is sent.',
    how: 'Every file is encrypted on this computer and cut into parts that go to different hosts. Some of the parts are enough to bring it back.',
    howTryOut:
      'Every file is encrypted and cut into parts, as on a real network. But all of them stay on this computer: what you store here is no backup.',
  },
  emptyRestored: 'The list of your files is not back yet',
  emptyUnknown: 'Whether a list of files is still to come back could not be read.',
  emptyFolder: { title: 'This folder is empty', text: 'What you drop here is stored in this folder.' },
  emptySearch: {
    title: 'Nothing matches',
    text: (search: string, within: string, where: string) => `No name${within}${where} contains “${search}”.`,
    inFolder: ' in this folder',
    inTrash: ' in the trash',
    withState: (state: string) => ` of what is “${state}”`,
    clear: 'Clear the search',
  },
  emptyState: {
    waiting: {
      title: 'Nothing waits for a check',
      text: 'Of every file here it was shown within 14 days how it is.',
    },
    at_risk: { title: 'Nothing is at risk', text: 'Every file here has parts to spare.' },
    safe: {
      title: 'Nothing is safe yet',
      text: 'No file here has enough parts on hosts to lose some of them.',
    },
    safeTryOut: {
      title: 'Nothing is kept whole yet',
      text: 'No file here has parts to spare.',
    },
    clear: 'Show all states',
  },
  trashKept:
    'Kept for 30 days after removal, then deleted for good. Links and exported .layr files stop working then.',
  trashLeft: {
    days: (count: number, text: string) => (count === 1 ? '1 day left' : `${text} days left`),
    today: 'today',
    tomorrow: 'tomorrow',
    due: 'none',
  },
  emptyTrash: {
    title: 'The trash is empty',
    text: 'What you remove waits here for 30 days and can be restored until then.',
  },
  failed: 'The library could not be read.',
  partFailed: 'Some of the rows could not be read.',
  missed: (name: string) =>
    `“${name}” is not in this list. It may have another name or place by now, or lie too far below: search for it.`,

  action: {
    download: 'Download…',
    rename: 'Rename…',
    remove: 'Remove…',
    export: 'Export…',
    share: 'Copy link',
    restore: 'Restore',
    open: 'Open',
    details: 'Details',
  },

  check,
  thorough,
  repair,
  repairPlan,
  rename: {
    title: 'Rename',
    field: 'New name',
    confirm: 'Rename',
    empty: 'A name needs at least one character.',
    slash: 'A name cannot contain “/”.',
    next: { conflict: 'Nothing was renamed. Choose another name, or rename what has this one already.' },
  },
  restore: {
    running: (count: number, text: string) => `Restoring ${items(count, text)} from the trash.`,
    progress: (done: string, total: string) => `${done} of ${total}`,
    stop: 'Stop restoring',
    stopping: 'It stops after the item that it is at.',
    stopped: (done: number, text: string, left: number, leftText: string) =>
      `Stopped: ${items(done, text)} restored, ${items(left, leftText)} not tried and still in the trash.`,
    failed: (name: string) => `${name} could not be restored.`,
    failedMany: (count: string) => `${count} items could not be restored.`,
    why: (name: string, reason: string) => `${name}: ${reason}`,
    next: {
      conflict:
        'What is not back is still in the trash. In the library, rename or remove what is in its place; then restore it again.',
    },
  },
  versions: {
    heading: 'Versions',
    failed: 'The versions could not be read.',
    one: 'There is one version.',
    about: 'Older versions are kept for 30 days after they were replaced.',
    named: (number: string) => `Version ${number}`,
    current: 'current',
    until: (time: string) => `Kept until ${time}`,
    bringBack: 'Bring this version back…',
    title: (number: string) => `Bring version ${number} back?`,
    becomes: (number: string) => `Version ${number} becomes the current one.`,
    lost: 'This version cannot be brought back in full now: fewer of its parts are left than it needs.',
    kept: (number: string) => `The present one, version ${number}, stays among the versions for 30 days.`,
    confirm: 'Bring back',
  },
  download: {
    next: {
      conflict:
        'Nothing was queued, and nothing overwritten. Clear what is in the way, then download again, under another name or into another folder if need be.',
    },
  },
  remove: {
    title: (count: number, text: string) => `Move ${items(count, text)} to the trash?`,
    text: (count: number) =>
      count === 1
        ? 'It leaves the library and waits in the trash for 30 days, from where you can restore it until then.'
        : 'They leave the library and wait in the trash for 30 days, from where you can restore them until then.',
    after:
      'After that it is deleted for good at the hosts: links and exported .layr files then stop working too, also those that you gave to others.',
    confirm: 'Move to trash',
  },
  export: {
    title: 'Export a manifest',
    text: 'A manifest is a small .layr file that brings this item back from the network. It stops working once the item is deleted for good: 30 days after its removal.',
    choice: 'Who can open it',
    anyone: 'Whoever holds the file',
    anyoneAbout: 'Give it only to people who may read the content: the file is the key.',
    own: 'Only my own devices',
    ownAbout: 'Sealed for this identity; useless to anyone else.',
    confirm: 'Choose where to save…',
    next: { conflict: 'Nothing was replaced. Save it under another name or in another folder.' },
  },
  exportAll: {
    button: 'Export all…',
    command: 'Export the whole library…',
    title: 'Export the whole library',
    text: 'This writes one .layr file with the list of all your files. Together with your 24 words it brings that list back on another computer.',
    who: 'It is sealed for this identity: nobody else can read it.',
    when: 'It does not change by itself. Export again when you have stored more, and keep it somewhere else than on this computer.',
    done: (path: string) => `The library was written to ${path}.`,
  },
  import: {
    title: 'Import into the library?',
    outside: 'A manifest was opened with Layr. Import it only if you expected it.',
    from: 'From',
    files: 'Files',
    contains: 'It contains',
    nothingYet: 'Nothing is downloaded yet: an import adds the files to the list of your library.',
    size: 'Size of the content',
    confirm: 'Import',
    next: {
      conflict:
        'Nothing was imported. Close this and, where something of your library is in the way, rename that; then choose or open the file or link again.',
      wrong_key: 'Nothing was imported. Only whoever made it can open it.',
    },
    done: (count: number, text: string) => `${items(count, text)} imported.`,
  },
  done: {
    download: 'The download is in Transfers.',
    upload: 'The upload is in Transfers.',
    exported: (path: string) => `The manifest was written to ${path}.`,
    shared: 'The link is on the clipboard. Whoever has it can read the file.',
    sharedFolder: 'The link is on the clipboard. Whoever has it can read everything in the folder.',
    removed: (count: number, text: string) => `${items(count, text)} moved to the trash.`,
    broughtBack: (number: string, name: string) => `Version ${number} of ${name} is the current one.`,
    restored: (name: string) => `Restored as ${name}.`,
    restoredMany: (count: number, text: string) => `${items(count, text)} restored.`,
    renamed: (name: string) => `Renamed to ${name}.`,
    show: 'Show transfers',
  },

  details,
  history,
  shard: { healthy: 'stored', missing: 'missing', corrupt: 'damaged', unreachable: 'out of reach' },
  shardMap: (stored: number, total: number, needed: number, others: string) =>
    `${stored} of ${total} parts stored${others === '' ? '' : `, ${others}`}. ${
      needed === 1 ? 'Any one brings it back.' : `Any ${needed} bring it back.`
    }`,
  shardMapMark: (needed: number) => `${needed} needed`,

  review: {
    title: 'Store these files?',
    counting: 'Counting and measuring. Nothing is sent yet.',
    destination: 'Goes to',
    files: 'Files',
    size: 'Size',
    stored: 'Size on hosts, with redundancy',
    known: 'Already stored',
    knownNone: 'Nothing of it',
    cost: 'Cost',
    term: (days: number) => `For ${days} days`,
    termCost: (rent: string, fees: string) => `${rent} XLM to hosts, about ${fees} XLM in fees`,
    deposit: 'Into escrow now',
    depositOf: (xlm: string) => `${xlm} XLM; what hosts do not earn comes back`,
    collateral: 'Hosts put in',
    collateralOf: (xlm: string) => `${xlm} XLM, which they lose a part of for each week they cannot prove`,
    excluded: (count: number, text: string) =>
      count === 1 ? '1 item is left out' : `${text} items are left out`,
    nothing: 'There is nothing here that can be stored.',
    onlyHere: 'Try-out: all parts stay on this computer. Keep your originals: this is no backup.',
    confirm: 'Store',
    failed: 'These files cannot be stored.',
    nothingWaits: 'Nothing was stored, and nothing waits. Keep your originals.',
  },
  startFailed: 'What you wanted to store before this could not be stored.',
  drop: {
    title: (destination: string) => `Drop to store in ${destination}`,
    count: items,
    text: 'You see what will be stored before anything is sent.',
    refused: 'What you dropped was not taken.',
    notReady: 'Nothing can be stored yet. Drop them again when your library is shown.',
    later: 'Finish this first; then drop them again.',
  },
} as const;
