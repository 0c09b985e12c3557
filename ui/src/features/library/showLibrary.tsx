// The library for its tests, with what surrounds it in the window.

import { screen } from '@testing-library/react';
import { vi } from 'vitest';

import { WindowNotes } from '../../app/WindowNotes';
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
