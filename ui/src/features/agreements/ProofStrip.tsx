import type { AgreementInfo, AgreementWindow } from '../../ipc/bindings';
import { stripWords } from './model';
import styles from './ProofStrip.module.css';

const CELL = 12;
const STEP = 15;
const HEIGHT = 14;

// Besides its colour every state has a drawing of its own.
const DRAWINGS: Record<AgreementWindow, string> = {
  proven: '',
  missed: 'M3.5 4.5l5 5M8.5 4.5l-5 5',
  deciding: 'M4 5.5h4M4 8.5h4',
  running: 'M6 4v6',
  to_come: '',
};

/** One cell a window, in the order in which they come. */
export function ProofStrip({ agreement }: { agreement: AgreementInfo }) {
  const width = Math.max(1, agreement.windows.length) * STEP - (STEP - CELL);
  return (
    <svg
      className={styles.strip}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      width={width}
      height={HEIGHT}
      role="img"
      aria-label={stripWords(agreement)}
    >
      {agreement.windows.map((window, index) => (
        // Windows have no other name than their place.
        // eslint-disable-next-line react/no-array-index-key
        <g key={index} className={styles[window]} transform={`translate(${index * STEP} 0)`}>
          <rect x={0.75} y={1.75} width={CELL - 1.5} height={CELL - 1.5} rx={2} />
          <path d={DRAWINGS[window]} />
        </g>
      ))}
    </svg>
  );
}
