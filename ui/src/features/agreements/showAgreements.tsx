// For the tests of agreements.

import type { Money } from '../../ipc/bindings';
import { MoneyContext } from '../../lib/money';
import { show } from '../../testing/show';
import { AgreementsScreen } from './AgreementsScreen';

export const showAgreements = (money: Money | null = 'test') =>
  show(
    <MoneyContext value={money}>
      <main>
        <AgreementsScreen />
      </main>
    </MoneyContext>,
  );
