// For the tests of agreements.

import type { Money } from '../../ipc/bindings';
import { MoneyContext } from '../../lib/money';
import { show } from '../../testing/show';
import { AgreementsScreen, type AgreementsScreenProps } from './AgreementsScreen';

export const showAgreements = (
  money: Money | null = 'test',
  { isToRenew = false, onRenewSeen = () => undefined }: Partial<AgreementsScreenProps> = {},
) =>
  show(
    <MoneyContext value={money}>
      <main>
        <AgreementsScreen isToRenew={isToRenew} onRenewSeen={onRenewSeen} />
      </main>
    </MoneyContext>,
  );
