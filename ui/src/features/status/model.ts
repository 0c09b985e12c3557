import type { StateWord } from '../../design/states';
import type { NodeView, StatusReport, Transfer, TransfersReport } from '../../ipc/bindings';
import { formatCount } from '../../lib/format';
import { formatUntil } from '../../lib/time';
import { isTryOut } from '../../lib/tryOut';
import { messages } from '../../messages';

export interface NodeState {
  word: StateWord;
  reason: string;
}

/** What the window knows besides the status of the node. */
export interface Surroundings {
  /** Null until they were told once. */
  transfers: TransfersReport | null;
  /** The queue could not be read: there may be more in it than the last report says. */
  isQueueUnread: boolean;
  /** Entries of the activity that the person has to see to; null until they were told once. */
  openActions: number | null;
  /** The activity could not be read: there may be more of them. */
  isActivityUnread: boolean;
  /** The identity came back from its words, which the list of files does not; null while nobody knows. */
  isRestored: boolean | null;
}

const NO_SURROUNDINGS: Surroundings = {
  transfers: null,
  isQueueUnread: false,
  openActions: null,
  isActivityUnread: false,
  isRestored: null,
};

/** What the state is in one word and one sentence. Never greener than what the node reports. */
export function nodeState(view: NodeView, around: Surroundings = NO_SURROUNDINGS): NodeState {
  const { reason } = messages.status;
  switch (view.phase) {
    case 'starting':
      return { word: 'waiting', reason: reason.starting };
    case 'no_identity':
      return { word: 'needsYou', reason: reason.noIdentity };
    case 'home_in_use':
      return { word: 'needsYou', reason: reason.homeInUse };
    case 'locked':
      return { word: 'needsYou', reason: reason.locked };
    case 'keys_gone':
      return { word: 'needsYou', reason: reason.keysGone };
    case 'failed':
      return { word: 'needsYou', reason: reason.failed };
    case 'running':
      return view.status_error === undefined
        ? runningState(view.status, around)
        : { word: 'needsYou', reason: reason.unread };
  }
}

/** The worst comes first: one word can say one thing only. */
function runningState(status: StatusReport, around: Surroundings): NodeState {
  const { transfers, openActions } = around;
  const { reason } = messages.status;
  const health = status.health?.state ?? 'safe';
  const queue = transfers?.transfers ?? [];
  const stuck = queue.filter((transfer) => transfer.state === 'failed').length;
  if (health === 'lost') {
    return { word: 'needsYou', reason: reason.lost };
  }
  // Activity has an entry about it, too, which says less.
  if (health === 'at_risk') {
    return { word: 'atRisk', reason: isRepairing(status) ? reason.atRiskRepairing : reason.atRisk };
  }
  if (openActions !== null && openActions > 0) {
    return { word: 'needsYou', reason: reason.openActions(openActions, formatCount(openActions)) };
  }
  if (stuck > 0) {
    return { word: 'needsYou', reason: reason.stuck(stuck, formatCount(stuck)) };
  }
  const paused = transfers === null ? null : pausedReason(transfers);
  // A repair that somebody asked for is carried out all the same.
  if (paused !== null && !isRepairing(status)) {
    return { word: 'paused', reason: paused };
  }
  if (status.peers === 0) {
    return { word: 'offline', reason: reason.noPeers };
  }
  return movingState(status, around);
}

/** Why nothing moves, where that is what the person wanted; null otherwise. The tray says the same (`tray/state.rs`). */
function pausedReason(report: TransfersReport): string | null {
  const { reason } = messages.status;
  const among = (state: Transfer['state']) => report.transfers.filter((transfer) => transfer.state === state);
  // Beside what was resumed alone not everything is paused.
  if (among('running').length > 0) {
    return null;
  }
  // Also while nothing is held back: what is stored next would be.
  if (report.paused_all) {
    return pausedWords(report);
  }
  const paused = among('paused');
  if (paused.length === 0 || among('waiting').length > 0) {
    return null;
  }
  return paused.some(({ kind }) => kind === 'upload') ? reason.somePaused : reason.downloadPaused;
}

function movingState(status: StatusReport, around: Surroundings): NodeState {
  const { transfers, isQueueUnread, openActions, isActivityUnread } = around;
  const { reason } = messages.status;
  const uploads = (transfers?.transfers ?? []).filter(({ kind }) => kind === 'upload');
  const running =
    transfers === null
      ? status.transfers.filter(({ kind }) => kind === 'put').length
      : uploads.filter(({ state }) => state === 'running').length;
  if (running > 0) {
    return { word: 'uploading', reason: reason.uploading(running, formatCount(running)) };
  }
  const waiting = uploads.filter(({ state }) => state === 'waiting').length;
  if (waiting > 0) {
    return { word: 'waiting', reason: reason.uploadsWait(waiting, formatCount(waiting)) };
  }
  if (isRepairing(status)) {
    return { word: 'repairing', reason: reason.repairing };
  }
  if (uploads.some(({ state }) => state === 'paused')) {
    return { word: 'paused', reason: reason.somePaused };
  }
  if (isQueueUnread) {
    return { word: 'waiting', reason: messages.transfers.unread };
  }
  if (isActivityUnread) {
    return { word: 'waiting', reason: messages.activity.failed };
  }
  // Before the first answers nobody knows what waits or needs the person.
  if (transfers === null || openActions === null) {
    return { word: 'waiting', reason: messages.status.loading };
  }
  if (status.files === 0) {
    return { word: 'waiting', reason: emptyWords(around.isRestored) };
  }
  if (status.health?.state === 'waiting') {
    return { word: 'waiting', reason: reason.stale };
  }
  return isTryOut(status.network)
    ? { word: 'onlyHere', reason: reason.storedHere }
    : { word: 'safe', reason: reason.stored };
}

/** Whether lost parts are made again, by the node itself or because somebody asked for it. */
function isRepairing(status: StatusReport): boolean {
  return status.transfers.some(({ kind }) => kind === 'repair');
}

/** Why there are no files: that nothing was ever stored is said only where it is known. */
function emptyWords(isRestored: boolean | null): string {
  const { listEmpty, listNotBack, nothingStored } = messages.status.reason;
  if (isRestored === null) {
    return listEmpty;
  }
  return isRestored ? listNotBack : nothingStored;
}

/** By whom everything is paused, and until when. */
export function pausedWords(report: TransfersReport): string {
  const { pausedByYou, pausedByYouUntil } = messages.status.reason;
  return report.paused_until === undefined ? pausedByYou : pausedByYouUntil(formatUntil(report.paused_until));
}
