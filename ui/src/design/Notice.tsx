import type { ReactNode } from 'react';

import type { UiError } from '../ipc/bindings';
import { plainName } from '../lib/format';
import { messages } from '../messages';
import { Button } from './Button';
import styles from './Notice.module.css';

/** An error: what happened, what is safe and what to do next, with one button. */
export function ErrorNotice({
  error,
  title = messages.everywhere.actionFailed,
  onRetry,
}: {
  error: UiError;
  title?: string;
  onRetry?: () => void;
}) {
  const next = messages.everywhere.errorNext[error.code];
  return (
    <div className={styles.notice} data-kind="error" role="alert">
      <p className={styles.title}>{title}</p>
      <p className={styles.text}>{plainName(error.message)}</p>
      {next !== undefined && <p className={styles.text}>{next}</p>}
      <p className={styles.code}>
        {messages.everywhere.errorCode} <code>{error.code}</code>
      </p>
      {onRetry !== undefined && (
        <div>
          <Button onPress={onRetry}>{messages.everywhere.retry}</Button>
        </div>
      )}
    </div>
  );
}

/** Something that went well, or that the person should know; read out once. */
export function Note({ children, onClose }: { children: ReactNode; onClose?: () => void }) {
  return (
    <div className={styles.notice} data-kind="note">
      <div className={styles.row}>
        <div className={styles.text} role="status">
          {children}
        </div>
        {onClose !== undefined && (
          <Button look="quiet" onPress={onClose}>
            {messages.everywhere.close}
          </Button>
        )}
      </div>
    </div>
  );
}
