// The pages of doc/journeys, and doc/CATALOG.md: each is told again, from its top to its end, on a simulated cluster of its own, and has to be what is answered.
//
//   `k0rdent.…` followed by a block of json, and by a block without a language   a call and its answer; "confirm": "…" is the last token
//   a block of console with "$ k0rdent-mcp …" in its first line                  a command and its output
//   a block of yaml after a line that names a file, `policy.yaml`:               that file
//   <!-- METHOD PATH {json} -->                                                  what another client does in between
//
// UPDATE_DOC=1 writes the answers into the pages.
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import assert from 'node:assert/strict';
import { root } from './lib/cluster.mjs';
import { Kube } from './lib/kube.mjs';
import { Product, SANDBOX, invoke } from './lib/product.mjs';
import { Session } from './lib/mcp.mjs';
import { startSim } from './lib/sim.mjs';

const pages = path.join(root, 'doc/journeys');
const TOKEN = /^[\w-]{60,}\.\d+\.[\w-]+$/m;
const TODAY = '2026-11-29T12:00:00Z';

/** What is another in each run: a token, times, and how long was waited. */
function plain(text, began) {
  return text.replace(new RegExp(TOKEN, 'gm'), '…').replace(/\(waited \w+\)/g, '(waited …)')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, (time) => (Date.parse(time) >= began - 60_000 ? TODAY : time))
    .split('\n').map((line) => line.trimEnd()).join('\n').trimEnd();
}

/** The blocks of a page in their order: {kind, from, to, text, before}: lines [from, to) are its text. */
function blocksOf(lines) {
  const blocks = [];
  for (let i = 0; i < lines.length; ++i) {
    const comment = /^<!-- (\S+) (\S+) (\{.*\}) -->$/.exec(lines[i]);
    if (comment) blocks.push({ kind: 'other', method: comment[1], path: comment[2], body: JSON.parse(comment[3]) });
    const fence = /^```(\w*)$/.exec(lines[i]);
    if (!fence) continue;
    const from = i + 1, to = lines.indexOf('```', from);
    assert.ok(to > 0, `line ${i + 1}: a block without an end`);
    const before = lines.slice(Math.max(0, i - 6), i).reverse().join('\n');
    blocks.push({ kind: fence[1] || 'text', from, to, text: lines.slice(from, to).join('\n'), before });
    i = to;
  }
  return blocks;
}

/** Tells a page; the texts that its blocks should have, by block. */
async function tell(t, lines) {
  const began = Date.now(), sim = await startSim(['--step-every', '300ms']);
  t.after(() => sim.stop());
  const part = (name) => new RegExp(`${name}: (\\S+)`).exec(fs.readFileSync(sim.kubeconfig, 'utf8'))[1];
  fs.writeFileSync(path.join(sim.dir, 'ca'), Buffer.from(part('certificate-authority-data'), 'base64'));
  const kube = new Kube(part('server'), path.join(sim.dir, 'ca'), { token: part('token') });
  t.after(() => kube.close());
  const audit = path.join(sim.dir, 'audit.jsonl'), policy = path.join(sim.dir, 'policy.yaml');
  const blocks = blocksOf(lines), wanted = new Map();
  const rules = blocks.find(({ kind, before }) => kind === 'yaml' && /`policy\.yaml`:/.test(before));
  if (rules) fs.writeFileSync(policy, rules.text);
  const product = await Product.start(t, {
    kubeconfig: sim.kubeconfig, args: [...SANDBOX, '--allow-writes', '--cluster-name', 'edge', '--audit-file', audit, ...(rules ? ['--policy-file', policy] : [])],
  });
  const session = await Session.open(product, { t });
  let answer, token;
  for (const block of blocks) {
    if (block.kind === 'other') {
      const type = { PATCH: block.path.includes('fieldManager') ? 'application/apply-patch+yaml' : 'application/merge-patch+json' }[block.method];
      await kube.must(block.method, block.path, block.body, type);
    } else if (block.kind === 'json') {
      const tool = /`(k0rdent\.[\w.]+)`/.exec(block.before);
      assert.ok(tool, `line ${block.from}: which tool?`);
      const args = JSON.parse(block.text);
      if (args.confirm === '…') args.confirm = token;
      const { content } = await session.client.callTool({ name: tool[1], arguments: args });
      answer = content[0].text;
      token = TOKEN.exec(answer)?.[0] ?? token;
    } else if (block.kind === 'text') {
      wanted.set(block, plain(answer, began));
    } else if (block.kind === 'console') {
      const command = /^\$ k0rdent-mcp (.*)$/.exec(block.text.split('\n')[0])[1];
      const args = command.split(' ').map((each) => ({ 'audit.jsonl': audit, 'policy.yaml': policy })[each] ?? each);
      const { stdout, stderr } = await invoke(args);
      wanted.set(block, `$ k0rdent-mcp ${command}\n${plain((stdout + stderr).replaceAll(sim.dir + '/', ''), began)}`);
    }
  }
  return wanted;
}

for (const name of [...fs.readdirSync(pages).filter((each) => each.endsWith('.md')).sort(), '../CATALOG.md']) {
  test(`${path.join('doc/journeys', name)} is what is answered`, async (t) => {
    const file = path.join(pages, name), lines = fs.readFileSync(file, 'utf8').split('\n');
    const wanted = await tell(t, lines);
    assert.ok(wanted.size > 1);
    if (process.env.UPDATE_DOC) {
      for (const [{ from, to }, text] of [...wanted].reverse()) lines.splice(from, to - from, ...text.split('\n'));
      fs.writeFileSync(file, lines.join('\n'));
    }
    for (const [{ text, from }, is] of wanted) if (!process.env.UPDATE_DOC) assert.equal(text, is, `line ${from}; UPDATE_DOC=1 writes the answers`);
  });
}
