import type { UiError } from '../ipc/bindings';
import { messages } from '../messages';
import { Button } from './Button';
import { Dialog, type DialogProps } from './Dialog';
import { ErrorNotice, type NextSteps } from './Notice';

export interface ConfirmDialogProps extends Omit<DialogProps, 'footer'> {
  confirm: string;
  cancel?: string;
  onConfirm?: () => void;
  /** The form in it that the yes submits, in place of the call. */
  form?: string;
  /** False while there is nothing yet that could be confirmed. */
  isReady?: boolean;
  /** Why the last yes did not work; the confirming button tries again. */
  error?: UiError | null;
  errorTitle?: string;
  /** What is safe although it did not work. */
  errorSafe?: string;
  /** What to do next, where the question tells more than the code. */
  errorNext?: NextSteps;
}

/** A sheet with one question: the primary button says what happens, the other leaves everything as it is. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const {
    confirm,
    cancel,
    onConfirm,
    form,
    isReady = true,
    error = null,
    errorTitle,
    errorSafe,
    errorNext,
    children,
    ...dialog
  } = props;
  const { isBusy = false } = dialog;
  return (
    <Dialog
      {...dialog}
      footer={
        <>
          {/* What cannot be taken back easily begins with the harmless button. */}
          <Button onPress={dialog.onClose} isDisabled={isBusy} autoFocus={dialog.role === 'alertdialog'}>
            {cancel ?? messages.everywhere.cancel}
          </Button>
          <Button
            look="primary"
            {...(form === undefined ? {} : ({ type: 'submit', form } as const))}
            {...(onConfirm === undefined ? {} : { onPress: onConfirm })}
            isDisabled={!isReady || isBusy}
          >
            {isBusy ? messages.everywhere.working : confirm}
          </Button>
        </>
      }
    >
      {children}
      {error !== null && (
        <ErrorNotice
          error={error}
          safe={errorSafe}
          next={errorNext}
          {...(errorTitle === undefined ? {} : { title: errorTitle })}
        />
      )}
    </Dialog>
  );
}
