// Every sentence of the page, in one place, so that a translation is one more folder like this.

import { activity } from './activity';
import { everywhere } from './everywhere';
import { hosting } from './hosting';
import { library } from './library';
import { limits } from './limits';
import { network } from './network';
import { onboarding } from './onboarding';
import { settings } from './settings';
import { shell } from './shell';
import { status } from './status';
import { transfers } from './transfers';

export const messages = {
  activity,
  everywhere,
  hosting,
  library,
  limits,
  network,
  onboarding,
  settings,
  shell,
  status,
  transfers,
} as const;
