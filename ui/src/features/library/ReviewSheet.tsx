import { ConfirmDialog } from '../../design/ConfirmDialog';
import { Facts, type Fact } from '../../design/Facts';
import { Name } from '../../design/Name';
import { Skeleton } from '../../design/Screen';
import { SkippedPaths } from '../../design/SkippedPaths';
import type { Review, StorageCost, UiError } from '../../ipc/bindings';
import { formatBytes, formatCount } from '../../lib/format';
import { useMonthlyCost } from '../../lib/money';
import { useIsTryOut } from '../../lib/tryOut';
import { messages } from '../../messages';

export interface ReviewSheetProps {
  /** Absent while the node counts. */
  review: Review | undefined;
  error: UiError | null;
  /** Whether the node counts now, also when it counted in vain before. */
  isCounting: boolean;
  isRunning: boolean;
  /** Another upload begins; one begins at a time. */
  isOtherRunning: boolean;
  onConfirm: () => void;
  /** Counts anew after that failed. */
  onRecount: () => void;
  onClose: () => void;
}

/** What an upload would do, before anything is sent; one button says yes. */
export function ReviewSheet(props: ReviewSheetProps) {
  const { review, isCounting, isRunning, isOtherRunning, onConfirm, onRecount, onClose } = props;
  // Why it failed before says nothing while it is tried again.
  const error = isCounting ? null : props.error;
  const { review: text } = messages.library;
  const { retry, loading } = messages.everywhere;
  const isOnlyHere = useIsTryOut();
  const cost = useMonthlyCost();
  const isEmpty = review !== undefined && review.files === 0;
  const shortage = review?.cost?.shortage;
  const isStorable = review !== undefined && !isEmpty && shortage === undefined;
  const hasNotCounted = review === undefined && error !== null;
  return (
    <ConfirmDialog
      title={text.title}
      onClose={onClose}
      isBusy={isRunning}
      confirm={hasNotCounted ? retry : text.confirm}
      onConfirm={hasNotCounted ? onRecount : onConfirm}
      isReady={!isCounting && !isOtherRunning && (hasNotCounted || isStorable)}
      error={error}
      errorTitle={text.failed}
      errorSafe={text.nothingWaits}
    >
      {(isCounting || (review === undefined && error === null)) && (
        <>
          <p>{text.counting}</p>
          <Skeleton label={loading} rows={5} />
        </>
      )}
      {isOnlyHere && <p>{text.onlyHere}</p>}
      {review !== undefined && <Facts facts={factsOf(review, cost)} />}
      {isEmpty && <p role="status">{text.nothing}</p>}
      {shortage !== undefined && <p role="status">{shortage}</p>}
      {review !== undefined && review.excluded_items > 0 && (
        <SkippedPaths
          title={text.excluded(review.excluded_items, formatCount(review.excluded_items))}
          paths={review.excluded}
          count={review.excluded_items}
        />
      )}
    </ConfirmDialog>
  );
}

function factsOf(review: Review, cost: (xlm: string) => string): Fact[] {
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
          : cost(review.cost_xlm_per_month),
    },
    ...termOf(review.cost),
  ];
}

/** What a term costs, where hosts ask for anything. */
function termOf(cost: StorageCost | undefined): Fact[] {
  if (cost === undefined || Number(cost.deposit_xlm) === 0) {
    return [];
  }
  const text = messages.library.review;
  return [
    { name: text.term(cost.term_days), value: text.termCost(cost.rent_xlm, cost.fees_xlm) },
    { name: text.deposit, value: text.depositOf(cost.deposit_xlm) },
    { name: text.collateral, value: text.collateralOf(cost.collateral_xlm) },
  ];
}
