import axe from 'axe-core';
import { expect } from 'vitest';

/** Fails with the list of what axe finds. Contrast needs a real layout and is checked in the window test. */
export async function expectAccessible(container: Element): Promise<void> {
  const { violations } = await axe.run(container, { rules: { 'color-contrast': { enabled: false } } });
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
}
