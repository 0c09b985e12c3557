import { messages } from '../messages';
import type { UiError } from './bindings';

/** The parameter of an error that was no error of a command: what was thrown, for whoever mends the defect. */
const THROWN = 'thrown';

function isUiError(thrown: unknown): thrown is UiError {
  return (
    typeof thrown === 'object' &&
    thrown !== null &&
    'code' in thrown &&
    typeof thrown.code === 'string' &&
    'message' in thrown &&
    typeof thrown.message === 'string'
  );
}

/** Whatever a command threw, as the error of a command. What is no such error is a defect and is called one. */
export function toUiError(thrown: unknown): UiError {
  if (isUiError(thrown)) {
    return thrown;
  }
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return {
    code: 'internal',
    message: messages.everywhere.defect,
    retry: 'never',
    params: { [THROWN]: text },
  };
}

/** What was thrown in place of an error of a command; undefined where it was one. */
export function thrownText({ code, params }: UiError): string | undefined {
  const text = code === 'internal' ? params[THROWN] : undefined;
  return typeof text === 'string' ? text : undefined;
}
