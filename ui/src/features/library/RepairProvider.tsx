import type { ReactNode } from 'react';

import { Answered } from '../../design/Answered';
import { ConfirmDialog } from '../../design/ConfirmDialog';
import { useLiveTransfers } from '../../ipc/liveTransfers';
import { messages } from '../../messages';
import { isWorthATry, planWords } from './repairWords';
import { RepairContext, useRepairFlow } from './useRepair';

/** Keeps a repair and its result for the whole window: it can take minutes, in which a person does other things. */
export function RepairProvider({ children }: { children: ReactNode }) {
  const { repair, planned, plan, confirm, dismiss } = useRepairFlow();
  const { repairPlan: text } = messages.library;
  const isPaused = useLiveTransfers(({ report }) => report?.paused_all === true);
  const isReady = plan.data !== undefined && plan.data !== null && isWorthATry(plan.data);
  return (
    <RepairContext value={repair}>
      {children}
      {planned !== null && (
        <ConfirmDialog
          title={text.title}
          isTextOnly
          confirm={text.confirm}
          isReady={isReady && repair.running === null}
          onConfirm={confirm}
          onClose={dismiss}
        >
          <Answered query={plan} rows={3}>
            {(answer) =>
              answer !== null && planWords(planned.what, answer).map((words) => <p key={words}>{words}</p>)
            }
          </Answered>
          {isReady && isPaused && <p>{text.paused}</p>}
          {repair.running !== null && <p>{text.later}</p>}
        </ConfirmDialog>
      )}
    </RepairContext>
  );
}
