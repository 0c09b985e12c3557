import { ConfirmDialog } from '../../design/ConfirmDialog';
import type { HostReport, UiError } from '../../ipc/bindings';
import { formatBytes, plainSentence } from '../../lib/format';
import { messages } from '../../messages';
import { lendingOf } from './model';

export interface StopDialogProps {
  report: HostReport;
  isBusy: boolean;
  error: UiError | null;
  onClose: () => void;
  onConfirm: () => void;
}

/** What switching hosting off means for those whose data lies here, before it is done. */
export function StopDialog({ report, ...question }: StopDialogProps) {
  const { stop } = messages.hosting;
  return (
    <ConfirmDialog
      {...question}
      title={stop.title}
      role="alertdialog"
      isTextOnly
      cancel={stop.keep}
      confirm={stop.confirm}
    >
      <p>{stop.noNew}</p>
      <p>{whatLiesHere(report)}</p>
      <p>{stop.noDeletion}</p>
    </ConfirmDialog>
  );
}

function whatLiesHere(report: HostReport): string {
  const { stop } = messages.hosting;
  if (report.unusable !== undefined) {
    return plainSentence(report.unusable);
  }
  if (lendingOf(report) === 'away') {
    return stop.away;
  }
  if (report.used_bytes > 0) {
    return stop.served(formatBytes(report.used_bytes));
  }
  // Room that was promised may be filled a moment later.
  return report.reserved_bytes > 0 ? stop.reserved(formatBytes(report.reserved_bytes)) : stop.nothing;
}
