import { CommandError, ErrorNotice, Note } from '../../design/Notice';
import { baseName, formatCount, isolated, plainSentence, shortName } from '../../lib/format';
import { messages } from '../../messages';
import { useRestoreProgress } from './restoreProgress';
import { useLibraryActions } from './useLibraryActions';
import type { FailedRestore } from './useRestore';

/** More than these are counted only. */
const SHOWN_FAILURES = 8;

/** That a restore runs, and what became of the last thing that was done with rows of the library. */
export function ActionNotes({ onTransfers }: { onTransfers: () => void }) {
  const { library } = messages;
  const actions = useLibraryActions();
  const { done, restore } = actions;
  const toTransfers = {
    text: library.done.show,
    onPress: () => {
      actions.forgetDone();
      onTransfers();
    },
  };
  return (
    <>
      <RestoreNote onStop={restore.stop} />
      {actions.failures.map(({ command, next }, index) => (
        // There are always the same ones.
        // eslint-disable-next-line react/no-array-index-key
        <CommandError key={index} command={command} next={next} />
      ))}
      {restore.failed.length > 0 && (
        <NotRestored failed={restore.failed} onRetry={restore.again} onClose={restore.forgetFailed} />
      )}
      {done !== null && (
        <Note
          onClose={actions.forgetDone}
          {...(done.leadsToTransfers === true ? { action: toTransfers } : {})}
        >
          {done.text}
        </Note>
      )}
    </>
  );
}

function nameOf({ file }: FailedRestore): string {
  return isolated(shortName(baseName(file.name)));
}

/** Alone here, as its figures change with every entry. */
function RestoreNote({ onStop }: { onStop: () => void }) {
  const { restore } = messages.library;
  const progress = useRestoreProgress(({ of }) => of);
  const isStopping = useRestoreProgress((now) => now.isStopping);
  // One that is by itself ends at once.
  if (progress === null || progress.total < 2) {
    return null;
  }
  const { done, total } = progress;
  return (
    <Note
      silent={<span>{restore.progress(formatCount(done), formatCount(total))}</span>}
      {...(isStopping ? {} : { action: { text: restore.stop, onPress: onStop } })}
    >
      {restore.running(total, formatCount(total))} {isStopping && restore.stopping}
    </Note>
  );
}

function NotRestored({
  failed,
  onRetry,
  onClose,
}: {
  failed: readonly FailedRestore[];
  onRetry: () => void;
  onClose: () => void;
}) {
  const { restore } = messages.library;
  const [first] = failed;
  if (first === undefined) {
    return null;
  }
  const shown = failed
    .slice(0, SHOWN_FAILURES)
    .map((one) => restore.why(nameOf(one), plainSentence(one.error.message)));
  const hidden = failed.length - shown.length;
  return (
    <ErrorNotice
      error={first.error}
      title={
        failed.length === 1 ? restore.failed(nameOf(first)) : restore.failedMany(formatCount(failed.length))
      }
      {...(failed.length === 1
        ? {}
        : { each: hidden > 0 ? [...shown, messages.everywhere.more(formatCount(hidden))] : shown })}
      next={restore.next}
      onRetry={failed.some(({ error }) => error.retry !== 'never') ? onRetry : undefined}
      onClose={onClose}
    />
  );
}
