import { Button } from '../../design/Button';
import { CommandError, Note } from '../../design/Notice';
import { Card } from '../../design/Screen';
import { client } from '../../ipc/client';
import { useCommand } from '../../ipc/useCommand';
import { plainName } from '../../lib/format';
import { messages } from '../../messages';
import { QrCode } from './QrCode';
import styles from './Wallet.module.css';

/** Where others send lumens to. */
export function Receive({ account }: { account: string }) {
  const { wallet } = messages;
  const copy = useCommand(client.walletCopy);
  return (
    <Card title={wallet.receive}>
      <p className={styles.quiet}>{wallet.receiveAbout}</p>
      <CommandError command={copy} />
      {copy.isDone && <Note onClose={copy.reset}>{wallet.copied}</Note>}
      <div className={styles.receive}>
        <QrCode text={account} label={wallet.qr(plainName(account))} />
        <div className={styles.address}>
          <code>{plainName(account)}</code>
          <Button isDisabled={copy.isRunning} onPress={() => copy.runOnce()}>
            {wallet.copy}
          </Button>
        </div>
      </div>
    </Card>
  );
}
