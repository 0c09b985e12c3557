import { Button } from '../../design/Button';
import { CommandError, Note } from '../../design/Notice';
import { messages } from '../../messages';
import { ImportProvider } from '../library/ImportProvider';
import { useImport } from '../library/useImport';
import styles from './Onboarding.module.css';

/** After a restore: the identity is back, its list of files is not, and what to do about that. */
export function Restored({ onClose }: { onClose: () => void }) {
  return (
    <ImportProvider>
      <RestoredPanel onClose={onClose} />
    </ImportProvider>
  );
}

function RestoredPanel({ onClose }: { onClose: () => void }) {
  const { restored } = messages.onboarding;
  const { choose, chooseFailure, openFailure, done, forgetDone } = useImport();
  return (
    <div className={styles.screen}>
      <section className={styles.panel} aria-label={restored.title}>
        <h1 className={styles.heading}>{restored.title}</h1>
        <p>{restored.about}</p>
        <p className={styles.quiet}>{restored.where}</p>
        <CommandError command={chooseFailure} />
        <CommandError command={openFailure} />
        {done !== null && <Note onClose={forgetDone}>{done}</Note>}
        <div className={styles.row}>
          <Button look={done === null ? 'primary' : 'plain'} onPress={choose}>
            {done === null ? restored.import : restored.another}
          </Button>
          <Button look={done === null ? 'plain' : 'primary'} onPress={onClose}>
            {done === null ? restored.later : restored.finish}
          </Button>
        </div>
      </section>
    </div>
  );
}
