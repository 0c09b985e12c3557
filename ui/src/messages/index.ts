// Every sentence of the page, in one place, so that a translation is one more folder like this.

import { activity } from './activity';
import { agreements } from './agreements';
import { everywhere } from './everywhere';
import { hosting } from './hosting';
import { library } from './library';
import { limits } from './limits';
import { money } from './money';
import { network } from './network';
import { onboarding } from './onboarding';
import { settings } from './settings';
import { shell } from './shell';
import { status } from './status';
import { transfers } from './transfers';
import { wallet } from './wallet';

export const messages = {
  activity,
  agreements,
  everywhere,
  hosting,
  library,
  limits,
  money,
  network,
  onboarding,
  settings,
  shell,
  status,
  transfers,
  wallet,
} as const;
