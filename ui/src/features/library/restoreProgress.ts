import { create } from 'zustand';

interface RestoreProgress {
  /** How far a restore of several entries has come; null while none runs. */
  of: { done: number; total: number } | null;
  /** The person wants no more of it. */
  isStopping: boolean;
}

/** Outside of the screens, as it is a counter. */
export const useRestoreProgress = create<RestoreProgress>()(() => ({ of: null, isStopping: false }));
