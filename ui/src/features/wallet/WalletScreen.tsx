import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Wallet } from 'lucide-react';

import { Answered } from '../../design/Answered';
import { Button } from '../../design/Button';
import { EmptyState } from '../../design/EmptyState';
import { CommandError, Note } from '../../design/Notice';
import { Screen } from '../../design/Screen';
import { TestMoney } from '../../design/TestMoney';
import type { WalletReport } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { keys } from '../../ipc/keys';
import { refreshAnswers } from '../../ipc/refreshAnswers';
import { useAnswerOf } from '../../ipc/useAnswerOf';
import { useCommand } from '../../ipc/useCommand';
import { useFollowed } from '../../ipc/useFollowed';
import { useMoney } from '../../lib/money';
import { messages } from '../../messages';
import { Balance } from './Balance';
import { History } from './History';
import { hasUndecided } from './model';
import { Receive } from './Receive';
import { Send } from './Send';

/** Some ledgers of 5 s. */
const REFRESH_MS = 15_000;

export function WalletScreen() {
  const { wallet } = messages;
  if (useMoney() === null) {
    return (
      <Screen title={wallet.heading}>
        <EmptyState icon={Wallet} title={wallet.none} text={wallet.noneAbout} />
      </Screen>
    );
  }
  return <Account />;
}

function Account() {
  const { wallet } = messages;
  const queryClient = useQueryClient();
  const report = useFollowed(keys.wallet, client.wallet, REFRESH_MS);
  const history = useQuery({ queryKey: keys.walletHistory, queryFn: client.walletHistory, staleTime: 0 });
  const fund = useCommand(client.walletFund, useAnswerOf<WalletReport>(keys.wallet));
  const isFundable = report.data !== undefined && report.data.has_friendbot && !report.data.is_open;
  return (
    <Screen
      title={wallet.heading}
      actions={
        isFundable && (
          <Button look="primary" isDisabled={fund.isRunning} onPress={() => fund.runOnce()}>
            {fund.isRunning ? messages.everywhere.working : wallet.fund}
          </Button>
        )
      }
    >
      <TestMoney />
      <CommandError command={fund} />
      {fund.isDone && <Note onClose={fund.reset}>{wallet.funded}</Note>}
      <Answered query={report} failed={wallet.failed}>
        {(answer) => (
          <>
            <Balance report={answer} />
            <Receive account={answer.account} />
            {answer.is_open && (
              <Send
                isUndecided={hasUndecided(history.data)}
                onSent={() => refreshAnswers(queryClient, keys.money)}
              />
            )}
          </>
        )}
      </Answered>
      <History query={history} />
    </Screen>
  );
}
