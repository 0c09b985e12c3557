import { CommandError, Note } from '../../design/Notice';
import type { HostWork } from './useHostWork';

/** What is said of work at hosts. */
export interface HostWorkWords {
  about: (what: string) => string;
  stop: string;
  failed: (what: string) => string;
}

/** That it runs, what came of it, or why it could not be done. */
export function HostWorkNotes({ work, text }: { work: HostWork; text: HostWorkWords }) {
  return (
    <>
      {work.running !== null && (
        <Note action={{ text: text.stop, onPress: work.stop }}>{text.about(work.running)}</Note>
      )}
      <CommandError command={work.stopFailure} />
      {work.result !== null && <Note onClose={work.forgetResult}>{work.result}</Note>}
      <CommandError command={work.failure} title={text.failed(work.failedFor)} />
    </>
  );
}
