import { useState } from 'react';

import { Answered } from '../../design/Answered';
import { Button } from '../../design/Button';
import { StateMark } from '../../design/StateMark';
import type { ListedFile } from '../../ipc/bindings';
import { formatBytes, formatCount } from '../../lib/format';
import { formatTime } from '../../lib/time';
import { messages } from '../../messages';
import styles from './DetailsPane.module.css';
import { fileState } from './model';
import { useFileVersions } from './queries';

export interface VersionsProps {
  /** The file as it is now. */
  file: ListedFile;
  onBringBack: (version: ListedFile) => void;
}

/** The versions of a file that can still be had, for whoever opens them. */
export function Versions({ file, onBringBack }: VersionsProps) {
  const { versions: text } = messages.library;
  const [isOpen, setOpen] = useState(false);
  const versions = useFileVersions(file, isOpen);
  return (
    <details className={styles.where} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{text.heading}</summary>
      {isOpen && (
        <Answered query={versions} failed={text.failed} rows={2}>
          {({ versions: all }) =>
            all.length > 1 ? (
              <>
                <p className={styles.quiet}>{text.about}</p>
                <ul className={styles.versions}>
                  {all.map((version) => (
                    <Version
                      key={version.version}
                      version={version}
                      isCurrent={version.version === file.version}
                      onBringBack={() => onBringBack(version)}
                    />
                  ))}
                </ul>
              </>
            ) : (
              <p className={styles.quiet}>{text.one}</p>
            )
          }
        </Answered>
      )}
    </details>
  );
}

function Version({
  version,
  isCurrent,
  onBringBack,
}: {
  version: ListedFile;
  isCurrent: boolean;
  onBringBack: () => void;
}) {
  const { versions: text } = messages.library;
  const name = text.named(formatCount(version.version));
  const state = fileState(version);
  return (
    <li className={styles.version}>
      <span>
        <strong>{name}</strong> {isCurrent && text.current}
      </span>
      <span className={styles.quiet}>
        {formatTime(version.modified)}, <span>{formatBytes(version.size)}</span>
      </span>
      {version.expires !== undefined && (
        <span className={styles.quiet}>{text.until(formatTime(version.expires))}</span>
      )}
      {/* An old one can have lost more of its parts than the file itself. */}
      {state !== null && state !== 'safe' && <StateMark word={state} />}
      {!isCurrent && (
        <Button label={messages.everywhere.named(text.bringBack, name)} onPress={onBringBack}>
          {text.bringBack}
        </Button>
      )}
    </li>
  );
}
