import { useQuery } from '@tanstack/react-query';

import { Answered } from '../../design/Answered';
import { Button } from '../../design/Button';
import { Facts } from '../../design/Facts';
import { CommandError } from '../../design/Notice';
import { Card, Screen } from '../../design/Screen';
import { client } from '../../ipc/client';
import { keys } from '../../ipc/keys';
import { messages } from '../../messages';
import { PhraseKeeping } from '../onboarding/PhraseKeeping';
import { About } from './About';
import { Bandwidth } from './Bandwidth';
import styles from './Settings.module.css';
import { SettingsForm } from './SettingsForm';
import { useFreshSettings, useSettingsChange } from './useSettings';

export interface SettingsScreenProps {
  /** Where the node of this window keeps its things. */
  home: string;
  /** Whom its keys belong to. */
  owner: string;
  onPhrase: () => void;
}

export function SettingsScreen({ home, owner, onPhrase }: SettingsScreenProps) {
  const text = messages.settings;
  const settings = useFreshSettings();
  const save = useSettingsChange();
  return (
    <Screen title={text.heading}>
      <CommandError command={save} />
      <Answered query={settings} failed={text.failed}>
        {(answer) => <SettingsForm settings={answer} isRunning={save.isRunning} onChange={save.run} />}
      </Answered>
      <Bandwidth />
      <Security owner={owner} onPhrase={onPhrase} />
      <About home={home} />
    </Screen>
  );
}

function Security({ owner, onPhrase }: Pick<SettingsScreenProps, 'owner' | 'onPhrase'>) {
  const text = messages.settings;
  const isConfirmed = useQuery({ queryKey: keys.shell, queryFn: client.shellState }).data?.phrase_confirmed;
  return (
    <Card title={text.security}>
      {isConfirmed !== undefined && <p>{isConfirmed ? text.phraseConfirmed : text.phraseOpen}</p>}
      <p>{messages.onboarding.words.keysOnly}</p>
      <div className={styles.row}>
        <Button look={isConfirmed === false ? 'primary' : 'plain'} onPress={onPhrase}>
          {text.phraseShow}
        </Button>
        <PhraseKeeping />
      </div>
      <Facts
        facts={[
          {
            name: text.owner,
            value: (
              <span className={styles.lines}>
                <code>{owner}</code>
                <span className={styles.quiet}>{text.ownerAbout}</span>
              </span>
            ),
          },
        ]}
      />
    </Card>
  );
}
