import { create } from 'zustand';

/** How far a restore of several entries has come; null while none runs. Outside of the screens, as it is a counter. */
export const useRestoreProgress = create<{ of: { done: number; total: number } | null }>()(() => ({
  of: null,
}));
