import { useVirtualizer, type VirtualItem } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { memo, type RefObject, useEffect, useId } from 'react';

import type { LibrarySort, ListedFile } from '../../ipc/bindings';
import { useSteady } from '../../lib/hooks';
import { latinKey } from '../../lib/keyboard';
import { messages } from '../../messages';
import { FileRow } from './FileRow';
import styles from './FileTable.module.css';
import { Skeleton } from '../../design/Screen';
import { keyOf, type Sorting } from './model';
import type { VisibleRange } from './queries';
import { movedCursor } from './selection';
import { useKeptScroll } from './useKeptScroll';
import { useFocusFromFrame } from './useRowsFocus';

const ROW_HEIGHT = 36;

export interface FileTableProps {
  label: string;
  /** Names what is listed: another key, other rows from their beginning. */
  viewKey: string;
  /** What holds the focus while there is no table. */
  frame: RefObject<HTMLElement | null>;
  /** Absent until it is known. */
  total: number | undefined;
  rowAt: (index: number) => ListedFile | undefined;
  chosen: ReadonlyMap<string, ListedFile>;
  /** The number of the row that the keyboard stands on; −1 before the first use. */
  cursor: number;
  /** False while nobody knows where that row has gone: no key acts on the one that has its number. */
  isCursorKnown: boolean;
  /** The row to scroll to; another object for every time. */
  revealed: { index: number } | null;
  sorting: Sorting;
  isTrash: boolean;
  showsPath: boolean;
  nowMs: number;
  onRange: (range: VisibleRange) => void;
  onSort: (column: LibrarySort) => void;
  onPress: (index: number, how: { isToggle: boolean; isRange: boolean }) => void;
  onMove: (index: number, isRange: boolean) => void;
  onOpen: (index: number) => void;
  onAll: () => void;
  onClear: () => void;
  onRemove: () => void;
  onRename: () => void;
  onParent: () => void;
}

/** The rows of the library. Only what is visible exists in the page; one focus, on the grid, for all of them. */
export function FileTable(props: FileTableProps) {
  const { cursor, isCursorKnown, viewKey, onRange } = props;
  const total = props.total ?? 0;
  const { scroller, onScroll } = useKeptScroll(viewKey, props.total !== undefined);
  const idPrefix = useId();
  // Nothing of it is memoized here.
  // eslint-disable-next-line react/incompatible-library
  const virtualizer = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 10,
    // The heading of the columns covers the top of the scroller.
    scrollPaddingStart: ROW_HEIGHT,
  });
  const rows = virtualizer.getVirtualItems();
  const first = rows[0]?.index ?? 0;
  const last = rows.at(-1)?.index ?? 0;
  useEffect(() => onRange({ first, last }), [first, last, onRange]);
  const { revealed } = props;
  useEffect(() => {
    if (revealed !== null) {
      virtualizer.scrollToIndex(revealed.index);
    }
  }, [revealed, virtualizer]);
  useFocusFromFrame(scroller, props.frame);

  const onKeyDown = keyHandler({ ...props, total }, (index) => virtualizer.scrollToIndex(index), scroller);
  const rowId = (index: number) => `${idPrefix}row-${index}`;
  const isCursorShown = isCursorKnown && rows.some((row) => row.index === cursor);
  const table = (
    <div
      ref={scroller}
      className={styles.table}
      role="grid"
      aria-label={props.label}
      // Counted with the heading; −1 says that nobody knows yet.
      aria-rowcount={props.total === undefined ? -1 : total + 1}
      aria-busy={props.total === undefined}
      aria-multiselectable="true"
      data-trash={props.isTrash || undefined}
      aria-activedescendant={isCursorShown ? rowId(cursor) : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onScroll={onScroll}
    >
      <Columns sorting={props.sorting} isTrash={props.isTrash} onSort={props.onSort} />
      <Rows {...props} rows={rows} idOf={rowId} height={virtualizer.getTotalSize()} />
    </div>
  );
  return (
    <div className={styles.frame}>
      {table}
      {props.total === undefined && (
        <div className={styles.loading}>
          <Skeleton label={messages.everywhere.loading} rows={8} />
        </div>
      )}
    </div>
  );
}

