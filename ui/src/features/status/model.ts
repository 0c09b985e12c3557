import type { Health, NodeStatus, NodeView } from '../../ipc/node';
import { messages } from '../../messages';

/** The fixed set of state words this screen can say; shape and colour only repeat them. */
export type StateWord = keyof typeof messages.state;

export interface NodeState {
  word: StateWord;
  reason: string;
}

/** What the node's state is in one word and one sentence. Never greener than what the node reports. */
export function nodeState(view: NodeView): NodeState {
  switch (view.phase) {
    case 'starting':
      return { word: 'waiting', reason: messages.reason.starting };
    case 'no_identity':
      return { word: 'needsYou', reason: messages.reason.noIdentity };
    case 'home_in_use':
      return { word: 'needsYou', reason: messages.reason.homeInUse };
    case 'locked':
      return { word: 'needsYou', reason: messages.reason.locked };
    case 'failed':
      return { word: 'needsYou', reason: messages.reason.failed };
    case 'running':
      return runningState(view.status);
  }
}

function runningState(status: NodeStatus): NodeState {
  const danger = status.health === null ? 'none' : healthDanger(status.health);
  if (danger === 'lost') {
    return { word: 'atRisk', reason: messages.reason.lost };
  }
  if (danger === 'near') {
    return { word: 'atRisk', reason: messages.reason.atRisk };
  }
  if (status.peers === 0) {
    return { word: 'offline', reason: messages.reason.noPeers };
  }
  const uploads = status.transfers.filter((transfer) => transfer.kind === 'put').length;
  if (uploads > 0) {
    return { word: 'uploading', reason: messages.reason.uploading(uploads) };
  }
  if (status.files === 0) {
    return { word: 'waiting', reason: messages.reason.nothingStored };
  }
  return { word: 'safe', reason: messages.reason.stored };
}

/**
 * How near a file is to being lost. A segment counts as stored from k + two thirds of its parity on, so `near`
 * begins below one third: an upload that has just become safe is not called a risk.
 */
export function healthDanger(health: Health): 'none' | 'near' | 'lost' {
  if (health.alive < health.needed) {
    return 'lost';
  }
  const parity = health.total - health.needed;
  return (health.alive - health.needed) * 3 < parity ? 'near' : 'none';
}
