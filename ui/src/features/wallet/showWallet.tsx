// For the tests of the wallet.

import type { Money } from '../../ipc/bindings';
import { MoneyContext } from '../../lib/money';
import { show } from '../../testing/show';
import { WalletScreen } from './WalletScreen';

export const showWallet = (money: Money | null = 'test') =>
  show(
    <MoneyContext value={money}>
      <main>
        <WalletScreen />
      </main>
    </MoneyContext>,
  );
