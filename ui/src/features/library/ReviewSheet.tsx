import { Button } from '../../design/Button';
import { Dialog } from '../../design/Dialog';
import { Facts, type Fact } from '../../design/Facts';
import { Name } from '../../design/Name';
import { ErrorNotice } from '../../design/Notice';
import { Skeleton } from '../../design/Screen';
import type { Review, SkippedPath, UiError } from '../../ipc/bindings';
import { formatBytes, formatCount, plainName } from '../../lib/format';
import { messages } from '../../messages';
import styles from './dialogs.module.css';

const SHOWN_EXCLUDED = 50;

export interface ReviewSheetProps {
  /** Absent while the node counts. */
  review: Review | undefined;
  error: UiError | null;
  isRunning: boolean;
  onConfirm: () => void;
  onClose: () => void;
}

/** What an upload would do, before anything is sent; one button says yes. */
export function ReviewSheet({ review, error, isRunning, onConfirm, onClose }: ReviewSheetProps) {
  const text = messages.library.review;
  const isEmpty = review !== undefined && review.files === 0;
  return (
    <Dialog
      title={text.title}
      onClose={onClose}
      isBusy={isRunning}
      footer={
        <>
          <Button onPress={onClose}>{messages.everywhere.cancel}</Button>
          <Button
            look="primary"
            onPress={onConfirm}
            isDisabled={review === undefined || isEmpty || isRunning}
          >
            {text.confirm}
          </Button>
        </>
      }
    >
      {review === undefined && error === null && (
        <>
          <p>{text.counting}</p>
          <Skeleton label={messages.everywhere.loading} rows={5} />
        </>
      )}
      {review !== undefined && <Facts facts={factsOf(review)} />}
      {isEmpty && <p role="status">{text.nothing}</p>}
      {review !== undefined && review.excluded_items > 0 && (
        <Excluded paths={review.excluded} count={review.excluded_items} />
      )}
      {error !== null && <ErrorNotice error={error} title={text.failed} />}
    </Dialog>
  );
}

function factsOf(review: Review): Fact[] {
  const text = messages.library.review;
  const known = Math.max(0, review.bytes - review.new_bytes);
  return [
    {
      name: text.destination,
      value: <Name text={review.destination === '/' ? messages.library.root : review.destination} />,
    },
    { name: text.files, value: formatCount(review.files) },
    { name: text.size, value: formatBytes(review.bytes), exact: `${formatCount(review.bytes)} B` },
    { name: text.known, value: known === 0 ? text.knownNone : formatBytes(known) },
    {
      name: text.stored,
      value: formatBytes(review.stored_bytes),
      exact: `${formatCount(review.stored_bytes)} B`,
    },
    {
      name: text.cost,
      value:
        review.cost_xlm_per_month === null
          ? messages.everywhere.costUnknown
          : messages.everywhere.perMonth(review.cost_xlm_per_month),
    },
  ];
}

function Excluded({ paths, count }: { paths: readonly SkippedPath[]; count: number }) {
  const text = messages.library.review;
  const hidden = count - Math.min(paths.length, SHOWN_EXCLUDED);
  return (
    <details className={styles.excluded}>
      <summary>{text.excluded(count, formatCount(count))}</summary>
      <ul className={styles.problems}>
        {paths.slice(0, SHOWN_EXCLUDED).map((skipped) => (
          <li key={skipped.path}>
            <Name text={skipped.path} />
            {plainName(skipped.reason)}
          </li>
        ))}
        {hidden > 0 && <li>{text.excludedMore(formatCount(hidden))}</li>}
      </ul>
    </details>
  );
}
