import { useState } from 'react';

import { Button } from '../../design/Button';
import { Choice } from '../../design/Choice';
import { Dialog } from '../../design/Dialog';
import { Facts } from '../../design/Facts';
import { Field } from '../../design/Field';
import { Name } from '../../design/Name';
import { ErrorNotice } from '../../design/Notice';
import type { ImportPreview, ListedFile, UiError } from '../../ipc/bindings';
import { baseName, formatBytes, formatCount, plainName } from '../../lib/format';
import { messages } from '../../messages';
import styles from './dialogs.module.css';
import { nameProblem } from './model';

interface Running {
  isRunning: boolean;
  error: UiError | null;
  onClose: () => void;
}

const SHOWN_NAMES = 8;

/** The first of many names, and how many more there are. */
export function NameList({ names, count = names.length }: { names: readonly string[]; count?: number }) {
  const hidden = count - Math.min(names.length, SHOWN_NAMES);
  return (
    <ul className={styles.names}>
      {names.slice(0, SHOWN_NAMES).map((name) => (
        <li key={name}>
          <Name text={name} />
        </li>
      ))}
      {hidden > 0 && <li className={styles.quiet}>{messages.library.remove.more(formatCount(hidden))}</li>}
    </ul>
  );
}

export function RenameDialog({
  file,
  isRunning,
  error,
  onClose,
  onRename,
}: Running & { file: ListedFile; onRename: (name: string) => void }) {
  const { rename } = messages.library;
  const [name, setName] = useState(baseName(file.name));
  const [isTouched, setTouched] = useState(false);
  const problem = nameProblem(name);
  const submit = () => {
    setTouched(true);
    if (problem === undefined) {
      onRename(name);
    }
  };
  return (
    <Dialog
      title={rename.title}
      onClose={onClose}
      isBusy={isRunning}
      footer={
        <>
          <Button onPress={onClose}>{messages.everywhere.cancel}</Button>
          <Button look="primary" onPress={submit} isDisabled={isRunning}>
            {rename.confirm}
          </Button>
        </>
      }
    >
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Field
          label={rename.field}
          value={name}
          onChange={setName}
          autoFocus
          error={isTouched || name !== baseName(file.name) ? problem : undefined}
        />
      </form>
      {error !== null && <ErrorNotice error={error} />}
    </Dialog>
  );
}

export function RemoveDialog({
  names,
  isRunning,
  error,
  onClose,
  onRemove,
}: Running & { names: readonly string[]; onRemove: () => void }) {
  const { remove } = messages.library;
  return (
    <Dialog
      title={remove.title(names.length, formatCount(names.length))}
      role="alertdialog"
      onClose={onClose}
      isBusy={isRunning}
      footer={
        <>
          <Button onPress={onClose} autoFocus>
            {messages.everywhere.cancel}
          </Button>
          <Button look="primary" onPress={onRemove} isDisabled={isRunning}>
            {remove.confirm}
          </Button>
        </>
      }
    >
      <p>{remove.text}</p>
      <NameList names={names} />
      {error !== null && <ErrorNotice error={error} />}
    </Dialog>
  );
}

export function ExportDialog({
  file,
  isRunning,
  error,
  onClose,
  onExport,
}: Running & { file: ListedFile; onExport: (isPrivate: boolean) => void }) {
  const text = messages.library.export;
  const [who, setWho] = useState<'anyone' | 'own'>('own');
  return (
    <Dialog
      title={text.title}
      onClose={onClose}
      isBusy={isRunning}
      footer={
        <>
          <Button onPress={onClose}>{messages.everywhere.cancel}</Button>
          <Button look="primary" onPress={() => onExport(who === 'own')} isDisabled={isRunning}>
            {text.confirm}
          </Button>
        </>
      }
    >
      <p>{text.text}</p>
      <NameList names={[file.name]} />
      <Choice
        label={text.choice}
        value={who}
        onChange={setWho}
        options={[
          { value: 'own', title: text.own, about: text.ownAbout },
          { value: 'anyone', title: text.anyone, about: text.anyoneAbout },
        ]}
      />
      {error !== null && <ErrorNotice error={error} />}
    </Dialog>
  );
}

export function ImportDialog({
  preview,
  isRunning,
  error,
  onClose,
  onImport,
}: Running & { preview: ImportPreview; onImport: () => void }) {
  const text = messages.library.import;
  return (
    <Dialog
      title={text.title}
      onClose={onClose}
      isBusy={isRunning}
      footer={
        <>
          <Button onPress={onClose}>{messages.everywhere.cancel}</Button>
          <Button look="primary" onPress={onImport} isDisabled={isRunning}>
            {text.confirm}
          </Button>
        </>
      }
    >
      {preview.from !== null && <p className={styles.wrap}>{text.from(plainName(preview.from))}</p>}
      <p>{text.contains}</p>
      <NameList names={preview.names} count={preview.files} />
      <Facts facts={[{ name: text.size, value: formatBytes(preview.size) }]} />
      {error !== null && <ErrorNotice error={error} />}
    </Dialog>
  );
}
