import { describe, expect, it } from 'vitest';

import { fakeTransfer } from '../testing/fakeReports';
import { fakeError } from '../testing/fakeShell';
import { shellForTests } from '../testing/shellForTests';
import { useLiveTransfers } from './liveTransfers';

const shell = shellForTests();

const reportOf = (name: string) => ({ paused_all: false, transfers: [fakeTransfer({ name })] });
const shown = () => useLiveTransfers.getState().report?.transfers[0]?.name;

/** Questions of the page that wait for their answers, oldest first. */
function heldAnswers() {
  const answers: ((name: string) => void)[] = [];
  shell.on('transfers', () => new Promise((resolve) => answers.push((name) => resolve(reportOf(name)))));
  return answers;
}

describe('the live transfers', () => {
  it('keep what came unasked after the question was put', async () => {
    const answers = heldAnswers();
    const asked = useLiveTransfers.getState().refresh();
    useLiveTransfers.getState().set(reportOf('newer'));
    answers[0]?.('older');
    await asked;
    expect(shown()).toBe('newer');
  });

  it('take the answer to the later of two questions, whichever comes first', async () => {
    const answers = heldAnswers();
    const first = useLiveTransfers.getState().refresh();
    const second = useLiveTransfers.getState().refresh();
    answers[1]?.('second');
    await second;
    answers[0]?.('first');
    await first;
    expect(shown()).toBe('second');
    const third = useLiveTransfers.getState().refresh();
    answers[2]?.('third');
    await third;
    expect(shown()).toBe('third');
  });

  it('keep the last report when a newer one fails', async () => {
    useLiveTransfers.getState().set(reportOf('known'));
    shell.on('transfers', () => {
      throw fakeError('no_node', 'The node has stopped.');
    });
    await useLiveTransfers.getState().refresh();
    expect(shown()).toBe('known');
    expect(useLiveTransfers.getState().error?.code).toBe('no_node');
  });
});
