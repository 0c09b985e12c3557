import { Autocomplete, Input, Menu, MenuItem, SearchField, useFilter } from 'react-aria-components';

import { Dialog } from '../design/Dialog';
import { messages } from '../messages';
import styles from './CommandPalette.module.css';
import type { Command } from './commands';

/** Every command of the window by its name. */
export function CommandPalette({ commands, onClose }: { commands: readonly Command[]; onClose: () => void }) {
  const { palette } = messages.shell;
  const { contains } = useFilter({ sensitivity: 'base' });
  return (
    <Dialog title={palette.title} onClose={onClose} isPassing>
      <Autocomplete filter={contains}>
        <SearchField aria-label={palette.search} autoFocus className={styles.search ?? ''}>
          <Input className={styles.input ?? ''} placeholder={palette.search} />
        </SearchField>
        <Menu
          aria-label={palette.results}
          className={styles.menu ?? ''}
          renderEmptyState={() => <p className={styles.none}>{palette.none}</p>}
          onAction={(id) => {
            onClose();
            commands.find((command) => command.id === id)?.run();
          }}
        >
          {commands.map((command) => (
            <MenuItem key={command.id} id={command.id} textValue={command.text} className={styles.item ?? ''}>
              <span>{command.text}</span>
              {command.keys !== undefined && <kbd className={styles.keys}>{command.keys}</kbd>}
            </MenuItem>
          ))}
        </Menu>
      </Autocomplete>
    </Dialog>
  );
}
