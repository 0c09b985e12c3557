import { useState } from 'react';

import { CommandErrors, ErrorNotice } from '../../design/Notice';
import { Screen, Skeleton } from '../../design/Screen';
import type { Transfer } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { useLiveTransfers } from '../../ipc/liveTransfers';
import { useCommands } from '../../ipc/useCommands';
import { isolated, shortName } from '../../lib/format';
import { messages } from '../../messages';
import { AllActions } from './AllActions';
import { CancelAllDialog, CancelDialog } from './cancelDialogs';
import type { TransferAction } from './model';
import { TransferList } from './TransferList';

export function TransfersScreen() {
  const { transfers, everywhere } = messages;
  const { report, etas, error, refresh } = useLiveTransfers();
  const [scroller, setScroller] = useState<HTMLElement | null>(null);
  const [cancelling, setCancelling] = useState<Transfer | 'all' | null>(null);
  const again = () => {
    refresh().catch(() => undefined);
  };
  const commands = useCommands(again);
  const runOn = ({ id, name }: Transfer, command: () => Promise<void>) =>
    commands.run({ key: String(id), failed: transfers.failed(isolated(shortName(name))) }, command);
  const runOnAll = (command: () => Promise<void>) => commands.run({ key: 'all' }, command);

  const act = (action: TransferAction, transfer: Transfer) => {
    const { id } = transfer;
    const byAction: Record<TransferAction, () => void> = {
      pause: () => runOn(transfer, () => client.transferPause({ id })),
      resume: () => runOn(transfer, () => client.transferResume({ id })),
      retry: () => runOn(transfer, () => client.transferRetry({ id })),
      reveal: () => runOn(transfer, () => client.transferReveal({ id })),
      cancel: () => setCancelling(transfer),
    };
    byAction[action]();
  };
  const close = () => setCancelling(null);
  return (
    <Screen
      title={transfers.heading}
      scroller={setScroller}
      actions={
        report !== null && (
          <AllActions report={report} run={runOnAll} onCancelAll={() => setCancelling('all')} />
        )
      }
    >
      {error !== null && (
        <ErrorNotice
          error={error}
          title={report === null ? everywhere.loadFailed : everywhere.outOfDate}
          onRetry={again}
        />
      )}
      <CommandErrors failures={commands.failures} />
      {report === null && error === null && <Skeleton label={everywhere.loading} rows={6} />}
      {report !== null && <TransferList report={report} etas={etas} scroller={scroller} onAction={act} />}
      {cancelling === 'all' && report !== null && (
        <CancelAllDialog
          report={report}
          onClose={close}
          onConfirm={() => {
            close();
            runOnAll(() => client.transferCancel({}));
          }}
        />
      )}
      {cancelling !== null && cancelling !== 'all' && (
        <CancelDialog
          // As it is by now; forgotten by the queue, it has ended.
          transfer={
            report?.transfers.find(({ id }) => id === cancelling.id) ?? { ...cancelling, state: 'done' }
          }
          onClose={close}
          onConfirm={() => {
            close();
            runOn(cancelling, () => client.transferCancel({ id: cancelling.id }));
          }}
        />
      )}
    </Screen>
  );
}
