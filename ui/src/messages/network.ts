export const network = {
  heading: 'Network',
  connection: 'Connection',
  name: 'Network',
  reachability: 'Reachable',
  public: 'Yes, directly',
  private: 'Behind a router, through relays or hole punching',
  unknown: 'Not known yet',
  relays: 'Relays',
  relayWords: (count: number, text: string) => {
    if (count === 0) {
      return 'No relay keeps a place for this computer yet: others can hardly begin to reach it';
    }
    return count === 1
      ? 'Others can reach this computer through 1 relay'
      : `Others can reach this computer through ${text} relays`;
  },
  peers: 'Peers',
  peerId: 'Peer id',
  listening: 'Addresses',
  noAddress: 'None',
  traffic: {
    title: 'Traffic',
    unknown: 'Not measured yet.',
    still: 'No data is being sent or received.',
    moving: (up: string, down: string) => `Sending ${up}, receiving ${down}.`,
    up: 'Sending',
    down: 'Receiving',
    plot: (up: string, down: string) =>
      `The last five minutes: sending at most ${up}, receiving at most ${down}.`,
    begin: '5 minutes ago',
    now: 'now',
    gap: 'Where the line is missing, nothing was measured: the window was hidden, Layr was not running, or the computer slept or was too busy.',
    total: (up: string, down: string) =>
      `${up} of data sent and ${down} received since the node started, your own and those of others.`,
  },
  hosts: 'Hosts',
  hostsAbout:
    'Computers that lend space, as far as this node knows them. Your parts go to those that can be reached directly.',
  noHosts: 'No host is known yet',
  noHostsAbout: 'Files can be stored as soon as enough hosts are found. This happens by itself.',
  host: 'Host',
  relayedOnly: 'Only through a relay: gets no parts',
  free: 'Offers',
  noAnswer: 'No answer yet',
  score: 'Experience',
  noScore: 'None yet',
  reputation: {
    new: 'New: not proven yet',
    vetted: 'Has proven itself',
    poor: 'Failed too often: gets nothing new',
  },
  leaving: (until: string) => `Leaves by ${until}: what is yours there moves to others`,
  stored: 'Yours there',
  parts: (count: number, text: string) => (count === 1 ? '1 part' : `${text} parts`),
  price: 'Price',
} as const;
