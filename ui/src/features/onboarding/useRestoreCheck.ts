import { useState } from 'react';

import type { RestorePreview, RestoreSource } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { useCommand } from '../../ipc/useCommand';

/** Asks whom the words stand for, and keeps the answer until it is looked at the words again. */
export function useRestoreCheck() {
  const [preview, setPreview] = useState<RestorePreview | null>(null);
  const check = useCommand((source: RestoreSource) => client.onboardingCheck({ source }), setPreview, {
    isSecret: true,
  });
  return {
    preview,
    run: check.runOnce,
    isRunning: check.isRunning,
    error: check.error,
    forget: () => setPreview(null),
  };
}
