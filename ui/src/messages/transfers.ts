export const transfers = {
  heading: 'Transfers',
  list: 'Transfers',
  kind: { upload: 'Upload', download: 'Download' },
  resumeAll: 'Resume all',
  retryAll: 'Retry all',
  cancelAll: 'Cancel all…',
  clear: 'Clear finished',
  pause: 'Pause',
  resume: 'Resume',
  cancel: 'Cancel',
  retry: 'Retry',
  reveal: 'Show in folder',
  showInLibrary: 'Show in library',
  pauseFor: 'Pause all for…',
  span: { half: '30 minutes', two: '2 hours', open: 'until I resume' },
  pausedAll: (byWhom: string) => `${byWhom} Nothing moves, and nothing is lost.`,
  pausedOthers: (byWhom: string) => `${byWhom} What you resumed by itself goes on.`,
  progress: (done: string, total: string) => `${done} of ${total}`,
  files: (done: string, total: string) => `${done} of ${total} files`,
  parts: (done: string, total: string, count: number) =>
    count === 1 ? `${done} of 1 part` : `${done} of ${total} parts`,
  counting: 'counting…',
  eta: (time: string) => `about ${time} left`,
  etaSoon: 'less than a minute left',
  left: (amount: string) => `${amount} left`,
  stage: {
    scanning: 'Looking at what is there',
    reading: 'Reading and encrypting',
    sending: 'Sending to hosts',
    finishing: 'Finishing',
    receiving: 'Receiving',
    checking: 'Checking',
  } as Record<string, string>,
  downloading: 'Downloading',
  finished: 'Finished',
  cancelled: 'Cancelled',
  noReason: {
    waiting: 'Waiting for its turn.',
    paused: 'Paused.',
    failed: 'It failed, and the reason is not known.',
  },
  triesIn: (time: string) => `Layr tries again by itself in about ${time}.`,
  triesSoon: 'Layr tries again by itself within a minute.',
  needsYou: 'It goes on when you have put this right and pressed Retry.',
  downloadInTheWay:
    'Rename or move what is in the way and press Retry. Or cancel this, and download it under another name or into another folder.',
  never: 'Trying the same again will not help.',
  skipped: (count: number, text: string) =>
    count === 1 ? '1 item was left out' : `${text} items were left out`,
  cancelTitle: (name: string) => `Cancel “${name}”?`,
  cancelEnded: 'It has ended meanwhile: there is nothing left to cancel.',
  cancelUpload:
    'Files that are stored already stay in the library; the others are not added. Your own files stay as they are.',
  cancelDownload: 'What has arrived so far is discarded. Nothing in the library changes.',
  cancelConfirm: 'Cancel the transfer',
  keep: 'Keep it',
  cancelAllTitle: (count: number, text: string) =>
    count === 1
      ? 'Cancel the transfer that has not ended?'
      : `Cancel all ${text} transfers that have not ended?`,
  cancelAllUploads:
    'Of the uploads, files that are stored already stay in the library; the others are not added. Your own files stay as they are.',
  cancelAllDownloads:
    'Of the downloads, what has arrived so far is discarded. Nothing in the library changes.',
  cancelAllConfirm: 'Cancel all',
  keepAll: 'Keep them',
  failed: (name: string) => `That did not work for “${name}”.`,
  summary: (moving: string, waiting: string, failed: string) =>
    `${moving} under way, ${waiting} waiting or paused, ${failed} failed`,
  unread: 'The transfers could not be read.',
  emptyTitle: 'Nothing moves',
  emptyText:
    'Uploads and downloads appear here, each with its stage and the reason when it waits. They survive a restart of Layr.',
} as const;
