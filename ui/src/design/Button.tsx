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
  /** In a narrow window only the icon is seen; the text stays its name. */
  isCompact?: boolean;
  /** For a button that switches something on and off. */
  isPressed?: boolean;
  isDisabled?: boolean;
  type?: 'button' | 'submit';
  /** What it submits, where it does not lie in it. */
  form?: string;
  autoFocus?: boolean;
  onPress?: () => void;
}

export function Button(props: ButtonProps) {
  const {
    children,
    icon: Icon,
    look = 'plain',
    label,
    isPressed,
    isCompact = false,
    onPress,
    ...rest
  } = props;
  return (
    <AriaButton
      {...rest}
      className={styles.button ?? ''}
      data-look={look}
      {...(isPressed === undefined ? {} : { 'aria-pressed': isPressed })}
      {...(label === undefined ? {} : { 'aria-label': label })}
      {...(onPress === undefined ? {} : { onPress: () => onPress() })}
    >
      {Icon !== undefined && <Icon size={16} aria-hidden="true" focusable="false" />}
      {isCompact ? <span className={styles.folding}>{children}</span> : children}
    </AriaButton>
  );
}
