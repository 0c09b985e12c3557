import { useState } from 'react';

import { ErrorNotice } from '../design/Notice';
import type { RefusedEvent } from '../ipc/bindings';
import { useShellEvent } from '../ipc/useShellEvent';
import { messages } from '../messages';

/** Why something that was chosen in the tray's menu, which has no place for a sentence, was not done. */
export function RefusedNote() {
  const [refused, setRefused] = useState<RefusedEvent | null>(null);
  useShellEvent('refused', setRefused);
  return (
    refused !== null && (
      <ErrorNotice
        error={refused.error}
        title={messages.shell.refused[refused.action]}
        onClose={() => setRefused(null)}
      />
    )
  );
}
