import { type ReactNode, type Ref, useId } from 'react';

import styles from './Screen.module.css';

/** What scrolls is a stop for the keyboard: where it holds nothing to press it is scrolled by keys all the same. */
const KEYBOARD_STOP = 0;

/** The frame of every screen: its name, what can be done, and the rest, which scrolls. */
export function Screen({
  title,
  way,
  actions,
  isFilled = false,
  scroller,
  children,
}: {
  title: ReactNode;
  /** What leads to it from above; beside the name and no part of it. */
  way?: ReactNode;
  actions?: ReactNode;
  /** The content fills the height and scrolls by itself. */
  isFilled?: boolean;
  /** Gets what scrolls, for lists that draw only what is visible; there is none where the content is filled. */
  scroller?: Ref<HTMLDivElement>;
  children: ReactNode;
}) {
  const name = useId();
  return (
    <div className={styles.screen}>
      <header className={styles.header}>
        <div className={styles.title}>
          {way}
          <h1 id={name} className={styles.name}>
            {title}
          </h1>
        </div>
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </header>
      {isFilled ? (
        <div className={styles.filled}>{children}</div>
      ) : (
        <div
          ref={scroller}
          className={styles.scrolled}
          tabIndex={KEYBOARD_STOP}
          role="region"
          aria-labelledby={name}
        >
          {children}
        </div>
      )}
    </div>
  );
}

export function Card({ title, children }: { title?: string; children: ReactNode }) {
  return (
    <section className={styles.card} aria-label={title}>
      {title !== undefined && <h2 className={styles.cardTitle}>{title}</h2>}
      {children}
    </section>
  );
}

/** Shown only when an answer takes longer than 300 ms, so that quick ones do not flicker. */
export function Skeleton({ label, rows = 3 }: { label: string; rows?: number }) {
  return (
    <div className={styles.skeleton} role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, index) => (
        <span key={`row-${index}`} className={styles.bone} aria-hidden="true" />
      ))}
    </div>
  );
}
