// The library for its tests, with what surrounds it in the window.

import { act, screen, waitFor } from '@testing-library/react';
import { expect, vi } from 'vitest';

import { WindowNotes } from '../../app/WindowNotes';
import type { LibraryPageRequest } from '../../ipc/bindings';
import { fakePage } from '../../testing/fakeLibrary';
import type { FakeShell } from '../../testing/fakeShell';
import { show } from '../../testing/show';
import { LibraryProviders } from './LibraryProviders';
import { LibraryScreen, type LibraryScreenProps } from './LibraryScreen';

export function showLibrary(props: Partial<LibraryScreenProps> = {}) {
  const heard = {
    onState: vi.fn<LibraryScreenProps['onState']>(),
    onOpenDir: vi.fn<(dir: string) => void>(),
    onTrash: vi.fn<(isTrash: boolean) => void>(),
  };
  const onTransfers = vi.fn<() => void>();
  const page = show(
    <main>
      <LibraryProviders destination={props.dir ?? ''}>
        <WindowNotes onTransfers={onTransfers} />
        <LibraryScreen dir="" state={undefined} isTrash={false} {...heard} {...props} />
      </LibraryProviders>
    </main>,
  );
  return { ...page, ...heard, onTransfers };
}

export const grid = () => screen.findByRole('grid');
export const row = (name: RegExp) => screen.findByRole('row', { name });

/** Answers to the next questions for a page, as it is when it is asked for, only when they are released. */
export function holdPages(shell: FakeShell) {
  const held: (() => void)[] = [];
  shell.on('library_page', async (request: LibraryPageRequest) => {
    const page = fakePage(shell.files, request);
    await new Promise<void>((resolve) => held.push(resolve));
    return page;
  });
  return {
    underWay: () => held.length,
    release: async () => {
      await waitFor(() => expect(held.length).toBeGreaterThan(0));
      await act(async () => held.splice(0).forEach((release) => release()));
    },
  };
}
