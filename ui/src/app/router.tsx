import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  redirect,
  useRouter,
} from '@tanstack/react-router';

import { ActivityScreen } from '../features/activity/ActivityScreen';
import { AgreementsScreen } from '../features/agreements/AgreementsScreen';
import { HostingScreen } from '../features/hosting/HostingScreen';
import { uncover, wayToLibrary } from '../features/library/libraryPlaces';
import { LibraryScreen } from '../features/library/LibraryScreen';
import { NetworkScreen } from '../features/network/NetworkScreen';
import { PhraseScreen } from '../features/onboarding/PhraseScreen';
import { SettingsScreen } from '../features/settings/SettingsScreen';
import { TransfersScreen } from '../features/transfers/TransfersScreen';
import { WalletScreen } from '../features/wallet/WalletScreen';
import type { LibraryState } from '../ipc/bindings';
import { BrokenScreen } from './BrokenScreen';
import { isKnownPlace } from './screens';
import { useRunningNode } from './runningNode';
import { Shell } from './Shell';

interface LibrarySearch {
  dir?: string;
  state?: LibraryState;
  trash?: boolean;
  /** The name of the row in `dir` to stand on. */
  at?: string;
}

const rootRoute = createRootRoute({
  component: Shell,
  // An address from outside that names no screen leads to the library.
  notFoundComponent: LibraryRoute,
});

const indexRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: () => {
    // The way the router is told to go elsewhere.
    // eslint-disable-next-line no-throw-literal, typescript/only-throw-error
    throw redirect({ to: '/library' });
  },
});

const libraryRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/library',
  validateSearch: (search: Record<string, unknown>): LibrarySearch => ({
    ...(typeof search['dir'] === 'string' && search['dir'] !== '' ? { dir: search['dir'] } : {}),
    ...(search['state'] === 'safe' || search['state'] === 'waiting' || search['state'] === 'at_risk'
      ? { state: search['state'] }
      : {}),
    ...(search['trash'] === true ? { trash: true } : {}),
    ...(typeof search['at'] === 'string' && search['at'] !== '' ? { at: search['at'] } : {}),
  }),
  component: LibraryRoute,
});

function LibraryRoute() {
  const search: LibrarySearch = libraryRoute.useSearch({ shouldThrow: false }) ?? {};
  const navigate = libraryRoute.useNavigate();
  const { history } = useRouter();
  const dir = search.dir ?? '';
  return (
    <LibraryScreen
      // What was searched for in the library is not what is searched for in the trash.
      key={search.trash === true ? 'trash' : 'library'}
      dir={dir}
      state={search.state}
      isTrash={search.trash === true}
      onState={(state) =>
        navigate({
          to: '/library',
          search: { ...(dir === '' ? {} : { dir }), ...(state === undefined ? {} : { state }) },
        })
      }
      at={search.at}
      onOpenDir={(opened, at) =>
        navigate({
          to: '/library',
          search: { ...(opened === '' ? {} : { dir: opened }), ...(at === undefined ? {} : { at }) },
        })
      }
      onTrash={(isTrash) => {
        if (isTrash) {
          return navigate({ to: '/library', search: { trash: true } });
        }
        history.push(wayToLibrary(false));
        return undefined;
      }}
    />
  );
}

const transfersRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/transfers',
  component: TransfersScreen,
});
const agreementsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/agreements',
  // A notification asks what renewing would cost.
  validateSearch: (search: Record<string, unknown>): { renew?: 'all' } =>
    search['renew'] === 'all' ? { renew: 'all' } : {},
  component: function AgreementsRoute() {
    const navigate = agreementsRoute.useNavigate();
    const { renew } = agreementsRoute.useSearch();
    return (
      <AgreementsScreen
        isToRenew={renew === 'all'}
        onRenewSeen={() => navigate({ to: '/agreements', search: {}, replace: true })}
      />
    );
  },
});

const hostingRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/hosting',
  component: HostingScreen,
});
const networkRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/network',
  component: function NetworkRoute() {
    return <NetworkScreen status={useRunningNode().status} />;
  },
});
const walletRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/wallet',
  component: WalletScreen,
});

const activityRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/activity',
  component: function ActivityRoute() {
    const { history } = useRouter();
    const open = (place: string) => {
      uncover(place);
      history.push(place);
    };
    return <ActivityScreen leadsTo={isKnownPlace} onOpen={open} />;
  },
});
const settingsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/settings',
  component: function SettingsRoute() {
    const navigate = settingsRoute.useNavigate();
    const { home, status } = useRunningNode();
    return <SettingsScreen home={home} owner={status.owner} onPhrase={() => navigate({ to: '/phrase' })} />;
  },
});
const phraseRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/phrase',
  component: function PhraseRoute() {
    const navigate = phraseRoute.useNavigate();
    return <PhraseScreen onClose={() => navigate({ to: '/library' })} />;
  },
});

const routeTree = rootRoute.addChildren([
  indexRoute,
  libraryRoute,
  transfersRoute,
  agreementsRoute,
  hostingRoute,
  networkRoute,
  walletRoute,
  activityRoute,
  settingsRoute,
  phraseRoute,
]);

export function newRouter() {
  return createRouter({ routeTree, history: createHashHistory(), defaultErrorComponent: BrokenScreen });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof newRouter>;
  }
}
