// Runs axe in the real page, with the real layout: contrast counts here.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

const AXE = new URL(
  "../../ui/node_modules/axe-core/axe.min.js",
  import.meta.url,
);

/** Fails with the list of what axe finds in the page of `session`. */
export async function assertAccessible(session, where) {
  const axe = await readFile(AXE, "utf8");
  const script = `
    const done = arguments[arguments.length - 1];
    ${axe}
    axe.run(document, { resultTypes: ['violations'] }).then(
      ({ violations }) => done(violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' '))),
      (error) => done([String(error)]),
    );
  `;
  assert.deepEqual(
    await session.runAsync(script),
    [],
    `accessibility of ${where}`,
  );
}

/**
 * Fails when something is cut off where nothing brings it back: what is wider than its box, what is higher than a box
 * that does not scroll, and controls of which a part is outside. A name that ends in an ellipsis has its rest
 * in a tooltip or below.
 */
export async function assertFits(session, where) {
  assert.deepEqual(
    await session.run(MISFITS),
    [],
    `what does not fit in ${where}`,
  );
}

function nameOf(element) {
  const text = (element.getAttribute("aria-label") ?? element.textContent ?? "")
    .trim()
    .slice(0, 40);
  return `${element.localName}.${element.getAttribute("class") ?? ""} “${text}”`;
}

/** Words that are only heard, and controls that something else draws. */
function isUnseen(element) {
  const above = (box) =>
    box === null ? [] : [box, ...above(box.parentElement)];
  return (
    !element.checkVisibility({ opacityProperty: true }) ||
    above(element).some((box) => getComputedStyle(box).clipPath !== "none")
  );
}

/** A wide table is the one thing that is read by scrolling sideways. */
function holdsTable(element) {
  return element.querySelector(":scope > table") !== null;
}

/** What holds more than it shows. */
function overflowing() {
  return [...document.body.querySelectorAll("*")].flatMap((element) => {
    if (element instanceof HTMLInputElement || isUnseen(element)) {
      return [];
    }
    const style = getComputedStyle(element);
    const { scrollWidth, clientWidth, scrollHeight, clientHeight } = element;
    const isName =
      style.textOverflow === "ellipsis" && element.closest("[title]") !== null;
    if (isName || style.webkitLineClamp !== "none") {
      return [];
    }
    const isTooWide =
      style.overflowX !== "visible" &&
      !holdsTable(element) &&
      scrollWidth > clientWidth + ROUNDED;
    const isTooHigh =
      ["hidden", "clip"].includes(style.overflowY) &&
      scrollHeight > clientHeight + ROUNDED;
    return [
      ...(isTooWide
        ? [`${nameOf(element)}: ${scrollWidth} in a width of ${clientWidth}`]
        : []),
      ...(isTooHigh
        ? [`${nameOf(element)}: ${scrollHeight} in a height of ${clientHeight}`]
        : []),
    ];
  });
}

/** What cuts off a part of the control; undefined where nothing does. */
function cutBy(control) {
  const own = getComputedStyle(control);
  const { left, right, top, bottom } = control.getBoundingClientRect();
  // What is on it; its edge may lie over that of a cell.
  const seen = {
    left: left + parseFloat(own.paddingLeft),
    right: right - parseFloat(own.paddingRight),
    top: top + parseFloat(own.paddingTop),
    bottom: bottom - parseFloat(own.paddingBottom),
  };
  let isFixed = own.position === "fixed";
  for (
    let box = control.parentElement;
    box !== null && box !== document.body && !isFixed;
    box = box.parentElement
  ) {
    const style = getComputedStyle(box);
    const edge = box.getBoundingClientRect();
    // What scrolls brings the control into its own place.
    if (["auto", "scroll"].includes(style.overflowY)) {
      Object.assign(seen, { top: edge.top, bottom: edge.bottom });
    }
    if (holdsTable(box)) {
      Object.assign(seen, { left: edge.left, right: edge.right });
    }
    const isOverY =
      seen.top < edge.top - ROUNDED || seen.bottom > edge.bottom + ROUNDED;
    const isOverX =
      seen.left < edge.left - ROUNDED || seen.right > edge.right + ROUNDED;
    if (
      (style.overflowY !== "visible" && isOverY) ||
      (style.overflowX !== "visible" && isOverX)
    ) {
      return box;
    }
    isFixed = style.position === "fixed";
  }
  return seen.left < -ROUNDED || seen.right > innerWidth + ROUNDED
    ? document.documentElement
    : undefined;
}

function cutControls() {
  const controls =
    'a[href], button, input:not([hidden]), select, textarea, summary, [role="menuitem"], [role="switch"]';
  return [...document.body.querySelectorAll(controls)].flatMap((control) => {
    const box = isUnseen(control) ? undefined : cutBy(control);
    return box === undefined
      ? []
      : [`${nameOf(control)} is cut off by ${nameOf(box)}`];
  });
}

/** What does not fit, named for whoever looks for it, as the body of a function that the page runs. */
export const MISFITS = `
  // Parts of a pixel are rounded in either way.
  const ROUNDED = 1;
  ${[nameOf, isUnseen, holdsTable, overflowing, cutBy, cutControls].join("\n")}
  const { scrollWidth } = document.documentElement;
  const page = scrollWidth > innerWidth ? ['the page is ' + scrollWidth + ' wide in a window of ' + innerWidth] : [];
  return [...page, ...overflowing(), ...cutControls()];
`;
