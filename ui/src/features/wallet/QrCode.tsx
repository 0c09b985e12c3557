import { useMemo } from 'react';

import { qrDrawing } from './qrPath';
import styles from './Wallet.module.css';

/** A QR code. What is in it stands beside it as text. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { cells, path } = useMemo(() => qrDrawing(text), [text]);
  return (
    <svg className={styles.qr} viewBox={`0 0 ${cells} ${cells}`} role="img" aria-label={label}>
      <rect className={styles.paper} width={cells} height={cells} />
      <path className={styles.ink} d={path} shapeRendering="crispEdges" />
    </svg>
  );
}
