// A rolling update under load: a hundred official clients of both eras follow a namespace's events through HAProxy, while each of three
// replicas ends and is replaced. A subscription begins with what there is and goes on with each change, so a client has lost nothing when its
// last subscription has every event, and was told nothing twice when none has one twice.
import test, { after } from 'node:test';
import assert from 'node:assert/strict';
import os from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { Cluster } from './lib/cluster.mjs';
import { Session, eventsUri } from './lib/mcp.mjs';
import { ModernSession } from './lib/modern.mjs';
import { threeReplicas } from './lib/replicas.mjs';
import { until } from './lib/wait.mjs';

const cluster = Cluster.shared();
after(() => cluster.kube.close());

const OF_EACH_ERA = 50;
const BACK_MS = 2000;  // from the end of a client's stream to the first event of its next one
const EVERY_MS = 50;   // an event
const RETRY_MS = 50;   // of a client that is refused
/** HAProxy asks each second whether a replica is ready; a rolling update waits for that (minReadySeconds). */
const SETTLE_MS = 1500;

/** A client that comes back by itself. `subscriptions`: for each the names of the events that it brought, in order; `absences`: in ms. */
class Follower {
  subscriptions = [];
  absences = [];
  first = new Map();  // when each event came first
  #ended = false;

  constructor(proxied, uri) {
    this.proxied = proxied;
    this.uri = uri;
  }

  /** Subscribes anew whenever the subscription ends, until stop(). */
  async follow() {
    for (let left; !this.#ended;) {
      const names = [];
      const told = (name) => {
        if (left !== undefined && !names.length) this.absences.push(performance.now() - left);
        names.push(name);
        if (!this.first.has(name)) this.first.set(name, performance.now());
      };
      const subscribed = await this.subscribe(told).catch((error) => void (this.refused = error));
      if (!subscribed) {
        await pause(RETRY_MS);
        continue;
      }
      this.subscriptions.push(names);
      await subscribed.gone;
      left = performance.now();
    }
  }

  get name() { return `${this.constructor.name} ${this.subscriptions.map(({ length }) => length)} ${this.refused}`; }
  get now() { return this.subscriptions.at(-1) ?? []; }
  async stop() {
    this.#ended = true;
    await this.session?.close();
  }
}

class LegacyFollower extends Follower {
  /** A session of its own: {gone}, a promise that is kept when the session's stream ends. */
  async subscribe(told) {
    await this.session?.close();
    const session = (this.session = await Session.open(this.proxied));
    session.record = ({ _meta }) => told(_meta.delta.event.name);
    await session.subscribe(this.uri);
    return { gone: until('the end of the stream', () => session.streams.some(({ ended }) => ended), { ms: 600_000, every: 10 }) };
  }
}

class ModernFollower extends Follower {
  async subscribe(told) {
    this.session ??= await ModernSession.open(this.proxied);
    this.session.record = ({ _meta }) => told(_meta.delta.event.name);
    const listening = await this.session.listen(this.uri);
    return { gone: listening.closed };
  }
}

test('a rolling update of three replicas: a hundred clients of both eras are back in time, lose no event and get none twice', async (t) => {
  const ns = await cluster.kube.namespace('rolling');
  const { proxied, replace } = await threeReplicas(t, { cluster, proxy: 'haproxy' });
  const made = new Map();
  let running = true;
  const emit = (async () => {
    for (let i = 0; running; ++i) {
      await cluster.kube.coreEvent(ns, `e-${String(i).padStart(4, '0')}`);
      made.set(`e-${String(i).padStart(4, '0')}`, performance.now());
      await pause(EVERY_MS);
    }
  })();
  const followers = [];
  for (let i = 0; i < OF_EACH_ERA; ++i) followers.push(new LegacyFollower(proxied, eventsUri(ns)), new ModernFollower(proxied, eventsUri(ns)));
  const ends = followers.map((each) => each.follow());
  t.after(async () => {
    running = false;
    await Promise.allSettled([emit, ...followers.map((each) => each.stop())]);
  });
  await until(() => `all to follow; ${followers.filter(({ now }) => !now.length).length}: ${followers.find(({ now }) => !now.length)?.name}`, () => followers.every(({ now }) => now.length));

  for (const i of [0, 1, 2]) {
    await replace(i);
    await pause(SETTLE_MS);
  }
  running = false;
  await emit;
  const all = [...made.keys()];
  await until(() => `the last event to reach all; ${followers.filter(({ now }) => now.length < all.length).length} lack some: ${followers.find(({ refused }) => refused)?.refused}`,
    () => followers.every(({ now }) => now.length >= all.length));

  const absences = followers.flatMap((each) => each.absences).sort((a, b) => a - b);
  const late = followers.flatMap(({ first }) => all.map((name) => first.get(name) - made.get(name))).sort((a, b) => a - b);
  t.diagnostic(`${all.length} events, ${absences.length} absences: median ${Math.round(absences[absences.length >> 1])} ms, longest ${Math.round(absences.at(-1))} ms; ` +
    `event to client: median ${Math.round(late[late.length >> 1])} ms, slowest ${Math.round(late.at(-1))} ms`);
  for (const [i, { subscriptions, now, absences: own }] of followers.entries()) {
    assert.deepEqual(now, all, `client ${i}: its last subscription has every event, once, in order`);
    for (const names of subscriptions) assert.equal(new Set(names).size, names.length, `client ${i}: nothing twice`);
    assert.equal(own.length, subscriptions.length - 1, `client ${i}`);
  }
  assert.ok(absences.length >= followers.length, 'every client lost its replica at least once');
  // A machine with more to do than cores takes longer, for each client alike.
  const allowed = BACK_MS * Math.max(1, os.loadavg()[0] / os.cpus().length);
  assert.ok(absences.at(-1) <= allowed, `${absences.at(-1)} ms away, ${allowed} are allowed`);
  await Promise.all(followers.map((each) => each.stop()));
  await Promise.all(ends);
});
