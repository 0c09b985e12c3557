import { ConfirmDialog } from '../../design/ConfirmDialog';
import type { Transfer, TransfersReport } from '../../ipc/bindings';
import { formatCount, isolated, shortName } from '../../lib/format';
import { messages } from '../../messages';
import { unfinished } from './model';

interface Answers {
  onClose: () => void;
  onConfirm: () => void;
}

/** What is kept is said before anything is given up. */
export function CancelDialog({ transfer, ...answers }: Answers & { transfer: Transfer }) {
  const { transfers } = messages;
  // It can have ended while the question stands.
  const isOpen = unfinished([transfer]).length > 0;
  const kept = transfer.kind === 'upload' ? transfers.cancelUpload : transfers.cancelDownload;
  return (
    <ConfirmDialog
      {...answers}
      title={transfers.cancelTitle(isolated(shortName(transfer.name)))}
      role="alertdialog"
      isTextOnly
      cancel={transfers.keep}
      confirm={transfers.cancelConfirm}
      isReady={isOpen}
    >
      <p role="status">{isOpen ? kept : transfers.cancelEnded}</p>
    </ConfirmDialog>
  );
}

/** The same for everything that has not ended. */
export function CancelAllDialog({ report, ...answers }: Answers & { report: TransfersReport }) {
  const { transfers } = messages;
  const open = unfinished(report.transfers);
  const has = (kind: Transfer['kind']) => open.some((transfer) => transfer.kind === kind);
  return (
    <ConfirmDialog
      {...answers}
      title={transfers.cancelAllTitle(open.length, formatCount(open.length))}
      role="alertdialog"
      isTextOnly
      cancel={transfers.keepAll}
      confirm={transfers.cancelAllConfirm}
      // All can have ended while the question stands.
      isReady={open.length > 0}
    >
      {has('upload') && <p>{transfers.cancelAllUploads}</p>}
      {has('download') && <p>{transfers.cancelAllDownloads}</p>}
    </ConfirmDialog>
  );
}
