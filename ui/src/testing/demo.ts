// The page on the fake shell, for looking at screens without a node: `npm run dev`, then open
// /src/testing/demo.html?phase=running&files=100000#/library. It is no part of the build.

import type { NodeView } from '../ipc/bindings';
import { exampleViews } from './examples';
import { fakeFiles } from './fakeLibrary';
import { FakeShell } from './fakeShell';

const wishes = new URLSearchParams(location.search);
const phase = wishes.get('phase') as NodeView['phase'] | null;
const shell = new FakeShell();
shell.view = exampleViews[phase ?? 'running'];
shell.files = wishes.get('files') === '0' ? [] : fakeFiles(Number(wishes.get('files') ?? '1000'));
shell.phraseConfirmed = wishes.get('phrase') !== 'open';
shell.settings = { ...shell.settings, theme: wishes.get('theme') === 'dark' ? 'dark' : 'system' };
shell.install();
Object.assign(window, { fakeShell: shell });
document.documentElement.dir = wishes.get('direction') ?? 'ltr';
await import('../main');
