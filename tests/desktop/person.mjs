// What a person does with the page: go somewhere, press, choose, type, begin.

import { until } from './webdriver.mjs';

/** Opens the app on `home`, hands over its session, and closes it whatever happens. */
export async function inWindow(home, work, environment) {
  const app = await home.open(environment);
  try {
    return await work(app.session);
  } finally {
    await app.close();
  }
}

/** Goes to a screen and waits until the rail says that it is the current one. */
export async function show(session, screen) {
  await session.run(`location.hash = '#/${screen}'`);
  const name = `${screen[0].toUpperCase()}${screen.slice(1)}`;
  await until(`${name} is shown`, () =>
    session.run(`return document.querySelector('nav [aria-current=page]')?.innerText.trim() === '${name}'`),
  );
}

/** Presses the button with this text, as soon as it is there and can be pressed. */
export async function pressButton(session, text) {
  const find = `[...document.querySelectorAll('button')].find((button) => button.innerText.trim() === '${text}' && !button.disabled)`;
  await until(`there is a button ${text}`, () => click(session, find));
}

/** Chooses the option whose label begins with this text. */
export async function choose(session, text) {
  const find = `[...document.querySelectorAll('label')].find((label) => label.innerText.trim().startsWith('${text}'))`;
  await until(`there is a choice ${text}`, () => click(session, find));
}

/** Clicks what an expression finds, and says whether it was there: in one look, as the page may be drawn anew between two. */
function click(session, find) {
  return session.run(`const found = ${find}; found?.click(); return found !== undefined;`);
}

/** Puts text into all fields that `selector` names, as a person would: select what is there, then type over it. */
export async function type(session, selector, text) {
  const fields = `document.querySelectorAll('${selector}')`;
  const count = await session.run(`return ${fields}.length`);
  for (let index = 0; index < count; index += 1) {
    await session.run(`const field = ${fields}[${index}]; field.focus(); field.select();`);
    for (const key of text) {
      await session.press(key);
    }
  }
}

/** Asks for a new identity on the network inside the app. */
export async function beginTryOut(session) {
  await session.untilText('Welcome to Layr');
  await choose(session, 'Create a new identity');
  await session.untilText('Which network?');
  await choose(session, 'Try it out on this computer');
  await pressButton(session, 'Create');
}

/** Where the app finds no keyring it asks for a passphrase: with this one the identity is made, up to its words. */
export async function sealTryOut(session, passphrase) {
  await session.untilText('Choose a passphrase');
  await type(session, 'input[type=password]', passphrase);
  await pressButton(session, 'Create');
  await session.untilText('Your recovery phrase');
}
