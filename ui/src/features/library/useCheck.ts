import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import type { ListedFile } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { requiredContext } from '../../lib/requiredContext';
import { messages } from '../../messages';
import { checkWords, nameOfChosen } from './model';
import { named } from './named';
import { type Asked, namesOf, type PlannedWork, useHostWork } from './useHostWork';

export interface Check extends PlannedWork {
  /** Has the hosts prove that they hold the parts of these. One check at a time. */
  start: (files: readonly ListedFile[]) => void;
  /** Shows what it would mean to read every part, and asks. */
  plan: (files: readonly ListedFile[]) => void;
}

export const [CheckContext, useCheck] = requiredContext<Check>('the checks');

interface AskedCheck extends Asked {
  isThorough: boolean;
}

/** How much the check that waits for a yes would read. */
function useCheckPlan(planned: AskedCheck | null) {
  return useQuery({
    queryKey: ['check-plan', planned === null ? null : namesOf(planned)],
    queryFn: () =>
      planned === null
        ? null
        : named(planned.files, () => client.filesVerifyPlan({ names: namesOf(planned) })),
    enabled: planned !== null,
    gcTime: 0,
  });
}

/** A check from the press to its result. */
export function useCheckFlow() {
  const [planned, setPlanned] = useState<AskedCheck | null>(null);
  const plan = useCheckPlan(planned);
  const { check: text } = messages.library;
  const { work, give } = useHostWork({
    work: (asked: AskedCheck) =>
      client.filesVerify({ names: namesOf(asked), ...(asked.isThorough ? { thorough: true } : {}) }),
    cancel: () => client.checkCancel(),
    said: (answer, { what, isThorough }) =>
      answer === null ? text.stopped(what) : text.result(what, checkWords(answer, isThorough)),
  });
  const begin = (next: AskedCheck) => {
    if (work.running === null) {
      setPlanned(null);
    }
    give(next);
  };
  const check: Check = {
    ...work,
    isPlanned: planned !== null,
    start: (files) => begin({ files, what: nameOfChosen(files), isThorough: false }),
    plan: (files) => {
      if (files.length > 0) {
        setPlanned({ files, what: nameOfChosen(files), isThorough: true });
      }
    },
  };
  return {
    check,
    planned,
    plan,
    confirm: () => planned !== null && begin(planned),
    dismiss: () => setPlanned(null),
  };
}
