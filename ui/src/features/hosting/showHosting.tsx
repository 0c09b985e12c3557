// For the tests of what is lent to others.

import { screen } from '@testing-library/react';

import { show } from '../../testing/show';
import { HostingScreen } from './HostingScreen';

export const TIMES = 'Times in which the speed limits hold';

export const value = (label: string) => screen.getByLabelText<HTMLInputElement>(label).value;

export const showHosting = () =>
  show(
    <main>
      <HostingScreen />
    </main>,
  );
