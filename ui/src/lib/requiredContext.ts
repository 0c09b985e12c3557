import { createContext, use } from 'react';

/** A context that its users cannot do without, and the hook that reads it. */
export function requiredContext<Value>(name: string) {
  const Context = createContext<Value | null>(null);
  function useRequired(): Value {
    const value = use(Context);
    if (value === null) {
      throw new Error(`${name} is used outside of its provider`);
    }
    return value;
  }
  return [Context, useRequired] as const;
}
