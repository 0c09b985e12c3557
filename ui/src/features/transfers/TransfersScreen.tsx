import { useState } from 'react';

import { ConfirmDialog } from '../../design/ConfirmDialog';
import { CommandError, ErrorNotice } from '../../design/Notice';
import { Screen, Skeleton } from '../../design/Screen';
import type { Transfer } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { useLiveTransfers } from '../../ipc/liveTransfers';
import { useCommand } from '../../ipc/useCommand';
import { shortName } from '../../lib/format';
import { messages } from '../../messages';
import { AllActions } from './AllActions';
import type { TransferAction } from './model';
import { TransferList } from './TransferList';

export function TransfersScreen() {
  const { transfers, everywhere } = messages;
  const { report, etas, error, refresh } = useLiveTransfers();
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
      {error !== null && (
        <ErrorNotice
          error={error}
          title={report === null ? everywhere.loadFailed : everywhere.outOfDate}
          onRetry={again}
        />
      )}
      <CommandError command={command} />
      {report === null && error === null && <Skeleton label={everywhere.loading} rows={6} />}
      {report !== null && <TransferList report={report} etas={etas} onAction={act} />}
      {cancelling !== null && (
        <ConfirmDialog
          title={transfers.cancelTitle(shortName(cancelling.name))}
          role="alertdialog"
          cancel={transfers.keep}
          confirm={transfers.cancelConfirm}
          onClose={() => setCancelling(null)}
          onConfirm={() => {
            const { id } = cancelling;
            setCancelling(null);
            command.run(() => client.transferCancel({ id }));
          }}
        >
          {/* What is kept is said before anything is given up. */}
          <p>{cancelling.kind === 'upload' ? transfers.cancelUpload : transfers.cancelDownload}</p>
        </ConfirmDialog>
      )}
    </Screen>
  );
}
