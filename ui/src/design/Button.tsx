import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button as AriaButton, Tooltip, TooltipTrigger } from 'react-aria-components';

import styles from './Button.module.css';
import { useIsFolded } from './useIsFolded';

export interface ButtonProps {
  children?: ReactNode;
  icon?: LucideIcon;
  /** One primary button a screen; `quiet` has no frame. */
  look?: 'primary' | 'plain' | 'quiet';
  /** Needed where the icon stands alone; a tooltip shows it then. */
  label?: string;
  /** In a narrow window only the icon is seen; the text stays its name, and a tooltip shows it. */
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

/** Long enough not to follow a pointer that only passes. */
const TOOLTIP_DELAY_MS = 500;

export function Button(props: ButtonProps) {
  const { children, label, isCompact = false } = props;
  const isFolded = useIsFolded();
  const unseen = isCompact ? children : label;
  const isIconAlone = isCompact || children === undefined;
  if (!isIconAlone || unseen === undefined) {
    return <PlainButton {...props} />;
  }
  return (
    // An open tooltip takes Escape, so there is none where the words are on the button.
    <TooltipTrigger delay={TOOLTIP_DELAY_MS} isDisabled={isCompact && !isFolded}>
      <PlainButton {...props} />
      <Tooltip className={styles.tooltip ?? ''} offset={4}>
        {unseen}
      </Tooltip>
    </TooltipTrigger>
  );
}

function PlainButton(props: ButtonProps) {
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
