import { useState } from 'react';

import { Button } from '../../design/Button';
import { ErrorNotice } from '../../design/Notice';
import type { UiError } from '../../ipc/bindings';
import { messages } from '../../messages';
import styles from './Onboarding.module.css';

export interface WordListProps {
  /** Null while they are hidden. */
  words: readonly string[] | null;
  isRunning: boolean;
  error: UiError | null;
  onShow: () => void;
  onHide: () => void;
  onCopy: (text: string) => Promise<void>;
  onNext: () => void;
  onClose: () => void;
}

export function WordList(props: WordListProps) {
  const { words } = props;
  const text = messages.onboarding.words;
  const [copied, setCopied] = useState<string | null>(null);
  const copy = (all: readonly string[]) => {
    // The clipboard may be missing altogether, which throws instead of failing.
    Promise.resolve()
      .then(() => props.onCopy(all.join(' ')))
      .then(
        () => setCopied(text.copied),
        () => setCopied(text.copyFailed),
      );
  };
  return (
    <section className={styles.panel} aria-label={text.title}>
      <h1 className={styles.heading}>{text.title}</h1>
      <p>{text.about}</p>
      {words === null ? (
        <p className={styles.quiet}>{text.hidden}</p>
      ) : (
        <ol className={styles.words} aria-label={text.list}>
          {words.map((word, index) => (
            // The place is what tells two equal words apart.
            // eslint-disable-next-line react/no-array-index-key
            <li key={`${index} ${word}`}>
              <span className={styles.number}>{index + 1}</span>
              <span>{word}</span>
            </li>
          ))}
        </ol>
      )}
      {props.error !== null && <ErrorNotice error={props.error} title={text.failed} />}
      {copied !== null && <p role="status">{copied}</p>}
      <div className={styles.row}>
        {words === null ? (
          <Button look="primary" isDisabled={props.isRunning} onPress={props.onShow}>
            {text.reveal}
          </Button>
        ) : (
          <>
            <Button look="primary" onPress={props.onNext}>
              {text.next}
            </Button>
            <Button onPress={() => copy(words)}>{text.copy}</Button>
            <Button onPress={props.onHide}>{text.hide}</Button>
          </>
        )}
        <Button look="quiet" onPress={props.onClose}>
          {text.later}
        </Button>
      </div>
    </section>
  );
}
