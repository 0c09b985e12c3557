import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button as AriaButton } from 'react-aria-components';

import styles from './Button.module.css';

export interface ButtonProps {
  children?: ReactNode;
  icon?: LucideIcon;
  /** One primary button a screen; `quiet` has no frame. */
  look?: 'primary' | 'plain' | 'quiet';
  /** Needed where the icon stands alone. */
  label?: string;
  isDisabled?: boolean;
  type?: 'button' | 'submit';
  autoFocus?: boolean;
  onPress?: () => void;
}

export function Button({ children, icon: Icon, look = 'plain', label, onPress, ...rest }: ButtonProps) {
  return (
    <AriaButton
      {...rest}
      className={styles.button ?? ''}
      data-look={look}
      {...(label === undefined ? {} : { 'aria-label': label })}
      {...(onPress === undefined ? {} : { onPress: () => onPress() })}
    >
      {Icon !== undefined && <Icon size={16} aria-hidden="true" focusable="false" />}
      {children}
    </AriaButton>
  );
}
