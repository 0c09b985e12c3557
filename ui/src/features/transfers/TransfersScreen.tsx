import { useState } from 'react';

import { Button } from '../../design/Button';
import { Dialog } from '../../design/Dialog';
import { ErrorNotice } from '../../design/Notice';
import { Screen, Skeleton } from '../../design/Screen';
import type { Transfer, TransfersReport } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { useLiveTransfers } from '../../ipc/liveTransfers';
import { useCommand } from '../../ipc/useCommand';
import { shortName } from '../../lib/format';
import { messages } from '../../messages';
import { countTransfers, type TransferAction } from './model';
import { TransferList } from './TransferList';

export function TransfersScreen() {
  const { transfers, everywhere } = messages;
  const { report, error, refresh } = useLiveTransfers();
  const [cancelling, setCancelling] = useState<Transfer | null>(null);
  const again = () => {
    refresh().catch(() => undefined);
  };
  const command = useCommand((run: () => Promise<void>) => run(), again);

  const act = (action: TransferAction, transfer: Transfer) => {
    const { id } = transfer;
    const byAction: Record<TransferAction, () => void> = {
      pause: () => command.run(() => client.transferPause({ id })),
      resume: () => command.run(() => client.transferResume({ id })),
      retry: () => command.run(() => client.transferRetry({ id })),
      reveal: () => command.run(() => client.transferReveal({ id })),
      cancel: () => setCancelling(transfer),
    };
    byAction[action]();
  };
  return (
    <Screen
      title={transfers.heading}
      actions={report !== null && <AllActions report={report} run={command.run} />}
    >
      {error !== null && <ErrorNotice error={error} title={everywhere.loadFailed} onRetry={again} />}
      {command.error !== null && <ErrorNotice error={command.error} />}
      {report === null && error === null && <Skeleton label={everywhere.loading} rows={6} />}
      {report !== null && <TransferList report={report} onAction={act} />}
      {cancelling !== null && (
        <CancelDialog
          transfer={cancelling}
          onClose={() => setCancelling(null)}
          onConfirm={() => {
            const { id } = cancelling;
            setCancelling(null);
            command.run(() => client.transferCancel({ id }));
          }}
        />
      )}
    </Screen>
  );
}

function AllActions({
  report,
  run,
}: {
  report: TransfersReport;
  run: (command: () => Promise<void>) => void;
}) {
  const { transfers } = messages;
  const counts = countTransfers(report.transfers);
  return (
    <>
      {counts.failed > 0 && (
        <Button onPress={() => run(() => client.transferRetry({}))}>{transfers.retryAll}</Button>
      )}
      {report.paused_all ? (
        <Button look="primary" onPress={() => run(() => client.transferResume({}))}>
          {transfers.resumeAll}
        </Button>
      ) : (
        counts.moving + counts.still > 0 && (
          <Button onPress={() => run(() => client.transferPause({}))}>{transfers.pauseAll}</Button>
        )
      )}
      {counts.ended > 0 && (
        <Button onPress={() => run(() => client.transfersClear())}>{transfers.clear}</Button>
      )}
    </>
  );
}

/** Cancelling says what is kept before it happens. */
function CancelDialog({
  transfer,
  onClose,
  onConfirm,
}: {
  transfer: Transfer;
  onClose: () => void;
  onConfirm: () => void;
}) {
  const { transfers } = messages;
  return (
    <Dialog
      title={transfers.cancelTitle(shortName(transfer.name))}
      role="alertdialog"
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose} autoFocus>
            {transfers.keep}
          </Button>
          <Button look="primary" onPress={onConfirm}>
            {transfers.cancelConfirm}
          </Button>
        </>
      }
    >
      <p>{transfer.kind === 'upload' ? transfers.cancelUpload : transfers.cancelDownload}</p>
    </Dialog>
  );
}
