import { Choice, Switch } from '../../design/Choice';
import { Card } from '../../design/Screen';
import { Select } from '../../design/Select';
import type { Settings, SettingsChange, Theme } from '../../ipc/bindings';
import { formatCount } from '../../lib/format';
import { shortcutText } from '../../lib/keyboard';
import { messages } from '../../messages';
import { Quit } from './Ending';
import { zoomChoices } from './zoom';

const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

export interface SettingsFormProps {
  settings: Settings;
  isRunning: boolean;
  /** Gets what is new only. */
  onChange: (change: SettingsChange) => void;
}

/** Every setting with what it does; a change is kept at once. */
export function SettingsForm({ settings, isRunning, onChange }: SettingsFormProps) {
  const text = messages.settings;
  return (
    <>
      <Card title={text.general}>
        <Switch
          label={text.closeToTray}
          about={text.closeToTrayAbout}
          isSelected={settings.close_to_tray}
          isDisabled={isRunning}
          onChange={(isOn) => onChange({ close_to_tray: isOn })}
        />
        <Switch
          label={text.singleKeys}
          about={text.singleKeysAbout(shortcutText('/'))}
          isSelected={settings.single_key_shortcuts}
          isDisabled={isRunning}
          onChange={(isOn) => onChange({ single_key_shortcuts: isOn })}
        />
        <Quit />
      </Card>
      <Card title={text.startup}>
        <Switch
          label={text.autostart}
          about={text.autostartAbout}
          isSelected={settings.autostart}
          isDisabled={isRunning}
          onChange={(isOn) => onChange({ autostart: isOn })}
        />
      </Card>
      <Card title={text.notificationsTitle}>
        <Switch
          label={text.notifications}
          about={text.notificationsAbout}
          isSelected={settings.notifications}
          isDisabled={isRunning}
          onChange={(isOn) => onChange({ notifications: isOn })}
        />
      </Card>
      <Card title={text.appearance}>
        <Choice
          label={text.theme}
          value={settings.theme}
          options={THEMES.map((theme) => ({ value: theme, title: text.themes[theme] }))}
          isRow
          isDisabled={isRunning}
          onChange={(theme) => onChange({ theme })}
        />
        <Select
          label={text.zoom}
          isLabelShown
          isDisabled={isRunning}
          value={String(settings.zoom_percent)}
          options={zoomChoices(settings.zoom_percent).map((percent) => ({
            value: String(percent),
            text: text.zoomPercent(formatCount(percent)),
          }))}
          onChange={(percent) => onChange({ zoom_percent: Number(percent) })}
        />
      </Card>
    </>
  );
}
