// What the page may ask of the shell, asked past the page's own code.

/** Calls a command of the shell and returns its answer; a refusal is an error with the shell's sentence. */
export async function ask(session, command, request) {
  const script = `
    const done = arguments[arguments.length - 1];
    const args = arguments[1] === null ? {} : { request: arguments[1] };
    window.__TAURI_INTERNALS__.invoke(arguments[0], args).then((answer) => done({ answer }), (error) => done({ error }));
  `;
  const { answer, error } = await session.runAsync(script, command, request ?? null);
  if (error !== undefined && error !== null) {
    throw new Error(`${command}: ${error.message ?? JSON.stringify(error)}`);
  }
  return answer;
}
