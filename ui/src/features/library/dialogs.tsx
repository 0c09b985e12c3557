import { useId, useState } from 'react';

import { Choice } from '../../design/Choice';
import { ConfirmDialog } from '../../design/ConfirmDialog';
import { Facts, sizeFact } from '../../design/Facts';
import { Field } from '../../design/Field';
import { Form } from '../../design/Form';
import { Name } from '../../design/Name';
import { StateMark } from '../../design/StateMark';
import type { ImportPreview, ListedFile, UiError } from '../../ipc/bindings';
import { baseName, formatCount } from '../../lib/format';
import { formatTime } from '../../lib/time';
import { messages } from '../../messages';
import styles from './dialogs.module.css';
import { fileState, nameProblem } from './model';

/** What every dialog here is given: whether its yes runs, and why the last one failed. */
interface Running {
  isBusy: boolean;
  error: UiError | null;
  onClose: () => void;
}

const SHOWN_NAMES = 8;

/** The first of many names, and how many more there are. */
function NameList({ names, count = names.length }: { names: readonly string[]; count?: number }) {
  const hidden = count - Math.min(names.length, SHOWN_NAMES);
  return (
    <ul className={styles.names}>
      {names.slice(0, SHOWN_NAMES).map((name) => (
        <li key={name}>
          <Name text={name} />
        </li>
      ))}
      {hidden > 0 && <li className={styles.quiet}>{messages.everywhere.more(formatCount(hidden))}</li>}
    </ul>
  );
}

export function RenameDialog({
  file,
  onRename,
  ...running
}: Running & { file: ListedFile; onRename: (name: string) => void }) {
  const { rename } = messages.library;
  const form = useId();
  const [name, setName] = useState(baseName(file.name));
  const [isTouched, setTouched] = useState(false);
  const problem = nameProblem(name);
  const submit = () => {
    // Enter submits also while the button cannot.
    if (running.isBusy) {
      return;
    }
    setTouched(true);
    if (problem === undefined) {
      onRename(name);
    }
  };
  return (
    <ConfirmDialog
      {...running}
      title={rename.title}
      confirm={rename.confirm}
      errorNext={rename.next}
      form={form}
    >
      <Form id={form} className={styles.form} onSubmit={submit}>
        <Field
          label={rename.field}
          value={name}
          onChange={setName}
          autoFocus
          error={isTouched || name !== baseName(file.name) ? problem : undefined}
        />
      </Form>
    </ConfirmDialog>
  );
}

export function RemoveDialog({
  names,
  onRemove,
  ...running
}: Running & { names: readonly string[]; onRemove: () => void }) {
  const { remove } = messages.library;
  return (
    <ConfirmDialog
      {...running}
      title={remove.title(names.length, formatCount(names.length))}
      role="alertdialog"
      isTextOnly
      confirm={remove.confirm}
      onConfirm={onRemove}
    >
      <p>{remove.text(names.length)}</p>
      <p>{remove.after}</p>
      <NameList names={names} />
    </ConfirmDialog>
  );
}

export function ExportDialog({
  file,
  onExport,
  ...running
}: Running & { file: ListedFile; onExport: (isPrivate: boolean) => void }) {
  const text = messages.library.export;
  const [who, setWho] = useState<'anyone' | 'own'>('own');
  return (
    <ConfirmDialog
      {...running}
      title={text.title}
      confirm={text.confirm}
      errorNext={text.next}
      onConfirm={() => onExport(who === 'own')}
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
    </ConfirmDialog>
  );
}

export function VersionDialog({
  file,
  version,
  onBringBack,
  ...running
}: Running & {
  /** The file as it is now. */
  file: ListedFile;
  version: ListedFile;
  onBringBack: () => void;
}) {
  const { versions: text, details } = messages.library;
  const state = fileState(version);
  return (
    <ConfirmDialog
      {...running}
      title={text.title(formatCount(version.version))}
      confirm={text.confirm}
      onConfirm={onBringBack}
      isTextOnly
    >
      <NameList names={[file.name]} />
      <Facts
        facts={[
          { name: details.modified, value: formatTime(version.modified) },
          sizeFact(details.size, version.size),
        ]}
      />
      {state !== null && state !== 'safe' && <StateMark word={state} />}
      {version.health?.state === 'lost' && <p>{text.lost}</p>}
      <p>{text.becomes(formatCount(version.version))}</p>
      <p>{text.kept(formatCount(file.version))}</p>
    </ConfirmDialog>
  );
}

export function ImportDialog({
  preview,
  isFromOutside,
  isOtherRunning,
  onImport,
  ...running
}: Running & {
  preview: ImportPreview;
  /** Nobody pressed a button of this window for it. */
  isFromOutside: boolean;
  /** Another import is under way. */
  isOtherRunning: boolean;
  onImport: () => void;
}) {
  const text = messages.library.import;
  return (
    <ConfirmDialog
      {...running}
      title={text.title}
      confirm={text.confirm}
      errorNext={text.next}
      onConfirm={onImport}
      isTextOnly
      // The file is another by now, or something is in the way that is out of reach under this sheet.
      isReady={!isOtherRunning && running.error?.code !== 'conflict'}
    >
      {isFromOutside && <p>{text.outside}</p>}
      <Facts
        facts={[
          ...(preview.from === null ? [] : [{ name: text.from, value: <Name text={preview.from} /> }]),
          { name: text.files, value: formatCount(preview.files) },
          sizeFact(text.size, preview.size),
        ]}
      />
      <p>{text.contains}</p>
      <NameList names={preview.names} count={Math.max(preview.files, preview.names.length)} />
      <p className={styles.quiet}>{text.nothingYet}</p>
    </ConfirmDialog>
  );
}
