import type { ReactNode } from 'react';

import { formatBytes, formatCount } from '../lib/format';
import styles from './Facts.module.css';

export interface Fact {
  name: string;
  value: ReactNode;
  /** The exact figure behind a rounded one. */
  exact?: string;
  /** What it means. */
  about?: string;
}

/** A size, rounded for people and with the exact figure behind it. */
export function sizeFact(name: string, bytes: number): Fact {
  return { name, value: formatBytes(bytes), exact: `${formatCount(bytes)} B` };
}

export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className={styles.facts}>
      {facts.map((fact) => (
        <div key={fact.name} className={styles.fact}>
          <dt>{fact.name}</dt>
          <dd title={fact.exact}>
            {fact.value}
            {fact.about !== undefined && <p className={styles.about}>{fact.about}</p>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
