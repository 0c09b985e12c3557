import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// The port is the one that tauri.conf.json names as `devUrl`.
export default defineConfig({
  plugins: [react()],
  clearScreen: false,
  server: { port: 1420, strictPort: true, fs: { allow: ['.', '../icons'] } },
  build: {
    // WebKitGTK 2.50 and every newer web view understand it.
    target: 'es2022',
    // The content security policy forbids `data:` style sheets and scripts, so nothing is inlined.
    assetsInlineLimit: 0,
    // It is read from this computer's disk, so one larger file is no slower than three: no screen is left for later. A
    // tenth above what it takes now: a library that comes in by mistake is still told of.
    chunkSizeWarningLimit: 900,
  },
  test: {
    environment: 'jsdom',
    setupFiles: ['src/testing/setup.ts'],
    css: { modules: { classNameStrategy: 'non-scoped' } },
    // Generous: continuous integration shares two cores with other builds.
    testTimeout: 30_000,
  },
});
