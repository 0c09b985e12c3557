import { CommandError, Note } from '../../design/Notice';
import { messages } from '../../messages';
import { useCheck } from './useCheck';

/** That a check runs, what it found, or why it could not be done. */
export function CheckNotes() {
  const { check: text } = messages.library;
  const check = useCheck();
  return (
    <>
      {check.running !== null && (
        <Note action={{ text: text.stop, onPress: check.stop }}>{text.about(check.running)}</Note>
      )}
      <CommandError command={check.stopFailure} />
      {check.result !== null && <Note onClose={check.forgetResult}>{check.result}</Note>}
      <CommandError command={check.failure} title={text.failed(check.failedFor)} />
    </>
  );
}
