import { Button } from '../../design/Button';
import { MenuButton } from '../../design/MenuButton';
import type { TransfersReport } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { messages } from '../../messages';
import { canRetrySome, countTransfers, pauseSpans, unfinished } from './model';

/** What can be done with all transfers at once. */
export function AllActions({
  report,
  run,
  onCancelAll,
}: {
  report: TransfersReport;
  run: (command: () => Promise<void>) => void;
  /** Asks first. */
  onCancelAll: () => void;
}) {
  const { transfers } = messages;
  const counts = countTransfers(report.transfers);
  return (
    <>
      {canRetrySome(report) && (
        <Button onPress={() => run(() => client.transferRetry({}))}>{transfers.retryAll}</Button>
      )}
      {report.paused_all && (
        <Button look="primary" onPress={() => run(() => client.transferResume({}))}>
          {transfers.resumeAll}
        </Button>
      )}
      {!report.paused_all && counts.moving + counts.still > 0 && (
        <MenuButton
          text={transfers.pauseFor}
          items={pauseSpans().map(({ id, text, pause }) => ({ id, text, run: () => run(pause) }))}
        />
      )}
      {unfinished(report.transfers).length > 0 && (
        <Button onPress={onCancelAll}>{transfers.cancelAll}</Button>
      )}
      {counts.ended > 0 && (
        <Button onPress={() => run(() => client.transfersClear())}>{transfers.clear}</Button>
      )}
    </>
  );
}
