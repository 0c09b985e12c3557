import { useQuery } from '@tanstack/react-query';
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';

import type { UiError } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { toUiError } from '../../ipc/errors';
import { useLiveTransfers } from '../../ipc/liveTransfers';
import { type FailedCommand, useCommand } from '../../ipc/useCommand';
import { requiredContext } from '../../lib/requiredContext';

/** Files that wait for a yes, and where they would go. */
interface Waiting {
  selection: string;
  to: string;
}

export interface Upload {
  choose: (what: 'files' | 'folder') => void;
  review: (selection: string) => void;
  /** Says why a drop was not taken, until that is put away or something else is stored. */
  refuse: (error: UiError) => void;
  refused: UiError | null;
  forgetRefused: () => void;
  /** The dialog of the system, should it not be shown. */
  chooseFailure: FailedCommand;
  /** Why an upload did not begin in whose place something else is looked at by now. */
  startFailure: FailedCommand;
  hasStarted: boolean;
  forgetStarted: () => void;
}

export const [UploadContext, useUpload] = requiredContext<Upload>('the uploads');

function requestOf({ selection, to }: Waiting) {
  return { selection, ...(to === '' ? {} : { to }) };
}

/** What storing the waiting files would mean; counted anew for each of them. */
function useReview(waiting: Waiting | null) {
  return useQuery({
    queryKey: ['review', waiting],
    queryFn: () => (waiting === null ? null : client.selectionReview(requestOf(waiting))),
    enabled: waiting !== null,
    gcTime: 0,
  });
}

function dropSelection(selection: string): void {
  client.selectionDrop({ selection }).catch(() => undefined);
}

/** The yes to an upload. Its failure is that of the sheet, and of the window once the sheet shows something else. */
function useStart(latest: RefObject<Waiting | null>, onStarted: (asked: Waiting) => void) {
  const [earlier, setEarlier] = useState<{ asked: Waiting; error: UiError } | null>(null);
  const start = useCommand(
    async (asked: Waiting) => {
      setEarlier((before) => (before?.asked.selection === asked.selection ? null : before));
      try {
        return await client.uploadStart(requestOf(asked));
      } catch (thrown) {
        if (latest.current?.selection !== asked.selection) {
          setEarlier({ asked, error: toUiError(thrown) });
        }
        throw thrown;
      }
    },
    (_started, asked) => onStarted(asked),
  );
  const startFailure: FailedCommand = {
    error: earlier?.error ?? null,
    again: () => {
      if (earlier !== null) {
        start.runOnce(earlier.asked);
      }
    },
    reset: () => {
      if (earlier !== null) {
        dropSelection(earlier.asked.selection);
      }
      setEarlier(null);
    },
  };
  return { start, startFailure };
}

/** The system's dialog for files or a folder. */
function useChoose(review: (selection: string) => void) {
  return useCommand(
    (what: 'files' | 'folder') => client.chooseUpload({ what }),
    (chosen) => {
      if (chosen !== null) {
        review(chosen.selection);
      }
    },
  );
}

/** An upload from the first press or drop to the yes. `destination` is where a new one goes; empty at the top. */
export function useUploadFlow(destination: string) {
  const [waiting, setWaiting] = useState<Waiting | null>(null);
  const [hasStarted, setStarted] = useState(false);
  const [refused, setRefused] = useState<UiError | null>(null);
  const refresh = useLiveTransfers((live) => live.refresh);

  const latest = useRef<Waiting | null>(null);
  useEffect(() => {
    latest.current = waiting;
  }, [waiting]);

  const { start, startFailure } = useStart(latest, (asked) => {
    // Something else may have been dropped meanwhile.
    setWaiting((now) => (now?.selection === asked.selection ? null : now));
    setStarted(true);
    refresh().catch(() => undefined);
  });
  const { reset: forgetFailure, isRunning, asked } = start;
  const startingSelection = isRunning ? asked?.selection : undefined;
  const review = useCallback(
    (selection: string) => {
      const before = latest.current;
      if (before !== null && before.selection !== selection && before.selection !== startingSelection) {
        // The newer drop takes its place; the shell may forget the older one. Nothing is lost if it does not.
        dropSelection(before.selection);
      }
      setStarted(false);
      setRefused(null);
      // Why an earlier upload did not begin says nothing about this one. One that begins now is still heard of.
      if (startingSelection === undefined) {
        forgetFailure();
      }
      setWaiting({ selection, to: destination });
    },
    [destination, forgetFailure, startingSelection],
  );
  const chooseCommand = useChoose(review);
  const reviewed = useReview(waiting);
  const forget = () => {
    if (waiting !== null) {
      dropSelection(waiting.selection);
    }
    if (startingSelection === undefined) {
      forgetFailure();
    }
    setWaiting(null);
  };
  const upload: Upload = {
    choose: chooseCommand.runOnce,
    review,
    refuse: setRefused,
    refused,
    forgetRefused: () => setRefused(null),
    chooseFailure: chooseCommand,
    startFailure,
    hasStarted,
    forgetStarted: () => setStarted(false),
  };
  const isOfWaiting = waiting !== null && asked?.selection === waiting.selection;
  const startError = isOfWaiting ? start.error : null;
  return {
    upload,
    waiting,
    review: reviewed.data ?? undefined,
    isCounting: reviewed.isFetching,
    failure: reviewed.error === null ? startError : toUiError(reviewed.error),
    recount: () => {
      reviewed.refetch().catch(() => undefined);
    },
    confirm: () => waiting !== null && start.runOnce(waiting),
    isStarting: isRunning && isOfWaiting,
    /** Another one begins: this one can as soon as that has. */
    isOtherStarting: isRunning && !isOfWaiting,
    forget,
  };
}
