import type { ReactNode, RefObject } from 'react';

import type { ErrorCode, UiError } from '../ipc/bindings';
import type { FailedCommand } from '../ipc/useCommand';
import type { Failure } from '../ipc/useCommands';
import { thrownText } from '../ipc/errors';
import { plainSentence, shortName } from '../lib/format';
import { messages } from '../messages';
import { Button } from './Button';
import styles from './Notice.module.css';

/** What to do next by code, where what was tried tells more than the code alone. */
export type NextSteps = Partial<Record<ErrorCode, string>>;

export interface ErrorNoticeProps {
  error: UiError;
  title?: string;
  /** What happened to each of several, in place of the message of the one error. */
  each?: readonly string[];
  /** What is safe, where that is known better than the code of the error tells. */
  safe?: string | undefined;
  next?: NextSteps | undefined;
  /** Tries the same again: the one thing to do next. */
  onRetry?: (() => void) | undefined;
  /** It is being tried again. */
  isRetried?: boolean;
  /** Puts the notice away; it is the primary button where nothing can be tried again. */
  onClose?: (() => void) | undefined;
}

/** An error: what happened, what is safe and what to do next, with one primary button. */
export function ErrorNotice(props: ErrorNoticeProps) {
  const { error, title, each, safe, next, onRetry, isRetried = false, onClose } = props;
  const { everywhere } = messages;
  const thrown = thrownText(error);
  return (
    <div className={styles.notice} data-kind="error" role="alert">
      <p className={styles.title}>{title ?? everywhere.actionFailed}</p>
      {each === undefined ? (
        <p className={styles.text}>{plainSentence(error.message)}</p>
      ) : (
        <ul className={styles.each}>
          {each.map((text, index) => (
            // Two can read alike; their order stays.
            // eslint-disable-next-line react/no-array-index-key
            <li key={index}>{text}</li>
          ))}
        </ul>
      )}
      {safe !== undefined && <p className={styles.text}>{safe}</p>}
      <p className={styles.text}>
        {next?.[error.code] ?? everywhere.errorNext[error.code] ?? everywhere.errorNext.internal}
      </p>
      <p className={styles.code}>
        {everywhere.errorCode} <code>{error.code}</code>
        {thrown !== undefined && (
          <>
            {' · '}
            <code>{shortName(thrown)}</code>
          </>
        )}
      </p>
      {(onRetry !== undefined || onClose !== undefined) && (
        <div className={styles.buttons}>
          {onRetry !== undefined && (
            <Button look="primary" onPress={onRetry}>
              {isRetried ? everywhere.working : everywhere.retry}
            </Button>
          )}
          {onClose !== undefined && (
            <Button look={onRetry === undefined ? 'primary' : 'plain'} onPress={onClose}>
              {everywhere.close}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

/** Why a command failed, until the person tries it again or puts the notice away. */
export function CommandError({
  command,
  title,
  next,
}: {
  command: FailedCommand;
  title?: string;
  next?: NextSteps | undefined;
}) {
  const { error, again, reset } = command;
  if (error === null) {
    return null;
  }
  return (
    <ErrorNotice
      error={error}
      next={next}
      {...(title === undefined ? {} : { title })}
      onRetry={error.retry === 'never' ? undefined : again}
      onClose={reset}
    />
  );
}

/** The same for each of several commands. */
export function CommandErrors({ failures }: { failures: readonly Failure[] }) {
  return failures.map((failure) => (
    <CommandError
      key={failure.key}
      command={failure}
      {...(failure.title === undefined ? {} : { title: failure.title })}
    />
  ));
}

/** Something that went well, or that the person should know; read out once. */
export function Note({
  children,
  silent,
  action,
  onClose,
  frame,
}: {
  children: ReactNode;
  /** What changes too often to be read out. */
  silent?: ReactNode;
  action?: { text: string; onPress: () => void };
  onClose?: () => void;
  /** For whoever gives the note the focus. */
  frame?: RefObject<HTMLDivElement | null>;
}) {
  return (
    <div
      className={styles.notice}
      data-kind="note"
      {...(frame === undefined ? {} : { ref: frame, tabIndex: -1 })}
    >
      <div className={styles.row}>
        <div className={styles.text} role="status">
          {children}
        </div>
        {silent}
        {action !== undefined && <Button onPress={action.onPress}>{action.text}</Button>}
        {onClose !== undefined && (
          <Button look="quiet" onPress={onClose}>
            {messages.everywhere.close}
          </Button>
        )}
      </div>
    </div>
  );
}
