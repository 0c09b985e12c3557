import { File, Folder, Link2 } from 'lucide-react';
import { memo } from 'react';

import { Name } from '../../design/Name';
import { StateMark } from '../../design/StateMark';
import type { ListedFile } from '../../ipc/bindings';
import { baseName, formatBytes, formatCount } from '../../lib/format';
import { formatAgo, formatTime } from '../../lib/time';
import { messages } from '../../messages';
import styles from './FileTable.module.css';
import { fileState, stateTitle, timeLeftWords } from './model';

const ICONS = { file: File, directory: Folder, symlink: Link2 };

export interface FileRowProps {
  id: string;
  index: number;
  top: number;
  /** Absent until its window has arrived. */
  file: ListedFile | undefined;
  isSelected: boolean;
  isCursor: boolean;
  showsPath: boolean;
  isTrash: boolean;
  nowMs: number;
  onPress: (index: number, how: { isToggle: boolean; isRange: boolean }) => void;
  onOpen: (index: number) => void;
}

/** Drawn again only where it has changed: with every row that comes into sight all others would be, too. */
export const FileRow = memo(function FileRow(props: FileRowProps) {
  const { id, index, top, file, isSelected, isCursor, onPress, onOpen } = props;
  return (
    // The keyboard works on the grid, which holds the focus and names the active row.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div
      id={id}
      role="row"
      className={styles.row}
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      data-cursor={isCursor || undefined}
      style={{ transform: `translateY(${top}px)` }}
      onClick={(event) =>
        onPress(index, { isToggle: event.ctrlKey || event.metaKey, isRange: event.shiftKey })
      }
      onDoubleClick={() => onOpen(index)}
    >
      {file === undefined ? <WaitingCells /> : <FileCells {...props} file={file} />}
    </div>
  );
});

function WaitingCells() {
  return (
    <div role="gridcell" className={styles.waiting}>
      {messages.library.loadingRow}
    </div>
  );
}

function FileCells({ file, showsPath, isTrash, nowMs }: FileRowProps & { file: ListedFile }) {
  const Icon = ICONS[file.kind];
  const state = fileState(file);
  const at = isTrash ? (file.deleted ?? file.modified) : file.modified;
  return (
    <>
      <div role="gridcell" className={styles.name}>
        <Icon
          className={styles.icon}
          size={16}
          role="img"
          aria-label={messages.library.kind[file.kind]}
          focusable="false"
        />
        <Name text={showsPath ? file.name : baseName(file.name)} />
      </div>
      <div role="gridcell" className={styles.number} title={sizeTitle(file)}>
        {file.kind === 'directory' ? '' : formatBytes(file.size)}
      </div>
      <div role="gridcell" className={styles.date} title={formatTime(at)}>
        {formatAgo(at, nowMs)}
      </div>
      {isTrash ? (
        <TimeLeft expires={file.expires} nowMs={nowMs} />
      ) : (
        <>
          <HealthCell file={file} />
          <div role="gridcell" className={styles.state} title={stateTitle(file)}>
            {state !== null && <StateMark word={state} />}
          </div>
        </>
      )}
    </>
  );
}

/** How many parts of its weakest segment are there. */
function HealthCell({ file: { health } }: { file: ListedFile }) {
  const text = messages.library.health;
  const [alive, total] = health === null ? ['', ''] : [formatCount(health.alive), formatCount(health.total)];
  return (
    <div role="gridcell" className={styles.health}>
      <span aria-hidden="true">{health === null ? '—' : `${alive}/${total}`}</span>
      <span className="only-spoken">{health === null ? text.none : text.of(alive, total)}</span>
    </div>
  );
}

/** How long the trash keeps it; nothing where that is not known. */
function TimeLeft({ expires, nowMs }: { expires: string | undefined; nowMs: number }) {
  return (
    <div
      role="gridcell"
      className={styles.left}
      title={expires === undefined ? undefined : formatTime(expires)}
    >
      {expires === undefined ? '' : timeLeftWords(expires, nowMs)}
    </div>
  );
}

function sizeTitle(file: ListedFile): string | undefined {
  return file.kind === 'directory' ? undefined : `${formatCount(file.size)} B`;
}
