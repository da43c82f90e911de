// The memory of a process, as only root can read it.
import fs from 'node:fs';

/** Why a search of it tells nothing here. AddressSanitizer keeps what was freed, and reserves terabytes. */
export const unreadable = process.getuid() !== 0 ? 'optional: only root reads the memory of a process that keeps it private'
  : process.env.K0RDENT_MCP_VARIANT === 'asan' && 'optional: AddressSanitizer keeps what was freed';

/** Where in the process's writable memory one of the texts is: "NAME in [heap]". */
export function found(pid, texts) {
  const maps = fs.readFileSync(`/proc/${pid}/maps`, 'utf8').trim().split('\n').map((line) => /^(\w+)-(\w+) (\S+) \S+ \S+ \S+ *(.*)$/.exec(line)).filter(([, , , rights]) => rights.startsWith('rw'));
  const memory = fs.openSync(`/proc/${pid}/mem`, 'r'), out = [];
  try {
    for (const [, from, to, , name] of maps) {
      const at = BigInt(`0x${from}`), bytes = Buffer.alloc(Number(BigInt(`0x${to}`) - at));
      let size = 0;
      try { size = fs.readSync(memory, bytes, 0, bytes.length, at); } catch { continue; }
      for (const [what, text] of Object.entries(texts)) {
        for (let i = bytes.indexOf(text); i >= 0 && i < size; i = bytes.indexOf(text, i + 1)) out.push(`${what} in ${name || 'memory'} at ${from}+${i.toString(16)}: …${bytes.subarray(Math.max(0, i - 60), i).toString('latin1').replace(/[^ -~]+/g, '.')}`);
      }
    }
  } finally {
    fs.closeSync(memory);
  }
  return out;
}
