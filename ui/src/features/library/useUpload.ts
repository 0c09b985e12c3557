import { useQuery } from '@tanstack/react-query';
import { createContext, use, useCallback, useMemo, useState } from 'react';

import type { UiError } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { toUiError } from '../../ipc/errors';
import { useLiveTransfers } from '../../ipc/liveTransfers';
import { useCommand } from '../../ipc/useCommand';

/** Files that wait for a yes, and where they would go. */
interface Waiting {
  selection: string;
  to: string;
}

export interface Upload {
  waiting: Waiting | null;
  choose: (what: 'files' | 'folder') => void;
  review: (selection: string) => void;
  /** Why the dialog of the system could not be shown. */
  chooseError: UiError | null;
  hasStarted: boolean;
  forgetStarted: () => void;
}

export const UploadContext = createContext<Upload | null>(null);

export function useUpload(): Upload {
  const upload = use(UploadContext);
  if (upload === null) {
    throw new Error('useUpload outside of its provider');
  }
  return upload;
}

function requestOf({ selection, to }: Waiting) {
  return { selection, ...(to === '' ? {} : { to }) };
}

/** An upload from the first press or drop to the yes. `destination` is where a new one goes; empty at the top. */
export function useUploadFlow(destination: string) {
  const [waiting, setWaiting] = useState<Waiting | null>(null);
  const [hasStarted, setStarted] = useState(false);
  const refresh = useLiveTransfers((live) => live.refresh);

  const review = useCallback(
    (selection: string) => {
      setStarted(false);
      setWaiting((before) => {
        if (before !== null && before.selection !== selection) {
          // The newer drop takes its place; the shell may forget the older one. Nothing is lost if it does not.
          client.selectionDrop({ selection: before.selection }).catch(() => undefined);
        }
        return { selection, to: destination };
      });
    },
    [destination],
  );
  const { run: runChoose, error: chooseError } = useCommand(
    (what: 'files' | 'folder') => client.chooseUpload({ what }),
    (chosen) => {
      if (chosen !== null) {
        review(chosen.selection);
      }
    },
  );
  const start = useCommand(
    (asked: Waiting) => client.uploadStart(requestOf(asked)),
    () => {
      setWaiting(null);
      setStarted(true);
      refresh().catch(() => undefined);
    },
  );
  const reviewed = useQuery({
    queryKey: ['review', waiting],
    queryFn: () => (waiting === null ? null : client.selectionReview(requestOf(waiting))),
    enabled: waiting !== null,
    gcTime: 0,
  });
  const forget = () => {
    if (waiting !== null) {
      client.selectionDrop({ selection: waiting.selection }).catch(() => undefined);
    }
    start.reset();
    setWaiting(null);
  };
  const upload = useMemo<Upload>(
    () => ({
      waiting,
      choose: (what) => runChoose(what),
      review,
      chooseError,
      hasStarted,
      forgetStarted: () => setStarted(false),
    }),
    [waiting, runChoose, review, chooseError, hasStarted],
  );
  const failure = reviewed.error === null ? start.error : toUiError(reviewed.error);
  return { upload, waiting, review: reviewed.data ?? undefined, failure, start, forget };
}
