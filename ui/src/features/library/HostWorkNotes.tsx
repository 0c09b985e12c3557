import { useEffect, useLayoutEffect, useRef } from 'react';

import { CommandError, Note } from '../../design/Notice';
import type { HostWork } from './useHostWork';

/** What is said of work at hosts. */
export interface HostWorkWords {
  about: (what: string) => string;
  stop: string;
  failed: (what: string) => string;
}

/** That it runs, what came of it, or why it could not be done. */
export function HostWorkNotes({ work, text }: { work: HostWork; text: HostWorkWords }) {
  const result = useRef<HTMLDivElement>(null);
  const hadFocus = useRef(false);
  const isRunning = work.running !== null;
  useEffect(() => {
    if (!isRunning && hadFocus.current) {
      hadFocus.current = false;
      result.current?.focus();
    }
  }, [isRunning]);
  return (
    <>
      {work.running !== null && (
        <RunningNote
          words={text.about(work.running)}
          stop={text.stop}
          onStop={work.stop}
          onGone={(isFocused) => {
            hadFocus.current = isFocused;
          }}
        />
      )}
      <CommandError command={work.stopFailure} />
      {work.result !== null && (
        <Note frame={result} onClose={work.forgetResult}>
          {work.result}
        </Note>
      )}
      <CommandError command={work.failure} title={text.failed(work.failedFor)} />
    </>
  );
}

interface RunningNoteProps {
  words: string;
  stop: string;
  onStop: () => void;
  /** It goes, and the focus with it where that was on its button. */
  onGone: (isFocused: boolean) => void;
}

function RunningNote({ words, stop, onStop, onGone }: RunningNoteProps) {
  const own = useRef<HTMLDivElement>(null);
  const gone = useRef(onGone);
  useLayoutEffect(() => {
    const { current: frame } = own;
    const { current: tell } = gone;
    // Before the note is taken out of the page.
    return () => tell(frame?.contains(document.activeElement) === true);
  }, []);
  return (
    <Note frame={own} action={{ text: stop, onPress: onStop }}>
      {words}
    </Note>
  );
}
