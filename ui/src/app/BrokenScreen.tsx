import { Component, type ReactNode } from 'react';

import { ErrorNotice } from '../design/Notice';
import { toUiError } from '../ipc/errors';
import styles from './App.module.css';

/** A defect of the page: said plainly, with the rest of the window still there. */
export function BrokenScreen({ error, reset }: { error: unknown; reset: () => void }) {
  return (
    <div className={styles.broken}>
      <ErrorNotice error={toUiError(error)} onRetry={reset} />
    </div>
  );
}

/** Keeps the window from going blank where no screen of the router catches a defect. */
export class LastResort extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }

  override render(): ReactNode {
    return this.state.error === null ? (
      this.props.children
    ) : (
      <main>
        <BrokenScreen error={this.state.error} reset={() => this.setState({ error: null })} />
      </main>
    );
  }
}
