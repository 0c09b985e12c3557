// Order of a problem: what happened, what is safe, what to do next.

export const status = {
  heading: 'Layr',
  loading: 'Asking the node…',
  bridgeFailed:
    'The window cannot reach its node. What is stored stays stored. Try again, or close Layr and start it anew.',

  state: {
    safe: 'Safe',
    // Said in the place of “Safe” where all hosts are on this computer.
    onlyHere: 'Only here',
    uploading: 'Uploading',
    waiting: 'Waiting',
    paused: 'Paused',
    repairing: 'Repairing',
    atRisk: 'At risk',
    needsYou: 'Needs you',
    offline: 'Offline',
  },

  reason: {
    starting: 'The node is starting.',
    nothingStored: 'Connected. Nothing is stored yet.',
    listEmpty: 'Connected. The list of your files is empty.',
    listNotBack: 'Connected. The list of your files is not back yet: import your .layr files.',
    stored: 'Everything in the library is stored on the network.',
    storedHere: 'Everything in the library is kept on this computer only. It is no backup.',
    uploading: (count: number, text: string) =>
      count === 1 ? 'One upload is under way.' : `${text} uploads are under way.`,
    uploadsWait: (count: number, text: string) =>
      count === 1 ? 'One upload waits.' : `${text} uploads wait.`,
    somePaused: 'An upload is paused by you.',
    downloadPaused: 'A download is paused by you.',
    pausedByYou: 'Paused by you until you resume.',
    pausedByYouUntil: (until: string) => `Paused by you until ${until}.`,
    openActions: (count: number, text: string) =>
      count === 1 ? 'Something in Activity needs you.' : `${text} things in Activity need you.`,
    stuck: (count: number, text: string) =>
      count === 1 ? 'A transfer has failed and needs you.' : `${text} transfers have failed and need you.`,
    noPeers: 'No peer is connected. What is stored stays stored. Nothing is sent meanwhile.',
    repairing: 'Lost parts are made again and brought to other hosts.',
    stale: 'Hosts were not checked for 14 days: how the files are is not known.',
    atRisk: 'A file has few parts left beyond those it needs.',
    atRiskRepairing: 'A file has few parts left beyond those it needs. A repair is under way.',
    lost: 'A file has fewer parts left than it needs.',
    noIdentity: 'There is no identity in this home yet.',
    homeInUse: 'Another Layr is using this home.',
    locked: 'The keys of this home are locked.',
    keysGone: 'The keys of this home are gone.',
    failed: 'The node could not start.',
    unread: 'The node runs, but its state cannot be read: what is shown may be out of date.',
  },

  problem: {
    noIdentity: {
      safe: (home: string) => `Nothing was changed in ${home}.`,
      next: 'Create one in a terminal, write down the 24 words it prints, then check again:',
    },
    homeInUse: {
      safe: 'Nothing is wrong: one node serves a home at a time, and that one keeps running.',
      next: (pid: number | null) =>
        pid === null
          ? 'Use that one, or stop it with this command and check again:'
          : `Use that one (process ${pid}), or stop it with this command and check again:`,
    },
    locked: {
      safe: 'The keys stay sealed and nothing was sent.',
      nextKeyring: 'Unlock the keyring of this computer, then check again.',
      nextNoKeyring:
        'The keys are in a keyring that does not run in this session. Start Layr in a session in which it runs, or check again when it does.',
      nextFile: 'Start Layr with LAYR_PASSPHRASE_FILE set to a file that holds the passphrase.',
    },
    keysGone: {
      safe: 'Your files are untouched, and nothing was sent.',
      next: 'If you can put the keys back where they were, from a backup of this computer for example, do that and check again.',
    },
    failed: {
      safe: 'Stored files are not affected, and nothing was overwritten.',
      next: 'Put right what the message names, then check again.',
    },
    again: 'Check again',
    checking: 'Checking…',
    code: 'Code',
    home: 'Home',
  },
} as const;
