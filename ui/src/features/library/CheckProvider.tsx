import type { ReactNode } from 'react';

import { Answered } from '../../design/Answered';
import { ConfirmDialog } from '../../design/ConfirmDialog';
import { formatBytes, formatCount } from '../../lib/format';
import { messages } from '../../messages';
import { CheckContext, useCheckFlow } from './useCheck';

/** Keeps a check and its result for the whole window: it can take minutes, in which a person does other things. */
export function CheckProvider({ children }: { children: ReactNode }) {
  const { check, planned, plan, confirm, dismiss } = useCheckFlow();
  const { thorough: text } = messages.library;
  return (
    <CheckContext value={check}>
      {children}
      {planned !== null && (
        <ConfirmDialog
          title={text.title}
          isTextOnly
          confirm={text.confirm}
          isReady={plan.data !== undefined && plan.data !== null && check.running === null}
          onConfirm={confirm}
          onClose={dismiss}
        >
          <Answered query={plan} rows={2}>
            {(answer) =>
              answer !== null && (
                <>
                  <p>
                    {text.reads(
                      planned.what,
                      formatCount(answer.thorough.shards),
                      formatBytes(answer.thorough.bytes),
                    )}
                  </p>
                  <p>{text.quick(formatCount(answer.quick.shards), formatBytes(answer.quick.bytes))}</p>
                </>
              )
            }
          </Answered>
          {check.running !== null && <p>{text.later}</p>}
        </ConfirmDialog>
      )}
    </CheckContext>
  );
}
