import type { SkippedPath } from '../ipc/bindings';
import { formatCount, plainSentence } from '../lib/format';
import { messages } from '../messages';
import { Name } from './Name';
import styles from './SkippedPaths.module.css';

const SHOWN = 50;

/** What was or will be left out of an upload, and why: the first of them on demand. */
export function SkippedPaths({
  title,
  paths,
  count,
  isOpen,
  onOpen,
}: {
  title: string;
  paths: readonly SkippedPath[];
  /** All of them, also those that are not among `paths`. */
  count: number;
  /** Where somebody else remembers whether they are listed. */
  isOpen?: boolean;
  onOpen?: (isOpen: boolean) => void;
}) {
  const hidden = count - Math.min(paths.length, SHOWN);
  return (
    <details
      className={styles.skipped}
      open={isOpen}
      onToggle={(event) => onOpen?.(event.currentTarget.open)}
    >
      <summary>{title}</summary>
      <ul className={styles.paths}>
        {paths.slice(0, SHOWN).map((skipped) => (
          <li key={skipped.path}>
            <Name text={skipped.path} />
            {plainSentence(skipped.reason)}
          </li>
        ))}
        {hidden > 0 && <li>{messages.everywhere.more(formatCount(hidden))}</li>}
      </ul>
    </details>
  );
}
