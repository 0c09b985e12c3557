import { Note } from '../../design/Notice';
import { formatCount } from '../../lib/format';
import { useNow } from '../../lib/hooks';
import { messages } from '../../messages';

const SECOND_MS = 1000;

/** How long copied words stay in the clipboard. It is read out once, not every second. */
export function ClipboardNote({
  atMs,
  clearsInS,
  onClose,
}: {
  atMs: number;
  clearsInS: number;
  onClose: () => void;
}) {
  const text = messages.onboarding.words;
  const nowMs = useNow(SECOND_MS);
  const leftS = Math.max(0, Math.ceil(clearsInS - (nowMs - atMs) / SECOND_MS));
  if (leftS === 0) {
    return <Note onClose={onClose}>{text.cleared}</Note>;
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
