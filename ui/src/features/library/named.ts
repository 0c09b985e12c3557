import type { ListedFile, UiError } from '../../ipc/bindings';
import { toUiError } from '../../ipc/errors';
import { baseName, shortName } from '../../lib/format';

/** What the shell calls a row by, with the marks around it. */
const SHOWN_ID = /[“"]?(?<id>[0-9a-f]{16,})[”"]?/gu;

type NamedFile = Pick<ListedFile, 'id' | 'name'>;

function withNames(error: UiError, files: readonly NamedFile[]): UiError {
  const message = error.message.replace(SHOWN_ID, (shown, id: string) => {
    const file = files.find((one) => one.id === id);
    return file === undefined ? shown : `“${shortName(baseName(file.name))}”`;
  });
  return { ...error, message };
}

/** Gives the shell a command on these rows. It is given ids, and names them so where it fails: a person knows names only. */
export async function named<Answer>(
  files: readonly NamedFile[],
  command: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await command();
  } catch (thrown) {
    throw withNames(toUiError(thrown), files);
  }
}
