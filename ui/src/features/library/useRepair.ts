import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import type { ListedFile } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { requiredContext } from '../../lib/requiredContext';
import { messages } from '../../messages';
import { nameOfChosen } from './model';
import { named } from './named';
import { repairWords } from './repairWords';
import { type Asked, namesOf, type PlannedWork, useHostWork } from './useHostWork';

export interface Repair extends PlannedWork {
  /** Shows what it would mean to make the lost parts of these again, and asks. One repair at a time. */
  plan: (files: readonly ListedFile[]) => void;
}

export const [RepairContext, useRepair] = requiredContext<Repair>('the repairs');

/** What the repair that waits for a yes would do. Asked for anew each time: hosts come and go. */
function useRepairPlan(planned: Asked | null) {
  return useQuery({
    queryKey: ['repair-plan', planned === null ? null : namesOf(planned)],
    queryFn: () =>
      planned === null
        ? null
        : named(planned.files, () => client.filesRepairPlan({ names: namesOf(planned) })),
    enabled: planned !== null,
    gcTime: 0,
  });
}

/** A repair from its plan to its result. */
export function useRepairFlow() {
  const [planned, setPlanned] = useState<Asked | null>(null);
  const plan = useRepairPlan(planned);
  const { repair: text } = messages.library;
  const { work, give } = useHostWork({
    work: (asked: Asked) => client.filesRepair({ names: namesOf(asked) }),
    cancel: () => client.repairCancel(),
    said: (answer, { what }) =>
      answer === null ? text.stopped(what) : text.result(what, repairWords(answer)),
  });
  const repair: Repair = {
    ...work,
    isPlanned: planned !== null,
    plan: (files) => {
      if (files.length > 0) {
        setPlanned({ files, what: nameOfChosen(files) });
      }
    },
  };
  const confirm = () => {
    if (planned !== null) {
      setPlanned(null);
      give(planned);
    }
  };
  return { repair, planned, plan, confirm, dismiss: () => setPlanned(null) };
}
