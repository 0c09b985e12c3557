import { cleanup, configure } from '@testing-library/react';
import { afterEach } from 'vitest';

// Generous, as the time of a test is: continuous integration shares two cores with other builds.
configure({ asyncUtilTimeout: 10_000 });

// No test sees the page of the one before: Testing Library does this itself only where `afterEach` is a global.
afterEach(cleanup);

// jsdom lays nothing out. The list of files draws what fits into its frame, so the frame gets a size.

const FRAME_WIDTH = 1000;
const FRAME_HEIGHT = 720;

Object.defineProperties(HTMLElement.prototype, {
  offsetWidth: { configurable: true, get: () => FRAME_WIDTH },
  offsetHeight: { configurable: true, get: () => FRAME_HEIGHT },
  clientHeight: { configurable: true, get: () => FRAME_HEIGHT },
});
Element.prototype.scrollTo ??= () => undefined;
window.scrollTo = () => undefined;
// No media query holds: what only a wide window shows is shown by a test itself.
window.matchMedia ??= (media) =>
  Object.assign(new EventTarget(), { media, matches: false, onchange: null }) as MediaQueryList;
// React Aria looks for elements by attributes that it escapes.
globalThis.CSS ??= { escape: (text: string) => text.replace(/[^\w-]/gu, '\\$&') } as typeof CSS;
