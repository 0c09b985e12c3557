import type { UiError } from './bindings';

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
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: 'internal', message, retry: 'never', params: {} };
}
