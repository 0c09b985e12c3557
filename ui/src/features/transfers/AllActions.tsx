import { Button } from '../../design/Button';
import { MenuButton } from '../../design/MenuButton';
import { client } from '../../ipc/client';
import type { TransfersReport } from '../../ipc/bindings';
import { messages } from '../../messages';
import { countTransfers, pauseSpans } from './model';

/** What can be done with all transfers at once. */
export function AllActions({
  report,
  run,
}: {
  report: TransfersReport;
  run: (command: () => Promise<void>) => void;
}) {
  const { transfers } = messages;
  const counts = countTransfers(report.transfers);
  const canRetry = report.transfers.some(({ state, retry }) => state === 'failed' && retry !== 'never');
  return (
    <>
      {canRetry && <Button onPress={() => run(() => client.transferRetry({}))}>{transfers.retryAll}</Button>}
      {report.paused_all && (
        <Button look="primary" onPress={() => run(() => client.transferResume({}))}>
          {transfers.resumeAll}
        </Button>
      )}
      {!report.paused_all && counts.moving + counts.still > 0 && <Pause run={run} />}
      {counts.ended > 0 && (
        <Button onPress={() => run(() => client.transfersClear())}>{transfers.clear}</Button>
      )}
    </>
  );
}

function Pause({ run }: { run: (command: () => Promise<void>) => void }) {
  const { transfers } = messages;
  const spans = pauseSpans();
  return spans.length === 1 ? (
    <Button onPress={() => run(() => client.transferPause({}))}>{transfers.pauseAll}</Button>
  ) : (
    <MenuButton
      text={transfers.pauseFor}
      items={spans.map(({ id, text, pause }) => ({ id, text, run: () => run(pause) }))}
    />
  );
}
