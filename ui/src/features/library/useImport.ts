import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';

import type { ImportPreview } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { keys } from '../../ipc/keys';
import { refreshAnswers } from '../../ipc/refreshAnswers';
import { type FailedCommand, useCommand } from '../../ipc/useCommand';
import { useShellEvent } from '../../ipc/useShellEvent';
import { requiredContext } from '../../lib/requiredContext';
import { formatCount } from '../../lib/format';
import { messages } from '../../messages';

export interface Imports {
  /** Lets the person choose a manifest, and shows what is in it. */
  choose: () => void;
  chooseFailure: FailedCommand;
  /** Why what was opened outside of the window could not be shown. It is gone from the shell, so that only opening it again helps. */
  openFailure: FailedCommand;
  /** What the last import brought, to be said once. */
  done: string | null;
  forgetDone: () => void;
}

export const [ImportContext, useImport] = requiredContext<Imports>('the imports');

/** A manifest that waits for a yes. */
interface Waiting {
  preview: ImportPreview;
  isFromOutside: boolean;
}

/** An import from the chosen or opened file to the yes. Nothing reaches the library before. */
export function useImportFlow() {
  const queryClient = useQueryClient();
  const [waiting, setWaiting] = useState<Waiting | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const opened = useCommand(client.opened, (preview: ImportPreview | null) => {
    if (preview !== null) {
      setWaiting({ preview, isFromOutside: true });
    }
  });
  const choose = useCommand(client.importManifest, (preview: ImportPreview | null) => {
    if (preview !== null) {
      setDone(null);
      setWaiting({ preview, isFromOutside: false });
    }
  });
  const confirm = useCommand(
    ({ token }: ImportPreview) => client.importConfirm({ token }),
    // The answer names the first of very many only.
    (_report, { files }) => {
      setDone(messages.library.import.done(files, formatCount(files)));
      close();
      refreshAnswers(queryClient, keys.library);
    },
  );

  // One sheet at a time: what is opened meanwhile waits at the shell, the newest in place of those before it.
  const isWaiting = waiting !== null;
  const hasMore = useRef(true);
  const { run: ask } = opened;
  const askForMore = useCallback(() => {
    hasMore.current = false;
    ask();
  }, [ask]);
  useEffect(() => {
    if (!isWaiting && hasMore.current) {
      askForMore();
    }
  }, [isWaiting, askForMore]);
  useShellEvent('opened', () => {
    hasMore.current = true;
    if (!isWaiting) {
      askForMore();
    }
  });

  function close(): void {
    confirm.reset();
    setWaiting(null);
  }
  /** A no: what was previewed, which can be the keys of a link, is kept by nobody. */
  function dismiss(): void {
    if (waiting !== null) {
      client.selectionDrop({ selection: waiting.preview.token }).catch(() => undefined);
    }
    close();
  }
  return { waiting, opened, choose, confirm, done, forgetDone: () => setDone(null), dismiss };
}
