import { Autocomplete, Input, Menu, MenuItem, SearchField, useFilter } from 'react-aria-components';

import { Dialog } from '../design/Dialog';
import { messages } from '../messages';
import styles from './CommandPalette.module.css';
import { SCREENS } from './screens';

export interface CommandPaletteProps {
  onClose: () => void;
  onGo: (to: string) => void;
  onUpload: (what: 'files' | 'folder') => void;
  onHelp: () => void;
}

interface Command {
  id: string;
  text: string;
  keys?: string;
  run: () => void;
}

function commandsOf({ onClose, onGo, onUpload, onHelp }: CommandPaletteProps): Command[] {
  const { shell, library } = messages;
  const upload = (what: 'files' | 'folder') => () => {
    onClose();
    onUpload(what);
  };
  return [
    { id: 'upload-files', text: library.uploadFiles, keys: 'Ctrl O', run: upload('files') },
    { id: 'upload-folder', text: library.uploadFolder, run: upload('folder') },
    ...SCREENS.map(({ name, to }, index) => ({
      id: name,
      text: shell.palette.go(shell.screens[name]),
      keys: `Ctrl ${index + 1}`,
      run: () => onGo(to),
    })),
    { id: 'trash', text: shell.palette.trash, run: () => onGo('/library?trash=true') },
    { id: 'phrase', text: shell.palette.phrase, run: () => onGo('/phrase') },
    { id: 'help', text: shell.shortcuts.open, keys: '?', run: onHelp },
  ];
}

/** Every command of the window by its name. */
export function CommandPalette(props: CommandPaletteProps) {
  const { palette } = messages.shell;
  const { contains } = useFilter({ sensitivity: 'base' });
  const commands = commandsOf(props);
  return (
    <Dialog title={palette.title} onClose={props.onClose}>
      <Autocomplete filter={contains}>
        <SearchField aria-label={palette.search} autoFocus className={styles.search ?? ''}>
          <Input className={styles.input ?? ''} placeholder={palette.search} />
        </SearchField>
        <Menu
          aria-label={palette.results}
          className={styles.menu ?? ''}
          renderEmptyState={() => <p className={styles.none}>{palette.none}</p>}
          onAction={(id) => commands.find((command) => command.id === id)?.run()}
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
