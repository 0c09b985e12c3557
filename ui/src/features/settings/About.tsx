import { version } from '../../../package.json';
import { Facts } from '../../design/Facts';
import { Card } from '../../design/Screen';
import { plainName } from '../../lib/format';
import { messages } from '../../messages';
import { commandFor } from './model';
import styles from './Settings.module.css';

/** What this is, where it keeps its things, and how a terminal reaches the same node. */
export function About({ home }: { home: string }) {
  const text = messages.settings;
  return (
    <Card title={text.about}>
      <p>{messages.onboarding.words.young}</p>
      <Facts
        facts={[
          { name: text.version, value: version },
          { name: text.licence, value: text.licences },
          {
            name: text.home,
            value: (
              <span className={styles.lines}>
                <code>{plainName(home)}</code>
                <span className={styles.quiet}>{text.homeAbout}</span>
              </span>
            ),
          },
          {
            name: text.commandLine,
            value: (
              <span className={styles.lines}>
                <span>{text.commandLineAbout}</span>
                <code className={styles.command}>{plainName(commandFor(home))}</code>
              </span>
            ),
          },
        ]}
      />
    </Card>
  );
}
