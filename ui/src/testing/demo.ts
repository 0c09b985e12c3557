// The page on the fake shell, for looking at screens without a node: `npm run dev`, then open
// /src/testing/demo.html?phase=running&files=100000#/library. It is no part of the build.

import type { NodeView } from '../ipc/bindings';
import { exampleViews } from './examples';
import { fakeFile, fakeFiles } from './fakeLibrary';
import { fakePreview, fakeTransfer } from './fakeReports';
import { FakeShell } from './fakeShell';

const wishes = new URLSearchParams(location.search);
const phase = wishes.get('phase') as NodeView['phase'] | null;
const shell = new FakeShell();
shell.view = exampleViews[phase ?? 'running'];
shell.files = wishes.get('files') === '0' ? [] : fakeFiles(Number(wishes.get('files') ?? '1000'));
shell.phraseConfirmed = wishes.get('phrase') !== 'open';
shell.settings = { ...shell.settings, theme: wishes.get('theme') === 'dark' ? 'dark' : 'system' };
if (wishes.has('transfers')) {
  const transfers = Array.from({ length: Number(wishes.get('transfers')) }, (_, index) =>
    fakeTransfer({ id: index + 1, name: `file ${index + 1}`, state: index < 3 ? 'running' : 'waiting' }),
  );
  shell.transfers = { paused_all: false, transfers };
}
if (wishes.has('paused')) {
  const later = new Date(Date.now() + 1_800_000).toISOString();
  const transfers = shell.transfers.transfers.map((transfer) =>
    transfer.finished === null ? { ...transfer, state: 'paused' as const, paused_with_all: true } : transfer,
  );
  shell.transfers = { paused_all: true, paused_until: later, transfers };
}
if (wishes.has('opened')) {
  shell.opened = fakePreview({ from: '/home/ada/Downloads/plan.layr' });
}
if (wishes.has('versions')) {
  shell.older = shell.files.map((file) => ({ ...file, version: 1 }));
  shell.files = shell.files.map((file) => ({ ...file, version: 2 }));
}
if (wishes.has('hostile')) {
  const names = ['/photo\u202Egpj.exe', `/${'long '.repeat(2000)}end.pdf`, `/${'x'.repeat(10_000)}`];
  shell.files = names.map((name, index) => fakeFile({ name, id: String(index) }));
}
shell.install();
Object.assign(window, { fakeShell: shell });
document.documentElement.dir = wishes.get('direction') ?? 'ltr';
await import('../main');
