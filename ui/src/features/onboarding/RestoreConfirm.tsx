import { useEffect, useRef } from 'react';

import { Facts } from '../../design/Facts';
import type { RestorePreview } from '../../ipc/bindings';
import { messages } from '../../messages';
import styles from './Onboarding.module.css';

/** What a restore brings back, shown before anything is written. Only the person can tell whether it is what they meant. */
export function RestoreConfirm({ preview, network }: { preview: RestorePreview; network: string }) {
  const { comesBack } = messages.onboarding;
  const heading = useRef<HTMLHeadingElement>(null);
  // The button that led here is gone, and an Enter that is held down must confirm nothing.
  useEffect(() => heading.current?.focus(), []);
  return (
    <>
      <h2 ref={heading} tabIndex={-1} className={styles.heading}>
        {comesBack.title}
      </h2>
      <Facts
        facts={[
          {
            name: comesBack.owner,
            // Cut off where it is seen; whoever marks it has all of it.
            value: (
              <code className={styles.short} title={preview.owner}>
                {preview.owner}
              </code>
            ),
          },
          { name: comesBack.network, value: network },
          { name: comesBack.library, value: preview.is_known_here ? comesBack.known : comesBack.none },
        ]}
      />
      <p>{comesBack.ownerAbout}</p>
      <p>{preview.is_known_here ? comesBack.knownAbout : comesBack.noneAbout}</p>
    </>
  );
}
