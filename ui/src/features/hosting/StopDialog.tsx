import { ConfirmDialog } from '../../design/ConfirmDialog';
import type { HostReport, UiError } from '../../ipc/bindings';
import { formatBytes } from '../../lib/format';
import { messages } from '../../messages';

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
      <p>{report.used_bytes > 0 ? stop.served(formatBytes(report.used_bytes)) : stop.nothing}</p>
      <p>{stop.noDeletion}</p>
    </ConfirmDialog>
  );
}
