import { useState } from 'react';

import { ConfirmDialog } from '../../design/ConfirmDialog';
import { Select } from '../../design/Select';
import type { HostReport, UiError } from '../../ipc/bindings';
import { formatBytes } from '../../lib/format';
import { messages } from '../../messages';
import { lendingOf } from './model';

const DAY_S = 86_400;
const TIMES_S = {
  week: 7 * DAY_S,
  fortnight: 14 * DAY_S,
  month: 30 * DAY_S,
  quarter: 90 * DAY_S,
} as const;
type Time = keyof typeof TIMES_S;
const TIMES: readonly Time[] = ['week', 'fortnight', 'month', 'quarter'];

export interface LeaveDialogProps {
  report: HostReport;
  isBusy: boolean;
  error: UiError | null;
  onClose: () => void;
  /** With the seconds in which hosting stops in any case. */
  onConfirm: (untilS: number) => void;
}

/** What leaving means for those whose data lies here, and until when, before it begins. */
export function LeaveDialog({ report, onConfirm, ...question }: LeaveDialogProps) {
  const { leave } = messages.hosting;
  const [time, setTime] = useState<Time>('fortnight');
  return (
    <ConfirmDialog
      {...question}
      title={leave.title}
      cancel={leave.keep}
      confirm={leave.confirm}
      onConfirm={() => onConfirm(TIMES_S[time])}
    >
      <p>{leave.noNew}</p>
      <p>{whatLiesHere(report)}</p>
      <p>{leave.end}</p>
      <Select
        label={leave.inTime}
        isLabelShown
        value={time}
        options={TIMES.map((value) => ({ value, text: leave.times[value] }))}
        onChange={setTime}
      />
      <p>{leave.noDeletion}</p>
    </ConfirmDialog>
  );
}

function whatLiesHere(report: HostReport): string {
  const { leave } = messages.hosting;
  if (lendingOf(report) === 'away') {
    return leave.away;
  }
  const bytes = report.used_bytes + report.reserved_bytes;
  return bytes > 0 ? leave.moved(formatBytes(bytes)) : leave.nothing;
}
