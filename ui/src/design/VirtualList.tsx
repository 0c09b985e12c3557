import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual';
import {
  memo,
  type ReactNode,
  type Ref,
  type RefObject,
  useCallback,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';

import styles from './VirtualList.module.css';

const GAP = 8;
/** Enough for Tab to find the next row behind the edge, from where the following ones are drawn. */
const OVERSCAN = 6;

export interface VirtualListProps<Item extends { id: number }> {
  items: readonly Item[];
  label: string;
  /** About what a row takes; each is measured once it is drawn. */
  usualHeight: number;
  /** What the rows scroll in, with what stands above them; null before it is there. */
  scroller: HTMLElement | null;
  /** Takes the focus where a row has lost it. */
  list?: Ref<HTMLUListElement>;
  stateOf?: (item: Item) => string;
  children: (item: Item, index: number) => ReactNode;
}

/** Rows of which only the visible ones exist in the page, and the one that has the focus wherever it is. */
export function VirtualList<Item extends { id: number }>(props: VirtualListProps<Item>) {
  const { items, label, usualHeight, scroller, stateOf, children } = props;
  const list = useRef<HTMLUListElement>(null);
  useImperativeHandle<HTMLUListElement | null, HTMLUListElement | null>(props.list, () => list.current, []);
  // It stays drawn after the focus has left: the list may be scrolled back to it by a press of Shift+Tab.
  const [focused, setFocused] = useState<number | null>(null);
  const focusedIndex = items.findIndex(({ id }) => id === focused);
  const scrollMargin = useOffsetIn(scroller, list);
  // Nothing of it is memoized here.
  // eslint-disable-next-line react/incompatible-library
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller,
    estimateSize: () => usualHeight,
    // Another function makes it work out all places anew.
    getItemKey: useCallback((index: number) => items[index]?.id ?? index, [items]),
    rangeExtractor: (range) => withIndex(range, focusedIndex),
    overscan: OVERSCAN,
    gap: GAP,
    scrollMargin,
  });
  return (
    <ul
      ref={list}
      className={styles.list}
      aria-label={label}
      tabIndex={props.list === undefined ? undefined : -1}
      style={{ blockSize: virtualizer.getTotalSize() }}
    >
      {virtualizer.getVirtualItems().map(({ index, key, start }) => {
        const item = items[index];
        return (
          item !== undefined && (
            // It is not pressed, and only hears where the focus goes.
            // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
            <li
              key={key}
              ref={virtualizer.measureElement}
              className={styles.place}
              data-index={index}
              data-state={stateOf?.(item)}
              aria-setsize={items.length}
              aria-posinset={index + 1}
              style={{ transform: `translateY(${start - scrollMargin}px)` }}
              onFocus={() => setFocused(item.id)}
            >
              <KeptRow item={item} index={index} draw={children} />
            </li>
          )
        );
      })}
    </ul>
  );
}

interface RowProps<Item> {
  item: Item;
  index: number;
  draw: (item: Item, index: number) => ReactNode;
}

function Row<Item>({ item, index, draw }: RowProps<Item>) {
  return draw(item, index);
}

/** Stays as it is while others come into sight. */
const KeptRow = memo(Row) as typeof Row;

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
