import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import type { StatusReport } from '../../ipc/bindings';
import { expectAccessible } from '../../testing/accessibility';
import { exampleViews } from '../../testing/examples';
import { fakeHosts } from '../../testing/fakeReports';
import { fakeError } from '../../testing/fakeShell';
import { show } from '../../testing/show';
import { shellForTests } from '../../testing/shellForTests';
import { NetworkScreen } from './NetworkScreen';

const shell = shellForTests();

function showNetwork(changes: Partial<StatusReport> = {}) {
  return show(
    <main>
      <NetworkScreen status={{ ...exampleViews.running.status, ...changes }} />
    </main>,
  );
}

describe('the network', () => {
  it('is told in plain words, with the hosts that hold most first', async () => {
    const { container, text } = showNetwork();
    const table = within(await screen.findByRole('table'));
    expect(text()).toContain('Behind a router');
    expect(text()).toContain('/ip4/192.168.1.20/tcp/4100');
    expect(table.getAllByRole('row')[1]?.textContent).toContain('1,320 parts');
    expect(table.getAllByText('No answer yet').length).toBeGreaterThan(0);
    expect(table.getAllByText('New: not proven yet').length).toBeGreaterThan(0);
    expect(table.getAllByText('Failed too often: gets nothing new').length).toBeGreaterThan(0);
    await expectAccessible(container);
  });

  it('has the whole id and the addresses of a host within reach of keys, as text', async () => {
    const person = userEvent.setup();
    const host = fakeHosts().hosts.find(({ relayed_only: isRelayed }) => !isRelayed);
    shell.on('network_hosts', () => ({ hosts: [host] }));
    const { container } = showNetwork();
    const row = within((await screen.findAllByRole('row'))[1] ?? document.body);
    const address = row.getByText('/ip4/10.0.0.1/udp/4100/quic-v1');
    const summary = container.querySelector('summary');
    expect(address.closest('details')?.open).toBe(false);
    await person.tab();
    while (document.activeElement !== summary && document.activeElement !== document.body) {
      // eslint-disable-next-line no-await-in-loop -- one stop after the other
      await person.tab();
    }
    expect(document.activeElement).toBe(summary);
    await person.click(summary ?? document.body);
    expect(address.closest('details')?.open).toBe(true);
    expect(row.getByText(host?.peer_id ?? '')).toBeDefined();
    expect(row.queryByText('Only through a relay: gets no parts')).toBeNull();
    await expectAccessible(container);
  });

  it.each([
    ['private', 0, /No relay keeps a place for this computer yet/u],
    ['private', 1, /through 1 relay$/u],
    ['unknown', 2, /through 2 relays$/u],
  ] as const)('says how relays help a node that is %s: %d', async (reachability, relays, words) => {
    const { container } = showNetwork({ reachability, relays });
    expect(screen.getByText(words)).toBeDefined();
    await expectAccessible(container);
  });

  it('says nothing of relays where none is needed', () => {
    const { text } = showNetwork({ reachability: 'public', relays: 0 });
    expect(text()).not.toContain('Relays');
  });

  it('says which hosts leave', async () => {
    const hosts = fakeHosts().hosts.slice(0, 2);
    const [leaves] = hosts;
    shell.on('network_hosts', () => ({
      hosts: [{ ...leaves, leaves_at: '2026-12-06T10:00:00Z' }, hosts[1]],
    }));
    showNetwork();
    await screen.findByRole('table');
    expect(
      screen.getAllByText(/^Leaves by Dec 6, 2026.*: what is yours there moves to others$/u),
    ).toHaveLength(1);
  });

  it('says of which hosts get no parts', async () => {
    const relayed = fakeHosts().hosts.filter(({ relayed_only: isRelayed }) => isRelayed);
    showNetwork();
    await screen.findByRole('table');
    expect(screen.getAllByText('Only through a relay: gets no parts')).toHaveLength(relayed.length);
  });

  it('says that no host and no address is known', async () => {
    shell.on('network_hosts', () => ({ hosts: [] }));
    const { container, text } = showNetwork({ listening: [], reachability: 'unknown', peers: 0 });
    await screen.findByText('No host is known yet');
    expect(text()).toContain('Not known yet');
    expect(text()).toContain('None');
    await expectAccessible(container);
  });

  it('shows what hosts call themselves as text, from right to left as well', async () => {
    document.documentElement.dir = 'rtl';
    const host = {
      peer_id: 'x\u202Egpj',
      addresses: ['\u202E/ip4'],
      offer: null,
      score: null,
      reputation: 'new',
      shards: 1,
      bytes: 1,
    };
    shell.on('network_hosts', () => ({ hosts: [host] }));
    const { container } = showNetwork({ network: 'a\u202Eb' });
    await screen.findByText('1 part, 1 byte');
    expect(container.innerHTML).not.toContain('\u202E');
    await expectAccessible(container);
  });

  it('says why the hosts could not be asked', async () => {
    shell.on('network_hosts', () => {
      throw fakeError('network_unreachable', 'There is no network.', 'automatic');
    });
    showNetwork();
    await screen.findByText('There is no network.');
  });
});
