import { useQuery } from '@tanstack/react-query';

import { Note } from '../../design/Notice';
import { client } from '../../ipc/client';
import { formatCount } from '../../lib/format';
import { useNow } from '../../lib/hooks';
import { messages } from '../../messages';

const SECOND_MS = 1000;

export interface ClipboardNoteProps {
  atMs: number;
  clearsInS: number;
  onClose: () => void;
}

/** How long copied words stay in the clipboard. It is read out once, not every second. */
export function ClipboardNote({ atMs, clearsInS, onClose }: ClipboardNoteProps) {
  const text = messages.onboarding.words;
  const nowMs = useNow(SECOND_MS);
  const leftS = Math.max(0, Math.ceil(clearsInS - (nowMs - atMs) / SECOND_MS));
  if (leftS === 0) {
    return <CopyEnded atMs={atMs} onClose={onClose} />;
  }
  return (
    <Note
      onClose={onClose}
      silent={<span className="tabular">{text.clearsIn(leftS, formatCount(leftS))}</span>}
    >
      {text.copied}
    </Note>
  );
}

/** What became of the words: only the shell can know, as a clipboard may refuse to be cleared. */
function CopyEnded({ atMs, onClose }: Pick<ClipboardNoteProps, 'atMs' | 'onClose'>) {
  const { words: text } = messages.onboarding;
  const end = useQuery({ queryKey: ['phrase-copy-end', atMs], queryFn: client.phraseCopyEnd, gcTime: 0 });
  if (end.isPending) {
    return <Note onClose={onClose}>{text.clearing}</Note>;
  }
  // No answer is no promise either.
  if (end.data?.cleared !== true) {
    return (
      <Note
        onClose={onClose}
        action={{
          text: messages.everywhere.retry,
          onPress: () => {
            end.refetch().catch(() => undefined);
          },
        }}
      >
        {text.notCleared}
      </Note>
    );
  }
  return <Note onClose={onClose}>{text.cleared}</Note>;
}
