import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';

import type { NodeDoor, NodeView } from './node';

/** The node of this process, behind the desktop shell. */
export const shellNode: NodeDoor = {
  view: () => invoke<NodeView>('node_view'),
  watch: (onChange) => listen<NodeView>('node-view', (event) => onChange(event.payload)),
  retryStart: () => invoke('retry_start'),
};
