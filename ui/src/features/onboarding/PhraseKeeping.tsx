import { ClipboardCopy, FileLock2, Printer } from 'lucide-react';
import { useState } from 'react';

import { Button } from '../../design/Button';
import { CommandError, Note } from '../../design/Notice';
import { client } from '../../ipc/client';
import { useCommand } from '../../ipc/useCommand';
import { isolated } from '../../lib/format';
import { messages } from '../../messages';
import { ClipboardNote } from './ClipboardNote';
import styles from './Onboarding.module.css';
import { SealDialog } from './SealDialog';

/** Ways to keep the phrase that do not need a pen. The shell holds the words; they do not pass through here. */
export function PhraseKeeping({ canPrint = false }: { canPrint?: boolean }) {
  const text = messages.onboarding.words;
  const [copied, setCopied] = useState<{ atMs: number; clearsInS: number } | null>(null);
  const [isSealing, setSealing] = useState(false);
  const [savedTo, setSavedTo] = useState<string | null>(null);
  const copy = useCommand(client.phraseCopy, ({ clears_in_s: clearsInS }) =>
    setCopied({ atMs: Date.now(), clearsInS }),
  );
  const print = useCommand(client.phrasePrint);
  return (
    <>
      <Button icon={ClipboardCopy} isDisabled={copy.isRunning} onPress={() => copy.run()}>
        {text.copy}
      </Button>
      {canPrint && (
        <Button icon={Printer} isDisabled={print.isRunning} onPress={() => print.run()}>
          {text.print}
        </Button>
      )}
      <Button icon={FileLock2} onPress={() => setSealing(true)}>
        {text.save}
      </Button>
      {(copied !== null || savedTo !== null || copy.error !== null || print.error !== null) && (
        <div className={styles.outcome}>
          <CommandError command={copy} title={text.copyFailed} />
          <CommandError command={print} title={text.printFailed} />
          {copied !== null && <ClipboardNote key={copied.atMs} {...copied} onClose={() => setCopied(null)} />}
          {savedTo !== null && <Note onClose={() => setSavedTo(null)}>{text.saved(isolated(savedTo))}</Note>}
        </div>
      )}
      {isSealing && (
        <SealDialog
          onClose={() => setSealing(false)}
          onSaved={(path) => {
            setSealing(false);
            setSavedTo(path);
          }}
        />
      )}
    </>
  );
}
