// A page as the window tests know it, so that what is asked of every screen is asked once.

/** What `look` of the window tests needs, over a page of Playwright. */
export function sessionOf(page) {
  return {
    run: (body) => page.evaluate(`(function () { ${body} })()`),
    runAsync: (body) => page.evaluate(`new Promise((done) => (function () { ${body} })(done))`),
    resize: (width, height) => page.setViewportSize({ width, height }),
    settled: () => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))),
    screenshot: () => page.screenshot({ animations: 'disabled' }),
  };
}
