import { ChevronDown } from 'lucide-react';
import { Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';

import { Button } from './Button';
import styles from './MenuButton.module.css';

export interface MenuButtonItem {
  id: string;
  text: string;
  run: () => void;
}

/** A button that asks which of a few is meant. */
export function MenuButton({ text, items }: { text: string; items: readonly MenuButtonItem[] }) {
  return (
    <MenuTrigger>
      <Button>
        {text}
        <ChevronDown size={14} aria-hidden="true" focusable="false" />
      </Button>
      <Popover className={styles.popover ?? ''} placement="bottom end">
        <Menu
          aria-label={text}
          className={styles.menu ?? ''}
          onAction={(id) => items.find((item) => item.id === id)?.run()}
        >
          {items.map((item) => (
            <MenuItem key={item.id} id={item.id} className={styles.item ?? ''}>
              {item.text}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
