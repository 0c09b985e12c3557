import { healthDanger, type StateWord } from '../../design/states';
import type { NodeView, StatusReport } from '../../ipc/bindings';
import { messages } from '../../messages';

export interface NodeState {
  word: StateWord;
  reason: string;
}

/** What the node's state is in one word and one sentence. Never greener than what the node reports. */
export function nodeState(view: NodeView): NodeState {
  switch (view.phase) {
    case 'starting':
      return { word: 'waiting', reason: messages.status.reason.starting };
    case 'no_identity':
      return { word: 'needsYou', reason: messages.status.reason.noIdentity };
    case 'home_in_use':
      return { word: 'needsYou', reason: messages.status.reason.homeInUse };
    case 'locked':
      return { word: 'needsYou', reason: messages.status.reason.locked };
    case 'failed':
      return { word: 'needsYou', reason: messages.status.reason.failed };
    case 'running':
      return runningState(view.status);
  }
}

function runningState(status: StatusReport): NodeState {
  const danger = status.health === null ? 'none' : healthDanger(status.health);
  if (danger === 'lost') {
    return { word: 'atRisk', reason: messages.status.reason.lost };
  }
  if (danger === 'near') {
    return { word: 'atRisk', reason: messages.status.reason.atRisk };
  }
  if (status.peers === 0) {
    return { word: 'offline', reason: messages.status.reason.noPeers };
  }
  const uploads = status.transfers.filter((transfer) => transfer.kind === 'put').length;
  if (uploads > 0) {
    return { word: 'uploading', reason: messages.status.reason.uploading(uploads) };
  }
  if (status.files === 0) {
    return { word: 'waiting', reason: messages.status.reason.nothingStored };
  }
  return { word: 'safe', reason: messages.status.reason.stored };
}
