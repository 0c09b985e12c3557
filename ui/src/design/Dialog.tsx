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
}

/** A sheet over the window. It exists while it is open; Escape and a press outside close it. */
export function Dialog({ title, children, footer, onClose, isBusy = false, role = 'dialog' }: DialogProps) {
  return (
    <ModalOverlay
      className={styles.shade ?? ''}
      isOpen
      isDismissable={!isBusy}
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
          <div className={styles.body}>{children}</div>
          {footer !== undefined && <div className={styles.footer}>{footer}</div>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
