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
  /** Shows what the link that was copied last would bring. The link itself never comes here. */
  takeCopied: () => void;
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
  const [done, setDone] = useState<string | null>(null);
  const { waiting, replace, enqueue, ...answer } = useWaiting(setDone);
  const opened = useCommand(client.opened, (preview: ImportPreview | null) => {
    if (preview !== null) {
      replace({ preview, isFromOutside: true });
    }
  });
  const showBy = (way: (next: Waiting) => void) => (preview: ImportPreview | null) => {
    if (preview !== null) {
      setDone(null);
      way({ preview, isFromOutside: false });
    }
  };
  // Each for itself: a clipboard that does not answer is not in the way of a file.
  const file = useCommand(() => client.importManifest(), showBy(replace));
  // A clipboard may answer long after the press: what is on a sheet by then must not change under a yes.
  const link = useCommand(() => client.importCopied(), showBy(enqueue));
  useOpened(waiting !== null, opened.run);
  return { ...answer, waiting, opened, ...choicesOf(file, link), done, forgetDone: () => setDone(null) };
}

type Choice = FailedCommand & { isRunning: boolean; runOnce: () => void };

/** The two ways to what can be imported. Taking one puts the failure of the other away. */
function choicesOf(file: Choice, link: Choice) {
  const take = (choice: Choice, other: Choice) => () => {
    if (!other.isRunning) {
      other.reset();
    }
    choice.runOnce();
  };
  return {
    choose: take(file, link),
    takeCopied: take(link, file),
    chooseFailure: file.error === null ? link : file,
  };
}

/** One sheet at a time: what is opened meanwhile waits at the shell, the newest in place of those before it. */
function useOpened(isWaiting: boolean, ask: () => void): void {
  const hasMore = useRef(true);
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
}

/** What is on the sheet, and what follows it there. */
function useSheet() {
  const [waiting, setWaiting] = useState<Waiting | null>(null);
  // Answers can come before the page is drawn anew.
  const latest = useRef<Waiting | null>(null);
  const queued = useRef<Waiting | null>(null);
  const show = (next: Waiting | null) => {
    latest.current = next;
    setWaiting(next);
  };
  return {
    waiting,
    latest,
    show,
    close: () => {
      const next = queued.current;
      queued.current = null;
      show(next);
    },
    /** One that waits already is let go. */
    queue: (next: Waiting) => {
      if (queued.current !== null) {
        letGo(queued.current.preview.token);
      }
      queued.current = next;
    },
  };
}

/** What waits for a yes, and the yes to it. Another one can come while the yes is under way. */
function useWaiting(onDone: (said: string) => void) {
  const queryClient = useQueryClient();
  const { waiting, latest, show, close, queue } = useSheet();
  const confirm = useCommand(
    ({ token }: ImportPreview) => client.importConfirm({ token }),
    // The answer names the first of very many only.
    (_report, { files, token }) => {
      onDone(messages.library.import.done(files, formatCount(files)));
      if (latest.current?.preview.token === token) {
        close();
      }
      refreshAnswers(queryClient, keys.library);
    },
  );
  const { asked, isRunning, error, reset } = confirm;
  const isOfWaiting = waiting !== null && asked?.token === waiting.preview.token;
  /** For what is shown and has had no yes. */
  const drop = () => {
    const before = latest.current?.preview.token;
    if (before !== undefined && !(isRunning && before === asked?.token)) {
      letGo(before);
    }
  };
  const replace = (next: Waiting) => {
    drop();
    if (!isRunning) {
      reset();
    }
    show(next);
  };
  return {
    waiting,
    /** The newer one takes the place of what is shown. Why an earlier one was not imported says nothing about it. */
    replace,
    /** Shown at once where nothing is, otherwise when that is closed. */
    enqueue: (next: Waiting) => (latest.current === null ? replace(next) : queue(next)),
    dismiss: () => {
      drop();
      if (isOfWaiting) {
        reset();
      }
      close();
    },
    confirm: confirm.runOnce,
    isRunning: isRunning && isOfWaiting,
    /** Another import is under way: this one can be confirmed as soon as that has ended. */
    isOtherRunning: isRunning && !isOfWaiting,
    error: isOfWaiting ? error : null,
    /** Why one was not imported in whose place something else is looked at by now. */
    earlierFailure: {
      error: isOfWaiting ? null : error,
      reset: () => {
        if (asked !== undefined) {
          letGo(asked.token);
        }
        reset();
      },
    },
  };
}

/** What was previewed can be the keys of a link: nobody keeps it. */
function letGo(token: string): void {
  client.selectionDrop({ selection: token }).catch(() => undefined);
}
