// What the app's processes cost, from what the kernel counts.

import { readdir, readFile } from 'node:fs/promises';

/** Ticks of the kernel's clock a second, the same on every Linux that this runs on. */
const TICKS_PER_S = 100;

async function read(pid, file) {
  return readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
}

/** The fields of `/proc/PID/stat` after the name, which may hold anything. */
async function fields(pid) {
  const text = await read(pid, 'stat');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** The process and all that it started, directly or not. */
export async function family(pid) {
  const parents = new Map();
  for (const name of (await readdir('/proc')).filter((entry) => /^\d+$/u.test(entry))) {
    parents.set(Number(name), Number((await fields(name))[1]));
  }
  const members = [pid];
  for (const member of members) {
    members.push(...[...parents].filter(([, parent]) => parent === member).map(([child]) => child));
  }
  return members;
}

/** Seconds of processor time that the processes have used. */
export async function cpuSeconds(pids) {
  const each = await Promise.all(pids.map(fields));
  return each.reduce((sum, found) => sum + Number(found[11] ?? 0) + Number(found[12] ?? 0), 0) / TICKS_PER_S;
}

/** Memory in bytes, what is shared counted in shares, with each process's part by its name. */
export async function memory(pids) {
  const parts = {};
  for (const pid of pids) {
    const kib = Number(/^Pss:\s+(\d+) kB$/mu.exec(await read(pid, 'smaps_rollup'))?.[1] ?? 0);
    const name = (await read(pid, 'comm')).trim();
    parts[name] = (parts[name] ?? 0) + kib * 1024;
  }
  return { bytes: Object.values(parts).reduce((sum, part) => sum + part, 0), parts };
}

/** When a process started, in milliseconds since 1970. */
export async function startedAt(pid) {
  const uptimeS = Number((await readFile('/proc/uptime', 'utf8')).split(' ')[0]);
  const sinceBootS = Number((await fields(pid))[19]) / TICKS_PER_S;
  return Date.now() - (uptimeS - sinceBootS) * 1000;
}

/** The process that runs `program` in this home directory of a user. */
export async function find(program, userHome) {
  for (const name of (await readdir('/proc')).filter((entry) => /^\d+$/u.test(entry))) {
    const first = (await read(name, 'cmdline')).split('\0')[0];
    if (first === program && (await read(name, 'environ')).includes(`HOME=${userHome}\0`)) {
      return Number(name);
    }
  }
  throw new Error(`nobody runs ${program}`);
}
