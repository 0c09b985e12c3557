/** A host as people tell hosts apart: the end of its peer id, all of which is one hover away. */
export function HostCode({ peer }: { peer: string }) {
  return <code title={peer}>{`…${peer.slice(-8)}`}</code>;
}
