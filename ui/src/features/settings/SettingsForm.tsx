import { Button } from '../../design/Button';
import { Choice, Switch } from '../../design/Choice';
import { Card } from '../../design/Screen';
import type { Settings, Theme } from '../../ipc/pending';
import { messages } from '../../messages';

const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

export interface SettingsFormProps {
  settings: Settings;
  /** Absent while it is not known. */
  isPhraseConfirmed: boolean | undefined;
  isRunning: boolean;
  onChange: (settings: Settings) => void;
  onPhrase: () => void;
}

/** Every setting with what it does; a change is kept at once. */
export function SettingsForm(props: SettingsFormProps) {
  const { settings, isPhraseConfirmed, isRunning, onChange, onPhrase } = props;
  const text = messages.settings;
  return (
    <>
      <Card title={text.general}>
        <Switch
          label={text.closeToTray}
          about={text.closeToTrayAbout}
          isSelected={settings.close_to_tray}
          isDisabled={isRunning}
          onChange={(isOn) => onChange({ ...settings, close_to_tray: isOn })}
        />
        <Switch
          label={text.autostart}
          about={text.autostartAbout}
          isSelected={settings.autostart}
          isDisabled={isRunning}
          onChange={(isOn) => onChange({ ...settings, autostart: isOn })}
        />
        <Switch
          label={text.notifications}
          about={text.notificationsAbout}
          isSelected={settings.notifications}
          isDisabled={isRunning}
          onChange={(isOn) => onChange({ ...settings, notifications: isOn })}
        />
      </Card>
      <Card title={text.appearance}>
        <Choice
          label={text.theme}
          value={settings.theme}
          options={THEMES.map((theme) => ({ value: theme, title: text.themes[theme] }))}
          onChange={(theme) => onChange({ ...settings, theme })}
        />
      </Card>
      <Card title={text.security}>
        {isPhraseConfirmed !== undefined && (
          <p>{isPhraseConfirmed ? text.phraseConfirmed : text.phraseOpen}</p>
        )}
        <div>
          <Button onPress={onPhrase}>{text.phraseShow}</Button>
        </div>
      </Card>
    </>
  );
}
