import { createContext, use } from 'react';

/** The network inside the app: all its hosts are on this computer. No network file can have its name. */
const TRY_OUT = 'try-out';

export function isTryOut(network: string): boolean {
  return network === TRY_OUT;
}

/** Whether what is shown lies on the try-out network, where nothing may be called safe: one disk holds all of it. */
export const TryOutContext = createContext(false);

export function useIsTryOut(): boolean {
  return use(TryOutContext);
}
