// Stands where the window puts its own door, and leads to the bridge instead: the page of the app runs here as it is.
// Served by the bridge only, in front of the page's script.
'use strict';

{
  const token = new URLSearchParams(location.search).get('token') ?? '';
  const callbacks = new Map();
  const listeners = new Map();
  let lastId = 0;

  const socket = new WebSocket(`ws://${location.host}/events?token=${token}`);
  const isOpen = new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('close', () => reject(new Error('The bridge tells of no events.')));
  });
  // The first listener reports it.
  isOpen.catch(() => undefined);
  socket.addEventListener('message', ({ data }) => {
    const { event, payload } = JSON.parse(data);
    for (const id of [...(listeners.get(event) ?? [])]) {
      callbacks.get(id)?.({ event, id, payload });
    }
  });

  async function ask(command, args) {
    const response = await fetch('/ask', {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ command, arguments: args }),
    });
    const answer = await response.json();
    if (!response.ok) {
      throw answer;
    }
    return answer;
  }

  /** What is told is known to the page only: the permission to listen is the window's affair. */
  async function listen({ event, handler }) {
    await isOpen;
    listeners.set(event, (listeners.get(event) ?? new Set()).add(handler));
    return handler;
  }

  const isolated = window.__TAURI_ISOLATION_HOOK__;

  async function invoke(cmd, args = {}) {
    isolated({ cmd, payload: args });
    switch (cmd) {
      case 'plugin:event|listen':
        return listen(args);
      case 'plugin:event|unlisten':
        return listeners.get(args.event)?.delete(args.eventId);
      default:
        return ask(cmd, args);
    }
  }

  function transformCallback(callback, once = false) {
    const id = (lastId += 1);
    callbacks.set(id, (payload) => {
      if (once) {
        callbacks.delete(id);
      }
      return callback?.(payload);
    });
    return id;
  }

  const unregisterCallback = (id) => callbacks.delete(id);
  window.__TAURI_INTERNALS__ = { invoke, transformCallback, unregisterCallback };
  window.__TAURI_EVENT_PLUGIN_INTERNALS__ = { unregisterListener: (_event, id) => unregisterCallback(id) };
  // As the window does it.
  Object.freeze(Object.prototype);
}
