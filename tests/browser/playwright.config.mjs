import { defineConfig } from '@playwright/test';

// Run by `cargo xtask test --only browser`, which builds the programs and names them in the environment.
export default defineConfig({
  testMatch: '*.spec.mjs',
  // A network of processes and a browser at a time are enough for two cores.
  workers: 1,
  retries: 0,
  forbidOnly: process.env.CI !== undefined,
  // Generous: the machines share their cores, and keys are derived from passphrases at full cost.
  timeout: 600_000,
  // Three times what all of them take: a process that hangs shall not take the other steps' time.
  globalTimeout: 2_400_000,
  expect: { timeout: 120_000 },
  outputDir: process.env.LAYR_BROWSER_OUTPUT ?? '../../target/browser-tests',
  reporter: [['list'], ['./last-words.mjs']],
  use: {
    browserName: 'chromium',
    viewport: { width: 1280, height: 800 },
    actionTimeout: 120_000,
    trace: 'off',
    launchOptions: {
      // The system's: the project downloads no browser of its own.
      executablePath: process.env.LAYR_CHROMIUM ?? '/usr/bin/chromium',
    },
  },
});
