import type { ReactNode } from 'react';

import { Link, MousePointerClick, ScanSearch, ShieldCheck, Wrench } from 'lucide-react';

import { Button } from '../../design/Button';
import { EmptyState } from '../../design/EmptyState';
import { type Fact, Facts, sizeFact } from '../../design/Facts';
import { StateMark } from '../../design/StateMark';
import type { FileDetails as Details, ListedFile } from '../../ipc/bindings';
import { baseName, formatCount, plainName } from '../../lib/format';
import { formatTime } from '../../lib/time';
import { useIsTryOut } from '../../lib/tryOut';
import { messages } from '../../messages';
import styles from './DetailsPane.module.css';
import { Durability } from './Durability';
import { countShards, durabilityWords, fileState } from './model';
import { PartEvents } from './PartEvents';
import { PartsTable } from './PartsTable';
import { ProvenSince } from './ProvenSince';
import { mayLackParts } from './repairWords';
import { ShardMap } from './ShardMap';
import { Versions } from './Versions';

export interface FileDetailsProps {
  info: Details;
  isChecking: boolean;
  onCheck: () => void;
  /** Shows how much a check of every part would read. */
  onThorough: () => void;
  isRepairing: boolean;
  /** Shows what a repair would do. */
  onRepair: () => void;
  isSharing: boolean;
  onShare: () => void;
  onBringBack: (version: ListedFile) => void;
}

/** The pane beside the rows, for the one that is chosen. */
export function DetailsPane({
  chosenCount,
  isTrash,
  children,
}: {
  chosenCount: number;
  isTrash: boolean;
  children: ReactNode;
}) {
  const { details } = messages.library;
  const empty = isTrash ? details.emptyTrash : details.empty;
  return (
    <aside className={styles.pane} aria-label={details.heading}>
      {chosenCount === 1 ? (
        children
      ) : (
        <EmptyState icon={MousePointerClick} title={chosenCount === 0 ? empty : details.many} />
      )}
    </aside>
  );
}

/** What is known of something in the trash. Its parts are not asked for: what can be done with it is to restore it. */
export function TrashedDetails({ file }: { file: ListedFile }) {
  return (
    <>
      <Title name={file.name} />
      <Facts facts={factsOf(file)} />
    </>
  );
}

function Title({ name }: { name: string }) {
  return (
    <h2 className={styles.title}>
      <bdi>{plainName(baseName(name))}</bdi>
    </h2>
  );
}

/** Everything about a stored file or directory, and what can be done about it. */
export function FileDetails(props: FileDetailsProps) {
  const { info, isChecking, isRepairing, isSharing } = props;
  const { onCheck, onThorough, onRepair, onShare, onBringBack } = props;
  const { details, check, repair, action } = messages.library;
  const state = fileState(info);
  const words = durabilityWords(info);
  const isOnlyHere = useIsTryOut();
  return (
    <>
      <Title name={info.name} />
      {state !== null && (
        <div className={styles.state}>
          <StateMark word={state} />
          {words !== null && <p>{words}</p>}
          {state !== 'safe' && state !== 'waiting' && <p>{details.ofOthers}</p>}
          {isOnlyHere ? <p>{details.onlyHere}</p> : <Durability file={info} />}
        </div>
      )}
      <div className={styles.buttons}>
        <Button icon={ShieldCheck} isDisabled={isChecking} onPress={onCheck}>
          {isChecking ? check.running : check.now}
        </Button>
        <Button icon={ScanSearch} isDisabled={isChecking} onPress={onThorough}>
          {check.thorough}
        </Button>
        {mayLackParts(info) && (
          <Button icon={Wrench} isDisabled={isRepairing} onPress={onRepair}>
            {isRepairing ? repair.running : repair.now}
          </Button>
        )}
        <Button icon={Link} isDisabled={isSharing} onPress={onShare}>
          {action.share}
        </Button>
      </div>
      <Facts facts={factsOf(info)} />
      {info.kind !== 'directory' && <Versions key={info.id} file={info} onBringBack={onBringBack} />}
      {info.kind !== 'directory' && <h3 className={styles.heading}>{details.parts}</h3>}
      {info.kind !== 'directory' && info.segment_count === 0 && (
        <p className={styles.quiet}>{details.noParts}</p>
      )}
      <Segments info={info} />
      {info.segment_count > 0 && <PartEvents history={info.history} segmentCount={info.segment_count} />}
    </>
  );
}

function Segments({ info: { weakest, segment_count: count } }: { info: Details }) {
  const { details } = messages.library;
  const hidden = count - weakest.length;
  return (
    <>
      {weakest.map((segment) => (
        <div key={segment.id} className={styles.segment}>
          {count > 1 && <p className={styles.quiet}>{details.segment(segment.position, count)}</p>}
          <ShardMap count={countShards(segment)} />
          <ProvenSince segment={segment} />
          <PartsTable segment={segment} />
        </div>
      ))}
      {hidden > 0 && <p className={styles.quiet}>{details.moreSegments(hidden, formatCount(hidden))}</p>}
    </>
  );
}

function factsOf(file: ListedFile): Fact[] {
  const { details, kind } = messages.library;
  const facts: Fact[] = [
    { name: details.fullName, value: <FullName name={file.name} /> },
    { name: details.kind, value: kind[file.kind] },
  ];
  if (file.kind !== 'directory') {
    facts.push(sizeFact(details.size, file.size));
  }
  facts.push({ name: details.modified, value: formatTime(file.modified) });
  if (file.deleted !== undefined) {
    facts.push({ name: details.deleted, value: formatTime(file.deleted) });
  }
  if (file.expires !== undefined) {
    facts.push({ name: details.expires, value: formatTime(file.expires) });
  }
  facts.push(
    { name: details.version, value: formatCount(file.version) },
    { name: details.id, value: <code>{file.id}</code> },
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
