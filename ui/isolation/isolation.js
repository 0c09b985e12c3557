// Every message from the page to the node passes through here, in a frame that the page cannot reach. What is not on
// the list is dropped before it is encrypted, so a script smuggled into the page finds no more than these doors, even
// if a permission were granted by mistake.
const PASSED_COMMANDS = new Set(['node_view', 'retry_start', 'plugin:event|listen', 'plugin:event|unlisten']);

window.__TAURI_ISOLATION_HOOK__ = (message) => {
  if (!PASSED_COMMANDS.has(message.cmd)) {
    throw new Error(`The isolation frame refuses the command ${JSON.stringify(message.cmd)}.`);
  }
  return message;
};
