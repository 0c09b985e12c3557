import { useState } from 'react';

import { VirtualList } from '../../design/VirtualList';
import type { Transfer, TransfersReport } from '../../ipc/bindings';
import type { EtaWatches } from '../../lib/eta';
import { messages } from '../../messages';
import { inOrder, type TransferAction } from './model';
import { TransferRow } from './TransferRow';

/** About what one with a bar takes. */
const USUAL_HEIGHT = 108;

export interface TransferRowsProps {
  report: TransfersReport;
  etas: EtaWatches;
  /** What the rows scroll in, with what stands above them; null before it is there. */
  scroller: HTMLElement | null;
  onAction: (action: TransferAction, transfer: Transfer) => void;
}

export function TransferRows({ report, etas, scroller, onAction }: TransferRowsProps) {
  // What is listed of what was left out stays listed while its row is scrolled away.
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  return (
    <VirtualList
      items={inOrder(report.transfers)}
      label={messages.transfers.list}
      usualHeight={USUAL_HEIGHT}
      scroller={scroller}
      stateOf={({ state }) => state}
    >
      {(transfer) => (
        <TransferRow
          transfer={transfer}
          report={report}
          etaS={etas[transfer.id]?.shownS ?? null}
          isOpen={opened.has(transfer.id)}
          onOpen={(isOpen) => setOpened((before) => withMember(before, transfer.id, isOpen))}
          onAction={onAction}
        />
      )}
    </VirtualList>
  );
}

function withMember(set: ReadonlySet<number>, id: number, isIn: boolean): ReadonlySet<number> {
  if (set.has(id) === isIn) {
    return set;
  }
  return isIn ? new Set([...set, id]) : new Set([...set].filter((other) => other !== id));
}
