import type { ReactNode } from 'react';

import { Answered } from '../../design/Answered';
import { ConfirmDialog } from '../../design/ConfirmDialog';
import type { CheckPlan } from '../../ipc/bindings';
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
          isReady={(plan.data?.thorough.shards ?? 0) > 0 && check.running === null}
          onConfirm={confirm}
          onClose={dismiss}
        >
          <Answered query={plan} rows={2}>
            {(answer) => answer !== null && <CheckPlanText what={planned.what} plan={answer} />}
          </Answered>
          {check.running !== null && <p>{text.later}</p>}
        </ConfirmDialog>
      )}
    </CheckContext>
  );
}

function CheckPlanText({ what, plan: { thorough } }: { what: string; plan: CheckPlan }) {
  const { thorough: text } = messages.library;
  if (thorough.shards === 0) {
    return <p>{text.nothing(what)}</p>;
  }
  return (
    <>
      <p>{text.reads(what, thorough.shards, formatCount(thorough.shards), formatBytes(thorough.bytes))}</p>
      <p>{text.quick}</p>
    </>
  );
}
