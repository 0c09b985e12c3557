import { useState } from 'react';

import { Button } from '../../design/Button';
import { Field } from '../../design/Field';
import { Form } from '../../design/Form';
import { ErrorNotice } from '../../design/Notice';
import type { UiError } from '../../ipc/bindings';
import { messages } from '../../messages';
import { pickWords } from './model';
import styles from './Onboarding.module.css';

export interface WordCheckProps {
  words: readonly string[];
  isDone: boolean;
  isRunning: boolean;
  error: UiError | null;
  onConfirm: () => void;
  onBack: () => void;
  onClose: () => void;
}

/** Three of the words, typed from paper. */
export function WordCheck(props: WordCheckProps) {
  const { words, isDone, isRunning, error, onConfirm, onBack, onClose } = props;
  const text = messages.onboarding.words;
  const [asked] = useState(() => pickWords(Math.random, words.length));
  const [typed, setTyped] = useState<Record<number, string>>({});
  const [isTouched, setTouched] = useState(false);
  const isRight = (index: number) => (typed[index] ?? '').trim().toLowerCase() === words[index];
  const submit = () => {
    setTouched(true);
    if (asked.every(isRight) && !isRunning) {
      onConfirm();
    }
  };
  if (isDone) {
    return (
      <section className={styles.panel} aria-label={text.done}>
        <h1 className={styles.heading}>{text.done}</h1>
        <p role="status">{text.doneAbout}</p>
        <p>{text.keysOnly}</p>
        <p>{text.young}</p>
        <div className={styles.row}>
          <Button look="primary" onPress={onClose} autoFocus>
            {messages.everywhere.close}
          </Button>
        </div>
      </section>
    );
  }
  return (
    <section className={styles.panel} aria-label={text.confirmTitle}>
      <h1 className={styles.heading}>{text.confirmTitle}</h1>
      <p>{text.confirmAbout}</p>
      <Form className={styles.form} onSubmit={submit}>
        {asked.map((index, place) => (
          <Field
            key={index}
            autoFocus={place === 0}
            label={text.word(String(index + 1))}
            value={typed[index] ?? ''}
            error={isTouched && !isRight(index) ? text.wrong : undefined}
            onChange={(value) => {
              setTyped({ ...typed, [index]: value });
              setTouched(false);
            }}
          />
        ))}
        {error !== null && <ErrorNotice error={error} />}
        <div className={styles.row}>
          <Button type="submit" look="primary" isDisabled={isRunning}>
            {text.confirm}
          </Button>
          <Button onPress={onBack}>{text.back}</Button>
          <Button look="quiet" onPress={onClose}>
            {text.later}
          </Button>
        </div>
      </Form>
    </section>
  );
}
