import { Answered } from '../../design/Answered';
import { Button } from '../../design/Button';
import { Facts } from '../../design/Facts';
import { CommandError, ErrorNotice } from '../../design/Notice';
import { Card, Screen } from '../../design/Screen';
import { toUiError } from '../../ipc/errors';
import { useShellState } from '../../ipc/useShellState';
import { messages } from '../../messages';
import { PhraseKeeping } from '../onboarding/PhraseKeeping';
import { About } from './About';
import { Bandwidth } from './Bandwidth';
import { Lock } from './Ending';
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
  const shell = useShellState();
  // What a failed look leaves is old: it claims nothing.
  const isConfirmed = shell.error === null ? shell.data?.phrase_confirmed : undefined;
  return (
    <Card title={text.security}>
      {isConfirmed !== undefined && <p>{isConfirmed ? text.phraseConfirmed : text.phraseOpen}</p>}
      {shell.error !== null && (
        <ErrorNotice
          error={toUiError(shell.error)}
          title={text.phraseUnknown}
          onRetry={() => void shell.refetch()}
        />
      )}
      <p>{messages.onboarding.words.keysOnly}</p>
      <div className={styles.row}>
        <Button look={isConfirmed === false ? 'primary' : 'plain'} onPress={onPhrase}>
          {text.phraseShow}
        </Button>
        <PhraseKeeping />
      </div>
      {shell.data?.can_lock === true && <Lock />}
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
