import { formatAgo, formatTime } from '../../lib/time';

/** How long ago something was, with the exact time behind it. */
export function Ago({ at, nowMs }: { at: string; nowMs: number }) {
  return (
    <time dateTime={at} title={formatTime(at)}>
      {formatAgo(at, nowMs)}
    </time>
  );
}
