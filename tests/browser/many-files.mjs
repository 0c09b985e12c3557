// Makes a library large without a day of uploads.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { program } from '../desktop/app.mjs';

/** Puts so many empty files into the folder `/pictures` of a home whose node does not run. */
export async function manyFiles(home, count) {
  await promisify(execFile)(program('LAYR_MANY_FILES_BIN'), [join(home.dir, 'library.sqlite'), String(count)]);
}
