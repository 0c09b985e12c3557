import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useLayoutEffect, useRef, useState } from 'react';

import type { Transfer, TransfersReport } from '../../ipc/bindings';
import type { EtaWatches } from '../../lib/eta';
import { messages } from '../../messages';
import { inOrder, type TransferAction } from './model';
import { TransferRow } from './TransferRow';
import styles from './TransfersScreen.module.css';

/** About what one with a bar takes; each is measured once it is drawn. */
const USUAL_HEIGHT = 108;
const GAP = 8;
/** Enough for Tab to find the next row behind the edge, from where the following ones are drawn. */
const OVERSCAN = 6;

export interface TransferRowsProps {
  report: TransfersReport;
  etas: EtaWatches;
  /** What the rows scroll in, with what stands above them; null before it is there. */
  scroller: HTMLElement | null;
  onAction: (action: TransferAction, transfer: Transfer) => void;
}

/** The rows, of which only the visible ones exist in the page, and the one that has the focus wherever it is. */
export function TransferRows({ report, etas, scroller, onAction }: TransferRowsProps) {
  const list = useRef<HTMLUListElement>(null);
  // It stays drawn after the focus has left: the list may be scrolled back to it by a press of Shift+Tab.
  const [focused, setFocused] = useState<number | null>(null);
  // What is listed of what was left out stays listed while its row is scrolled away.
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const transfers = inOrder(report.transfers);
  const focusedIndex = transfers.findIndex(({ id }) => id === focused);
  const scrollMargin = useOffsetIn(scroller, list);
  // Nothing of it is memoized here.
  // eslint-disable-next-line react/incompatible-library
  const virtualizer = useVirtualizer({
    count: transfers.length,
    getScrollElement: () => scroller,
    estimateSize: () => USUAL_HEIGHT,
    getItemKey: (index) => transfers[index]?.id ?? index,
    rangeExtractor: (range) => withIndex(range, focusedIndex),
    overscan: OVERSCAN,
    gap: GAP,
    scrollMargin,
  });
  return (
    <ul
      ref={list}
      className={styles.list}
      aria-label={messages.transfers.list}
      style={{ blockSize: virtualizer.getTotalSize() }}
    >
      {virtualizer.getVirtualItems().map(({ index, key, start }) => {
        const transfer = transfers[index];
        return (
          transfer !== undefined && (
            // It is not pressed, and only hears where the focus goes.
            // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
            <li
              key={key}
              ref={virtualizer.measureElement}
              className={styles.place}
              data-index={index}
              data-state={transfer.state}
              aria-setsize={transfers.length}
              aria-posinset={index + 1}
              style={{ transform: `translateY(${start - scrollMargin}px)` }}
              onFocus={() => setFocused(transfer.id)}
            >
              <TransferRow
                transfer={transfer}
                report={report}
                etaS={etas[transfer.id]?.shownS ?? null}
                isOpen={opened.has(transfer.id)}
                onOpen={(isOpen) => setOpened((before) => withMember(before, transfer.id, isOpen))}
                onAction={onAction}
              />
            </li>
          )
        );
      })}
    </ul>
  );
}

function withMember(set: ReadonlySet<number>, id: number, isIn: boolean): ReadonlySet<number> {
  if (set.has(id) === isIn) {
    return set;
  }
  return isIn ? new Set([...set, id]) : new Set([...set].filter((other) => other !== id));
}

/** What is visible, and one more, in their order. */
function withIndex(range: Range, index: number): number[] {
  const visible = defaultRangeExtractor(range);
  return index < 0 || visible.includes(index) ? visible : [...visible, index].toSorted((a, b) => a - b);
}

/** How far below the beginning of what scrolls the list begins: notes above it come and go. */
function useOffsetIn(scroller: HTMLElement | null, list: RefObject<HTMLElement | null>): number {
  const [offset, setOffset] = useState(0);
  // Whatever is drawn above may have changed. An offset that is the same draws nothing anew.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  useLayoutEffect(() => {
    if (scroller !== null && list.current?.offsetParent === scroller) {
      setOffset(list.current.offsetTop);
    }
  });
  return offset;
}
