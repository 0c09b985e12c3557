// Where Tab leads, and what it should lead to.

const CONTROLS = 'a[href], button, input, select, textarea, summary, [tabindex="0"]';
const MAX_STOPS = 400;

/* These run in the page. */

/** What it is called, with a number of its own. A group of radio buttons is one stop. */
function described(element) {
  const target = (element.type === 'radio' && element.closest('[role=radiogroup]')) || element;
  window.layrTestIds ??= new Map();
  if (!window.layrTestIds.has(target)) {
    window.layrTestIds.set(target, window.layrTestIds.size);
  }
  const text = element.labels?.[0]?.innerText ?? element.getAttribute('aria-label') ?? element.innerText;
  return { id: window.layrTestIds.get(target), name: `${element.tagName} ${text.trim().slice(0, 60)}` };
}

function isUsable(element) {
  const isOffered = !element.disabled && element.tabIndex >= 0 && element.getClientRects().length > 0;
  return isOffered && element.checkVisibility({ visibilityProperty: true }) && !element.closest('[inert], [aria-hidden=true]');
}

/** Whether it, or what is drawn for it, has an outline. */
function isMarked(element) {
  for (let drawn = element, depth = 0; drawn !== null && depth < 3; drawn = drawn.parentElement, depth += 1) {
    const { outlineStyle, outlineWidth } = getComputedStyle(drawn);
    if (outlineStyle !== 'none' && outlineWidth !== '0px') {
      return true;
    }
  }
  return false;
}

/* These run in the test. */

function inPage(page, body) {
  return page.evaluate(`(() => { ${described} ${isUsable} ${isMarked} ${body} })()`);
}

/** Every control that can be seen and used; only those of the sheet while one is open. */
export function controls(page) {
  return inPage(page, `
    const sheet = document.querySelector('[role=dialog], [role=alertdialog]') ?? document;
    return [...sheet.querySelectorAll('${CONTROLS}')].filter(isUsable).map(described);`);
}

/** The stops of Tab, until a whole round has brought no new one: what comes or takes the focus meanwhile is met in the next. */
export async function walk(page) {
  const stops = new Map();
  let again = 0;
  for (let presses = 0; presses < MAX_STOPS; presses += 1) {
    await page.keyboard.press('Tab');
    const stop = await inPage(page, `
      const element = document.activeElement;
      return element === null || element === document.body
        ? null
        : { ...described(element), isMarked: isMarked(element) };`);
    if (stop !== null) {
      again = stops.has(stop.id) ? again + 1 : 0;
      stops.set(stop.id, stops.get(stop.id) ?? stop);
    }
    if (again > stops.size) {
      return [...stops.values()];
    }
  }
  throw new Error('Tab comes to no end');
}
