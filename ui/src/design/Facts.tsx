import type { ReactNode } from 'react';

import styles from './Facts.module.css';

export interface Fact {
  name: string;
  value: ReactNode;
  /** The exact figure behind a rounded one. */
  exact?: string;
}

export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className={styles.facts}>
      {facts.map((fact) => (
        <div key={fact.name} className={styles.fact}>
          <dt>{fact.name}</dt>
          <dd title={fact.exact}>{fact.value}</dd>
        </div>
      ))}
    </dl>
  );
}
