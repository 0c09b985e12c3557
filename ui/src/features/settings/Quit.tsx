import { Button } from '../../design/Button';
import { CommandError } from '../../design/Notice';
import { client } from '../../ipc/client';
import { useCommand } from '../../ipc/useCommand';
import { messages } from '../../messages';
import styles from './Settings.module.css';

/** Ends the app from its window, as a tray is only a repetition. */
export function Quit() {
  const { quit, quitAbout, quitting } = messages.settings;
  const command = useCommand(client.quit);
  return (
    <>
      <div className={styles.row}>
        <Button isDisabled={command.isRunning} onPress={() => command.run()}>
          {command.isRunning ? quitting : quit}
        </Button>
        <p className={styles.quiet}>{quitAbout}</p>
      </div>
      <CommandError command={command} />
    </>
  );
}
