import { Button } from '../../design/Button';
import { CommandError } from '../../design/Notice';
import type { NodeView } from '../../ipc/bindings';
import { useCommand } from '../../ipc/useCommand';
import { isolated, plainName, plainSentence } from '../../lib/format';
import { messages } from '../../messages';
import styles from './Problem.module.css';

export type StoppedView = Exclude<NodeView, { phase: 'running' } | { phase: 'starting' }>;

/** Why the node does not run, what is safe, and the one thing to do. */
export function Problem({
  view,
  onRetry,
  isSecondary,
}: {
  view: StoppedView;
  onRetry: () => Promise<void>;
  /** The window offers a better way above it. */
  isSecondary: boolean;
}) {
  // The outcome arrives as the next view; a failure to start is a view too.
  const check = useCommand(onRetry);
  const advice = adviceOf(view);
  return (
    <section className={styles.card} aria-labelledby="what-to-do">
      {advice.detail !== undefined && <p className={styles.detail}>{plainSentence(advice.detail)}</p>}
      <p className={styles.safe}>{advice.safe}</p>
      <p id="what-to-do">{advice.next}</p>
      {advice.command !== undefined && (
        <p className={styles.command}>
          <code>{advice.command}</code>
        </p>
      )}
      <CommandError command={check} />
      <div>
        <Button
          look={isSecondary ? 'plain' : 'primary'}
          onPress={() => check.runOnce()}
          isDisabled={check.isRunning}
        >
          {check.isRunning ? messages.status.problem.checking : messages.status.problem.again}
        </Button>
      </div>
      <dl className={styles.facts}>
        <dt>{messages.status.problem.home}</dt>
        <dd>
          <code>{plainName(view.home)}</code>
        </dd>
        {view.phase === 'failed' && (
          <>
            <dt>{messages.status.problem.code}</dt>
            <dd>
              <code>{view.code}</code>
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}

interface Advice {
  detail?: string;
  safe: string;
  next: string;
  command?: string;
}

function lockedNext({ store, can_bring_back: isWithoutKeyring }: Extract<StoppedView, { phase: 'locked' }>) {
  const { nextFile, nextKeyring, nextNoKeyring } = messages.status.problem.locked;
  if (store === 'file') {
    return nextFile;
  }
  return isWithoutKeyring ? nextNoKeyring : nextKeyring;
}

function adviceOf(view: StoppedView): Advice {
  const { problem } = messages.status;
  switch (view.phase) {
    case 'no_identity':
      return {
        safe: problem.noIdentity.safe(isolated(view.home)),
        next: problem.noIdentity.next,
        command: view.command,
      };
    case 'home_in_use':
      return { safe: problem.homeInUse.safe, next: problem.homeInUse.next(view.pid), command: view.command };
    case 'locked':
      return {
        detail: view.message,
        safe: problem.locked.safe,
        next: lockedNext(view),
      };
    case 'keys_gone':
      return { detail: view.message, safe: problem.keysGone.safe, next: problem.keysGone.next };
    case 'failed':
      return { detail: view.message, safe: problem.failed.safe, next: problem.failed.next };
  }
}
