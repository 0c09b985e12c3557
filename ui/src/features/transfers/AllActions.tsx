import { Button } from '../../design/Button';
import { MenuButton } from '../../design/MenuButton';
import type { TransfersReport } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { messages } from '../../messages';
import { offeredForAll, pauseSpans } from './model';

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
  const offered = offeredForAll(report);
  return (
    <>
      {offered.retry && (
        <Button onPress={() => run(() => client.transferRetry({}))}>{transfers.retryAll}</Button>
      )}
      {offered.resume && (
        <Button look="primary" onPress={() => run(() => client.transferResume({}))}>
          {transfers.resumeAll}
        </Button>
      )}
      {offered.pause && (
        <MenuButton
          text={transfers.pauseFor}
          items={pauseSpans().map(({ id, text, pause }) => ({ id, text, run: () => run(pause) }))}
        />
      )}
      {offered.cancel && <Button onPress={onCancelAll}>{transfers.cancelAll}</Button>}
      {offered.clear && <Button onPress={() => run(() => client.transfersClear())}>{transfers.clear}</Button>}
    </>
  );
}
