import { Button } from '../../design/Button';
import { Facts } from '../../design/Facts';
import { CommandError, Note } from '../../design/Notice';
import { messages } from '../../messages';
import { ImportProvider } from '../library/ImportProvider';
import { useImport } from '../library/useImport';
import styles from './Onboarding.module.css';

export interface RestoredProps {
  /** Whom the words stand for. Only the person can tell whether it is who they meant. */
  owner: string;
  onClose: () => void;
}

/** After a restore: these words are in use, their list of files is not back, and what to do about that. */
export function Restored(props: RestoredProps) {
  return (
    <ImportProvider>
      <RestoredPanel {...props} />
    </ImportProvider>
  );
}

function RestoredPanel({ owner, onClose }: RestoredProps) {
  const { restored } = messages.onboarding;
  const { choose, chooseFailure, openFailure, done, forgetDone } = useImport();
  return (
    <div className={styles.screen}>
      <section className={styles.panel} aria-label={restored.title}>
        <h1 className={styles.heading}>{restored.title}</h1>
        <Facts facts={[{ name: restored.owner, value: <code>{owner}</code> }]} />
        <p>{restored.ownerAbout}</p>
        <p>{restored.about}</p>
        <p className={styles.quiet}>{restored.where}</p>
        <CommandError command={chooseFailure} next={messages.library.import.next} />
        <CommandError command={openFailure} next={messages.library.import.next} />
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
