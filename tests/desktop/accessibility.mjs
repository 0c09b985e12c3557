// Runs axe in the real page, with the real layout: contrast counts here.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

const AXE = new URL('../../ui/node_modules/axe-core/axe.min.js', import.meta.url);

/** Fails with the list of what axe finds in the page of `session`. */
export async function assertAccessible(session, where) {
  const axe = await readFile(AXE, 'utf8');
  const script = `
    const done = arguments[arguments.length - 1];
    ${axe}
    axe.run(document, { resultTypes: ['violations'] }).then(
      ({ violations }) => done(violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' '))),
      (error) => done([String(error)]),
    );
  `;
  assert.deepEqual(await session.runAsync(script), [], `accessibility of ${where}`);
}

/**
 * Fails when something is cut off where nothing brings it back: what is wider than its box, what is higher than a box
 * that does not scroll, and controls of which a part is outside. A name that ends in an ellipsis has its rest
 * in a tooltip or below.
 */
export async function assertFits(session, where) {
  assert.deepEqual(await session.run(`return (${misfits})()`), [], `what does not fit in ${where}`);
}

/** What does not fit, named for whoever looks for it. It runs in the page and knows nothing outside of itself. */
export function misfits() {
  // Parts of a pixel are rounded in either way.
  const ROUNDED = 1;
  const CONTROLS = 'a[href], button, input:not([hidden]), select, textarea, summary, [role="menuitem"], [role="switch"]';
  const nameOf = (element) => {
    const text = (element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 40);
    return `${element.localName}.${element.getAttribute('class') ?? ''} “${text}”`;
  };
  const above = (element) => (element === null ? [] : [element, ...above(element.parentElement)]);
  // Words that are only heard, and controls that something else draws.
  const isUnseen = (element) =>
    !element.checkVisibility({ opacityProperty: true }) ||
    above(element).some((box) => getComputedStyle(box).clipPath !== 'none');
  // A wide table is the one thing that is read by scrolling sideways.
  const holdsTable = (element) => element.querySelector(':scope > table') !== null;
  const isScrolling = (overflow) => overflow === 'auto' || overflow === 'scroll';
  const isCut = (overflow) => overflow === 'hidden' || overflow === 'clip';
  const found = [];

  if (document.documentElement.scrollWidth > innerWidth) {
    found.push(`the page is ${document.documentElement.scrollWidth} wide in a window of ${innerWidth}`);
  }
  for (const element of document.body.querySelectorAll('*')) {
    const style = getComputedStyle(element);
    if (element instanceof HTMLInputElement || isUnseen(element)) {
      continue;
    }
    const { scrollWidth, clientWidth, scrollHeight, clientHeight } = element;
    const isName = style.textOverflow === 'ellipsis' && element.closest('[title]') !== null;
    const hasRest = isName || style.webkitLineClamp !== 'none';
    if (style.overflowX !== 'visible' && !hasRest && !holdsTable(element) && scrollWidth > clientWidth + ROUNDED) {
      found.push(`${nameOf(element)}: ${scrollWidth} in a width of ${clientWidth}`);
    }
    if (isCut(style.overflowY) && !hasRest && scrollHeight > clientHeight + ROUNDED) {
      found.push(`${nameOf(element)}: ${scrollHeight} in a height of ${clientHeight}`);
    }
  }
  for (const control of document.body.querySelectorAll(CONTROLS)) {
    if (isUnseen(control)) {
      continue;
    }
    const { left, right, top, bottom } = control.getBoundingClientRect();
    const own = getComputedStyle(control);
    // What is on it; its edge may lie over that of a cell.
    const seen = {
      left: left + parseFloat(own.paddingLeft),
      right: right - parseFloat(own.paddingRight),
      top: top + parseFloat(own.paddingTop),
      bottom: bottom - parseFloat(own.paddingBottom),
    };
    const outside = [];
    let isFixed = own.position === 'fixed';
    for (let box = control.parentElement; box !== null && box !== document.body && !isFixed; box = box.parentElement) {
      const style = getComputedStyle(box);
      const edge = box.getBoundingClientRect();
      // What scrolls brings the control into its own place.
      if (isScrolling(style.overflowY)) {
        Object.assign(seen, { top: edge.top, bottom: edge.bottom });
      } else if (isCut(style.overflowY) && (seen.top < edge.top - ROUNDED || seen.bottom > edge.bottom + ROUNDED)) {
        outside.push(box);
      }
      if (holdsTable(box)) {
        Object.assign(seen, { left: edge.left, right: edge.right });
      } else if (style.overflowX !== 'visible' && (seen.left < edge.left - ROUNDED || seen.right > edge.right + ROUNDED)) {
        outside.push(box);
      }
      isFixed = style.position === 'fixed';
    }
    if (seen.left < -ROUNDED || seen.right > innerWidth + ROUNDED) {
      outside.push(document.documentElement);
    }
    if (outside.length > 0) {
      found.push(`${nameOf(control)} is cut off by ${nameOf(outside[0])}`);
    }
  }
  return found;
}
