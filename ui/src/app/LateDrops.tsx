import { useState } from 'react';

import { ErrorNotice, Note } from '../design/Notice';
import type { UiError } from '../ipc/bindings';
import { client } from '../ipc/client';
import { useShellEvent } from '../ipc/useShellEvent';
import { messages } from '../messages';

/** Stands where nothing can be stored yet: what is dropped there is let go, and the person is told. */
export function LateDrops({ text }: { text: string }) {
  const { drop } = messages.library;
  const [said, setSaid] = useState<UiError | 'later' | null>(null);
  useShellEvent('drop', ({ phase, selection, refused }) => {
    if (phase !== 'drop') {
      return;
    }
    if (selection !== undefined) {
      // The shell may forget it. Nothing is lost if it does not.
      client.selectionDrop({ selection }).catch(() => undefined);
    }
    setSaid(refused ?? 'later');
  });
  if (said === null) {
    return null;
  }
  const close = () => setSaid(null);
  return said === 'later' ? (
    <Note onClose={close}>{text}</Note>
  ) : (
    <ErrorNotice error={said} title={drop.refused} onClose={close} />
  );
}