/** The rows that can be seen, each where it lies among all of them. */
function Rows({
  rows,
  idOf,
  height,
  rowAt,
  chosen,
  cursor,
  ...row
}: FileTableProps & { rows: VirtualItem[]; idOf: (index: number) => string; height: number }) {
  const onPress = useSteady(row.onPress);
  const onOpen = useSteady(row.onOpen);
  return (
    <div role="rowgroup" className={styles.rows} style={{ blockSize: height }}>
      {rows.map(({ key, index, start }) => {
        const file = rowAt(index);
        return (
          <FileRow
            key={key}
            id={idOf(index)}
            index={index}
            top={start}
            file={file}
            isSelected={file !== undefined && chosen.has(keyOf(file))}
            isCursor={row.isCursorKnown && index === cursor}
            showsPath={row.showsPath}
            isTrash={row.isTrash}
            nowMs={row.nowMs}
            onPress={onPress}
            onOpen={onOpen}
          />
        );
      })}
    </div>
  );
}

function keyHandler(
  props: FileTableProps & { total: number },
  scrollTo: (index: number) => void,
  scroller: React.RefObject<HTMLDivElement | null>,
) {
  const { total, cursor, isCursorKnown } = props;
  const commands: Record<string, () => void> = {
    Enter: () => isCursorKnown && props.onOpen(cursor),
    ' ': () => isCursorKnown && props.onPress(cursor, { isToggle: true, isRange: false }),
    Escape: props.onClear,
    Delete: props.onRemove,
    F2: props.onRename,
    Backspace: props.onParent,
  };
  return (event: React.KeyboardEvent) => {
    // Keys pressed on the heading of a column belong to it.
    if (event.target !== event.currentTarget || event.altKey) {
      return;
    }
    const isCommand = event.ctrlKey || event.metaKey;
    const rowsAPage = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_HEIGHT) - 2);
    const moved = isCommand ? null : movedCursor(event.key, cursor, total, rowsAPage);
    if (moved !== null && total > 0) {
      scrollTo(moved);
      props.onMove(moved, event.shiftKey);
    } else if (isCommand && latinKey(event) === 'a') {
      props.onAll();
    } else if (!isCommand && commands[event.key] !== undefined) {
      commands[event.key]?.();
    } else {
      return;
    }
    event.preventDefault();
  };
}

const Columns = memo(function Columns({
  sorting,
  isTrash,
  onSort,
}: {
  sorting: Sorting;
  isTrash: boolean;
  onSort: (column: LibrarySort) => void;
}) {
  const { column } = messages.library;
  const columns: { sort?: LibrarySort; text: string; className: string | undefined }[] = [
    { sort: 'name', text: column.name, className: styles.name },
    { sort: 'size', text: column.size, className: styles.number },
    { sort: 'modified', text: isTrash ? column.deleted : column.modified, className: styles.date },
    // What was removed first ends first: one order serves both.
    ...(isTrash
      ? [{ text: column.left, className: styles.left }]
      : [
          { text: column.parts, className: styles.health },
          { sort: 'health' as const, text: column.health, className: styles.state },
        ]),
  ];
  const Arrow = sorting.isDescending ? ArrowDown : ArrowUp;
  return (
    <div role="rowgroup" className={styles.head}>
      <div role="row" className={styles.headRow} aria-rowindex={1}>
        {columns.map(({ sort, text, className }) =>
          sort === undefined ? (
            <div key={text} role="columnheader" className={className}>
              <span className={styles.heading}>{text}</span>
            </div>
          ) : (
            <div
              key={text}
              role="columnheader"
              className={className}
              aria-sort={sorting.sort === sort ? (sorting.isDescending ? 'descending' : 'ascending') : 'none'}
            >
              <button type="button" className={styles.sort} onClick={() => onSort(sort)}>
                {text}
                {sorting.sort === sort && <Arrow size={14} aria-hidden="true" focusable="false" />}
              </button>
            </div>
          ),
        )}
      </div>
    </div>
  );
});
