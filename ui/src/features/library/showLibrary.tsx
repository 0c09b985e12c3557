// The library for its tests, with what surrounds it in the window.

import { screen } from '@testing-library/react';
import { vi } from 'vitest';

import { WindowNotes } from '../../app/WindowNotes';
import { show } from '../../testing/show';
import { CheckProvider } from './CheckProvider';
import { ExportAllProvider } from './ExportAllProvider';
import { ImportProvider } from './ImportProvider';
import { LibraryScreen, type LibraryScreenProps } from './LibraryScreen';
import { UploadProvider } from './UploadProvider';

export function showLibrary(props: Partial<LibraryScreenProps> = {}) {
  const heard = {
    onState: vi.fn<LibraryScreenProps['onState']>(),
    onOpenDir: vi.fn<(dir: string) => void>(),
    onTrash: vi.fn<(isTrash: boolean) => void>(),
    onTransfers: vi.fn<() => void>(),
  };
  const page = show(
    <main>
      <UploadProvider destination={props.dir ?? ''}>
        <ImportProvider>
          <ExportAllProvider>
            <CheckProvider>
              <WindowNotes onTransfers={heard.onTransfers} />
              <LibraryScreen dir="" state={undefined} isTrash={false} {...heard} {...props} />
            </CheckProvider>
          </ExportAllProvider>
        </ImportProvider>
      </UploadProvider>
    </main>,
  );
  return { ...page, ...heard };
}

export const grid = () => screen.findByRole('grid');
export const row = (name: RegExp) => screen.findByRole('row', { name });
