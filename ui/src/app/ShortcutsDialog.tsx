import { Fragment } from 'react';

import { Button } from '../design/Button';
import { Dialog } from '../design/Dialog';
import { shortcutText } from '../lib/keyboard';
import { messages } from '../messages';
import styles from './CommandPalette.module.css';
import { SCREENS } from './screens';

export interface ShortcutsDialogProps {
  /** Whether a character alone is a shortcut. */
  isSingleKeyOn: boolean;
  onClose: () => void;
}

/** Every shortcut that works now. */
export function ShortcutsDialog({ isSingleKeyOn, onClose }: ShortcutsDialogProps) {
  const { shortcuts } = messages.shell;
  const everywhere = [
    { keys: shortcutText('K'), text: shortcuts.palette },
    { keys: shortcutText('O'), text: shortcuts.upload },
    { keys: shortcutText(`1 … ${SCREENS.length}`), text: shortcuts.screen },
    { keys: shortcutText('+ − 0'), text: shortcuts.zoom },
    { keys: shortcutText('/'), text: shortcuts.help },
    ...(isSingleKeyOn ? [{ keys: '?', text: shortcuts.helpSingleKey }] : []),
  ];
  const inLibrary = [
    { keys: shortcutText('F'), text: shortcuts.find },
    { keys: '↑ ↓ Page Home End', text: shortcuts.move },
    { keys: 'Shift ↑ ↓', text: shortcuts.range },
    { keys: 'Space', text: shortcuts.toggle },
    { keys: shortcutText('A'), text: shortcuts.all },
    { keys: 'Enter', text: shortcuts.openRow },
    { keys: 'Backspace', text: shortcuts.parent },
    { keys: 'F2', text: shortcuts.rename },
    { keys: 'Delete', text: shortcuts.remove },
    { keys: 'Escape', text: shortcuts.clear },
  ];
  return (
    <Dialog
      title={shortcuts.title}
      onClose={onClose}
      isTextOnly
      isPassing
      footer={
        <Button look="primary" autoFocus onPress={onClose}>
          {messages.everywhere.close}
        </Button>
      }
    >
      <h3 className={styles.heading}>{shortcuts.everywhere}</h3>
      <KeyList entries={everywhere} />
      <h3 className={styles.heading}>{shortcuts.inLibrary}</h3>
      <KeyList entries={inLibrary} />
    </Dialog>
  );
}

function KeyList({ entries }: { entries: readonly { keys: string; text: string }[] }) {
  return (
    <dl className={styles.list}>
      {entries.map(({ keys, text }) => (
        <Fragment key={keys}>
          <dt>
            <kbd className={styles.key}>{keys}</kbd>
          </dt>
          <dd>{text}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
