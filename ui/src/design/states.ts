import type { Health } from '../ipc/bindings';
import type { messages } from '../messages';

/** The fixed set of state words; shape and colour only repeat them. */
export type StateWord = keyof typeof messages.status.state;

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
