import { Link, MousePointerClick, ShieldCheck } from 'lucide-react';

import { Button } from '../../design/Button';
import { EmptyState } from '../../design/EmptyState';
import { Facts, type Fact } from '../../design/Facts';
import { ErrorNotice } from '../../design/Notice';
import { Skeleton } from '../../design/Screen';
import { StateMark } from '../../design/StateMark';
import type { InfoReport, UiError } from '../../ipc/bindings';
import { baseName, formatBytes, formatCount, plainName } from '../../lib/format';
import { formatTime } from '../../lib/time';
import { useIsTryOut } from '../../lib/tryOut';
import { messages } from '../../messages';
import styles from './DetailsPane.module.css';
import { countShards, durabilityWords, fileState, weakestFirst } from './model';
import { PartsTable } from './PartsTable';
import { ShardMap } from './ShardMap';

/** A large file has thousands of segments; the weakest decide. */
const SHOWN_SEGMENTS = 6;

export interface DetailsPaneProps {
  chosenCount: number;
  info: InfoReport | undefined;
  error: UiError | null;
  onRetry: () => void;
  isChecking: boolean;
  onCheck: () => void;
  isSharing: boolean;
  onShare: () => void;
}

export function DetailsPane(props: DetailsPaneProps) {
  const { chosenCount, info, error, onRetry } = props;
  const { details } = messages.library;
  return (
    <aside className={styles.pane} aria-label={details.heading}>
      {chosenCount !== 1 && (
        <EmptyState icon={MousePointerClick} title={chosenCount === 0 ? details.empty : details.many} />
      )}
      {chosenCount === 1 && error !== null && (
        <ErrorNotice error={error} title={messages.everywhere.loadFailed} onRetry={onRetry} />
      )}
      {chosenCount === 1 && error === null && info === undefined && (
        <Skeleton label={messages.everywhere.loading} rows={6} />
      )}
      {chosenCount === 1 && info !== undefined && <FileDetails {...props} info={info} />}
    </aside>
  );
}

function FileDetails(props: DetailsPaneProps & { info: InfoReport }) {
  const { info, isChecking, isSharing, onCheck, onShare } = props;
  const { details, check, action } = messages.library;
  const state = fileState(info);
  const words = durabilityWords(info);
  const isOnlyHere = useIsTryOut();
  return (
    <>
      <h2 className={styles.title}>
        <bdi>{plainName(baseName(info.name))}</bdi>
      </h2>
      {state !== null && (
        <div className={styles.state}>
          <StateMark word={state} />
          {words !== null && <p>{words}</p>}
          {isOnlyHere && <p>{details.onlyHere}</p>}
        </div>
      )}
      <div className={styles.buttons}>
        <Button icon={ShieldCheck} isDisabled={isChecking} onPress={onCheck}>
          {isChecking ? check.running : check.now}
        </Button>
        <Button icon={Link} isDisabled={isSharing} onPress={onShare}>
          {action.share}
        </Button>
      </div>
      <Facts facts={factsOf(info)} />
      {info.kind !== 'directory' && <h3 className={styles.heading}>{details.parts}</h3>}
      {info.kind !== 'directory' && info.segments.length === 0 && (
        <p className={styles.quiet}>{details.noParts}</p>
      )}
      <Segments info={info} />
    </>
  );
}

function Segments({ info }: { info: InfoReport }) {
  const { details } = messages.library;
  const shown = weakestFirst(info.segments).slice(0, SHOWN_SEGMENTS);
  const hidden = info.segments.length - shown.length;
  return (
    <>
      {shown.map((segment) => (
        <div key={segment.id} className={styles.segment}>
          {info.segments.length > 1 && (
            <p className={styles.quiet}>
              {details.segment(info.segments.indexOf(segment) + 1, info.segments.length)}
            </p>
          )}
          <ShardMap count={countShards(segment)} />
          <PartsTable segment={segment} />
        </div>
      ))}
      {hidden > 0 && <p className={styles.quiet}>{details.moreSegments(hidden, formatCount(hidden))}</p>}
    </>
  );
}

function factsOf(info: InfoReport): Fact[] {
  const { details, kind } = messages.library;
  const facts: Fact[] = [
    { name: details.fullName, value: <FullName name={info.name} /> },
    { name: details.kind, value: kind[info.kind] },
  ];
  if (info.kind !== 'directory') {
    facts.push({
      name: details.size,
      value: formatBytes(info.size),
      exact: `${formatCount(info.size)} B`,
    });
  }
  facts.push(
    { name: details.modified, value: formatTime(info.modified) },
    { name: details.version, value: formatCount(info.version) },
    { name: details.id, value: <code>{info.id}</code> },
  );
  return facts;
}

/** All of a name. A very long one scrolls, so the keyboard must reach it. */
function FullName({ name }: { name: string }) {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <bdi className={styles.fullName} role="group" aria-label={messages.library.details.fullName} tabIndex={0}>
      {plainName(name)}
    </bdi>
  );
}
