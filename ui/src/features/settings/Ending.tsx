import { Button } from '../../design/Button';
import { CommandError } from '../../design/Notice';
import { client } from '../../ipc/client';
import { useCommand } from '../../ipc/useCommand';
import { messages } from '../../messages';
import styles from './Settings.module.css';

/** Ends the app from its window, as a tray is only a repetition. */
export function Quit() {
  const { quit, quitAbout, quitting } = messages.settings;
  return <Ending command={client.quit} text={quit} about={quitAbout} underWay={quitting} />;
}

/** Ends the node and keeps the app, for whoever leaves the computer to others. */
export function Lock() {
  const { lock, lockAbout, locking } = messages.settings;
  return <Ending command={client.lock} text={lock} about={lockAbout} underWay={locking} />;
}

interface EndingProps {
  command: () => Promise<void>;
  text: string;
  about: string;
  /** The text while it happens. */
  underWay: string;
}

function Ending({ command, text, about, underWay }: EndingProps) {
  const given = useCommand(command);
  return (
    <>
      <div className={styles.row}>
        <Button isDisabled={given.isRunning} onPress={() => given.run()}>
          {given.isRunning ? underWay : text}
        </Button>
        <p className={styles.quiet}>{about}</p>
      </div>
      <CommandError command={given} />
    </>
  );
}
