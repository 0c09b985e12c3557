import { Button } from '../../design/Button';
import { ErrorNotice } from '../../design/Notice';
import type { UiError } from '../../ipc/bindings';
import { messages } from '../../messages';
import styles from './Onboarding.module.css';
import { PhraseKeeping } from './PhraseKeeping';

export interface WordListProps {
  /** Null while they are hidden. */
  words: readonly string[] | null;
  /** Whether the person has shown before that they are written down. */
  isConfirmed: boolean;
  isRunning: boolean;
  error: UiError | null;
  onShow: () => void;
  onHide: () => void;
  onNext: () => void;
  onClose: () => void;
}

export function WordList(props: WordListProps) {
  const { words, isConfirmed, error, onShow, onHide, onNext, onClose } = props;
  const text = messages.onboarding.words;
  return (
    <section className={styles.panel} aria-label={text.title}>
      <h1 className={styles.heading}>{text.title}</h1>
      <p>{text.about}</p>
      <p>{text.keysOnly}</p>
      {words === null ? (
        <p className={styles.quiet}>{text.hidden}</p>
      ) : (
        <>
          <ol className={styles.words} aria-label={text.list} data-printed>
            {words.map((word, index) => (
              // The place is what tells two equal words apart.
              // eslint-disable-next-line react/no-array-index-key
              <li key={`${index} ${word}`}>
                <span className={styles.number}>{index + 1}</span>
                <span>{word}</span>
              </li>
            ))}
          </ol>
          <div className={styles.row}>
            <PhraseKeeping canPrint />
          </div>
        </>
      )}
      {error !== null && <ErrorNotice error={error} title={text.failed} />}
      <div className={styles.row}>
        {words !== null && !isConfirmed && (
          <Button look="primary" onPress={onNext}>
            {text.next}
          </Button>
        )}
        {/* One button, so that it keeps the focus when it is pressed. */}
        <Button
          look={words === null ? 'primary' : 'plain'}
          isDisabled={props.isRunning}
          onPress={words === null ? onShow : onHide}
        >
          {words === null ? text.reveal : text.hide}
        </Button>
        <Button look="quiet" onPress={onClose}>
          {isConfirmed ? messages.everywhere.close : text.later}
        </Button>
      </div>
    </section>
  );
}
