import { beforeAll, describe, expect, it, vi } from 'vitest';

interface Files {
  readdirSync(path: string, options: { recursive: true }): string[];
  readFileSync(path: string, code: 'utf8'): string;
}

const sheets = new Map<string, string>();

beforeAll(async () => {
  // The page knows no files, so it has no types for them.
  const { readdirSync, readFileSync } = await vi.importActual<Files>('node:fs');
  for (const name of readdirSync('src', { recursive: true }).filter((path) => path.endsWith('.css'))) {
    sheets.set(name, readFileSync(`src/${name}`, 'utf8').replace(/\/\*[^]*?\*\//gu, ''));
  }
});

const sheet = (name: string) => sheets.get(name) ?? '';

/** A rule by the beginning of its selector. */
function ruleOf(css: string, selector: string): string {
  return css.slice(css.indexOf(`${selector} {`)).split('}')[0] ?? '';
}

/** What moves for longer than a frame, outside of what is only for those who have nothing against motion. */
function motions(css: string): string[] {
  const calm = css.replace(
    /@media \(prefers-reduced-motion: no-preference\) \{(?:[^{}]*\{[^{}]*\})*\s*\}/gu,
    '',
  );
  const declared = calm.match(/(?:transition|animation)(?:-duration)?:[^;]+;/gu) ?? [];
  return declared.filter((text) => !/^animation: \w+ 1ms\b/u.test(text));
}

const button = (id: string) => `<button class="button" id="${id}" data-look="primary"></button>`;
const notice = (id: string) => `<div data-kind="error">${button(id)}</div>`;

describe('the style sheets', () => {
  it('move nothing for whoever asked for less motion', () => {
    expect(sheets.size).toBeGreaterThan(20);
    expect([...sheets].filter(([, css]) => motions(css).length > 0).map(([name]) => name)).toEqual([]);
    expect(sheet('design/tokens.css')).toContain('@media (prefers-reduced-motion: no-preference)');
  });

  it.each([
    ['design/Screen.module.css', '.bone'],
    ['app/App.module.css', '.waiting'],
  ])('show that something is awaited only after 300 ms: %s', (name, selector) => {
    const rule = ruleOf(sheet(name), selector);
    expect(rule).toContain('opacity: 0;');
    expect(rule).toContain('animation: appear 1ms 300ms forwards;');
    expect(sheet(name)).toMatch(/@keyframes appear \{\s*to \{\s*opacity: 1;/u);
  });

  it('leave one button primary where a notice has one', () => {
    const css = sheet('design/Button.module.css');
    const [, selector = ''] = /\n(main:has[^{]+)\{/u.exec(css) ?? [];
    const receding = (page: string) => {
      document.body.innerHTML = `<main>${page}</main>`;
      return [...document.querySelectorAll('button')]
        .filter((found) => found.matches(selector))
        .map(({ id }) => id);
    };
    expect(receding(`${notice('first')}${notice('second')}<form>${button('own')}</form>`)).toEqual([
      'second',
      'own',
    ]);
    expect(receding(button('own'))).toEqual([]);
    expect(receding(`<div data-kind="error"></div>${button('own')}`)).toEqual([]);
  });

  it('cut off what is in a row, and no button of the head', () => {
    const css = sheet('features/library/FileTable.module.css');
    const columns = ['name', 'number', 'date', 'health', 'state', 'left'];
    const cells = columns.map((name) => `<div class="${name}"></div>`).join('');
    document.head.innerHTML = `<style>${css}</style>`;
    document.body.innerHTML = `<div class="headRow">${cells}</div><div class="row">${cells}</div>`;
    const cut = (row: string) =>
      columns.filter((name) => {
        const cell = document.querySelector(`.${row} > .${name}`);
        return cell !== null && getComputedStyle(cell).overflow === 'hidden';
      });
    expect(cut('row')).toEqual(['date', 'state', 'left']);
    expect(cut('headRow')).toEqual([]);
  });
});
