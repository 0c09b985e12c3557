// What the page knows of the node. The shapes are those of `layr status --json` (layr-node `api.rs`) and of the
// shell's `NodeView` (src-tauri/src/view.rs); a Rust test holds the examples in `examples/` against both sides.

/** Shards of the worst file: how many are stored, how many suffice, how many were meant to exist. */
export interface Health {
  alive: number;
  needed: number;
  total: number;
}

export interface Transfer {
  id: number;
  kind: string;
  name: string;
  done_bytes: number;
  total_bytes: number;
}

export interface NodeStatus {
  peer_id: string;
  owner: string;
  listening: string[];
  reachability: 'public' | 'private' | 'unknown';
  peers: number;
  network: string;
  files: number;
  bytes: number;
  health: Health | null;
  transfers: Transfer[];
  agreements: number;
  balance_xlm: string | null;
  hosting: { used_bytes: number; reserved_bytes: number; quota_bytes: number };
}

/** The one thing the page shows: where the node of this window stands. */
export type NodeView =
  | { phase: 'starting' }
  | { phase: 'running'; home: string; status: NodeStatus }
  | { phase: 'no_identity'; home: string; command: string }
  | { phase: 'home_in_use'; home: string; pid: number | null; command: string }
  | { phase: 'locked'; home: string; message: string }
  | { phase: 'failed'; home: string; code: string; message: string };

/** The door to the node. The desktop app has one (`shell.ts`), tests bring their own. */
export interface NodeDoor {
  /** The view as it is now. */
  view(): Promise<NodeView>;
  /** Calls back on every change until the returned function is called. */
  watch(onChange: (view: NodeView) => void): Promise<() => void>;
  /** Tries to start the node again after the person did what the view asked for. */
  retryStart(): Promise<void>;
}
