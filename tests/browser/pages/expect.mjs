// Waits as long outside of the test runner as in it, where its configuration does not count.

import { expect as base } from '@playwright/test';

import config from '../playwright.config.mjs';

export const expect = base.configure({ timeout: config.expect.timeout });
