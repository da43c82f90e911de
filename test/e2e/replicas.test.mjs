// Three replicas behind one address, by the configurations of deploy/replicas: calls of revision 2026-07-28 are served by any replica,
// sessions of the older ones by theirs, and neither is lost for longer than its replica is.
import test, { after } from 'node:test';
import assert from 'node:assert/strict';
import { Cluster } from './lib/cluster.mjs';
import { Session } from './lib/mcp.mjs';
import { ModernSession } from './lib/modern.mjs';
import { PROXIES, threeReplicas } from './lib/replicas.mjs';

const cluster = Cluster.shared();
after(() => cluster.kube.close());

const LIST = { name: 'k0rdent.mgmt.namespaces.list', arguments: {} };
/** How many sessions a replica has. */
const sessionsOf = async (replica) => Number(/^k0rdent_mcp_sessions (\d+)/m.exec((await replica.get('/metrics')).text)?.[1]);

/** Gone with its port. The kernel gives back the memory first: a call that comes meanwhile cannot be told from one that was served, and is not sent again. */
const kill = async (replica) => {
  replica.signal('SIGKILL');
  await replica.exited;
};

for (const proxy of Object.keys(PROXIES)) {
  test(`behind ${proxy}: 300 calls of a modern client are served by three replicas, while one is killed and one drains`, async (t) => {
    const { replicas, proxied } = await threeReplicas(t, { cluster, proxy });
    const { client } = await ModernSession.open(proxied, { t });
    let good = 0;
    for (let i = 0; i < 300; ++i) {
      if (i === 100) await kill(replicas[0]);
      if (i === 200) replicas[1].signal('SIGTERM');
      const result = await client.callTool(LIST);
      assert.ok(!result.isError, `call ${i}`);
      good += 1;
    }
    assert.equal(good, 300);
  });

  test(`behind ${proxy}: sessions stay with their replica; when it is killed, their clients are answered 404 and begin anew`, async (t) => {
    const { replicas, proxied } = await threeReplicas(t, { cluster, proxy });
    const sessions = [];
    for (let i = 0; i < 6; ++i) sessions.push(await Session.open(proxied, { t }));
    for (let round = 0; round < 5; ++round)
      for (const session of sessions) assert.ok(!(await session.client.callTool(LIST)).isError);
    const kept = await Promise.all(replicas.map(sessionsOf));
    assert.equal(kept.reduce((sum, n) => sum + n), sessions.length, 'no client began anew');
    if (proxy === 'haproxy') assert.deepEqual(kept, [2, 2, 2], 'it spreads sessions');
    const lost = kept.indexOf(Math.max(...kept));
    await kill(replicas[lost]);
    let moved = 0;
    for (const session of sessions) {
      try {
        assert.ok(!(await session.client.callTool(LIST)).isError);
      } catch (error) {
        assert.match(String(error.code ?? error.message), /404|Session/i, `${error}`);
        const again = await Session.open(proxied, { t });
        assert.ok(!(await again.client.callTool(LIST)).isError);
        moved += 1;
      }
    }
    assert.equal(moved, kept[lost], 'the sessions of the replica that is gone, and no others');
  });
}
