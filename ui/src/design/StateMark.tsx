import { useIsTryOut } from '../lib/tryOut';
import { messages } from '../messages';
import styles from './StateMark.module.css';
import type { StateWord } from './states';

// One shape a state, so that nothing depends on telling colours apart.
const SHAPES: Record<StateWord, string> = {
  safe: 'M8 1.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 0 0 0-13zm-1 9.4L3.9 7.8l1.2-1.2L7 8.5l3.9-3.9l1.2 1.2z',
  onlyHere: 'M1.5 2.5h13v9h-5v1.5h2v1.5h-7v-1.5h2v-1.5h-5zm1.5 1.5v6h10v-6z',
  uploading: 'M8 1.5L13.5 7H10v7H6V7H2.5z',
  waiting: 'M8 1.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 0 0 0-13zm-.8 2.6h1.6v3.6l2.6 1.6l-.8 1.3l-3.4-2.1z',
  paused: 'M3.5 2h3v12h-3zM9.5 2h3v12h-3z',
  repairing: 'M10.6 1.6a4 4 0 0 0-5 5L1.2 11l3.8 3.8l4.4-4.4a4 4 0 0 0 5-5l-2.5 2.5l-2.6-.8l-.8-2.6z',
  atRisk: 'M8 1.2L15.4 14.5H.6zM7.2 6v4.2h1.6V6zm0 5.3v1.6h1.6v-1.6z',
  needsYou: 'M2 2h12v9H8.5L5 14.5V11H2zm5.2 1.8v3.4h1.6V3.8zm0 4.4v1.4h1.6V8.2z',
  offline: 'M8 1.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 0 0 0-13zM4 7.2h8v1.6H4z',
};

/** What to call a state here: nothing is safe where one disk holds all parts. */
function useShownWord(word: StateWord): StateWord {
  const isOnlyHere = useIsTryOut();
  return word === 'safe' && isOnlyHere ? 'onlyHere' : word;
}

/** The name of a state, for where it stands without its mark. */
export function useStateName(): (word: StateWord) => string {
  const safe = useShownWord('safe');
  return (word) => messages.status.state[word === 'safe' ? safe : word];
}

export function StateMark({ word }: { word: StateWord }) {
  const shown = useShownWord(word);
  return (
    <span className={styles.mark} data-state={shown}>
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
        <path d={SHAPES[shown]} fill="currentColor" fillRule="evenodd" />
      </svg>
      {messages.status.state[shown]}
    </span>
  );
}
