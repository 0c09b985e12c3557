import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';

import styles from './Dialog.module.css';

export interface DialogProps {
  title: string;
  children: ReactNode;
  /** The buttons, the confirming one last. */
  footer?: ReactNode;
  onClose: () => void;
  /** While something runs that closing would leave half done. */
  isBusy?: boolean;
  role?: 'dialog' | 'alertdialog';
  /** A press outside closes it: only where that loses nothing that was typed, chosen or counted. */
  isPassing?: boolean;
  /** Nothing in it takes the focus, so that it takes it itself: otherwise no key could scroll it. */
  isTextOnly?: boolean;
}

/** A sheet over the window. It exists while it is open; Escape closes it. */
export function Dialog(props: DialogProps) {
  const { title, children, footer, onClose, role = 'dialog' } = props;
  const { isBusy = false, isPassing = false, isTextOnly = false } = props;
  return (
    <ModalOverlay
      className={styles.shade ?? ''}
      isOpen
      isDismissable={isPassing && !isBusy}
      isKeyboardDismissDisabled={isBusy}
      onOpenChange={(isOpen) => {
        if (!isOpen) {
          onClose();
        }
      }}
    >
      <Modal className={styles.sheet ?? ''}>
        <AriaDialog className={styles.dialog ?? ''} role={role}>
          <Heading slot="title" className={styles.title ?? ''}>
            {title}
          </Heading>
          {/* A region that scrolls must be within reach of keys (axe: scrollable-region-focusable). */}
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <div
            className={styles.body}
            {...(isTextOnly ? { tabIndex: 0, role: 'group', 'aria-label': title } : {})}
          >
            {children}
          </div>
          {footer !== undefined && <div className={styles.footer}>{footer}</div>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
