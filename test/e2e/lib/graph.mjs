// The stories of the resource graph of the sample on a real API server, for clients of both eras: every edge of the table, changes as they happen, and a definition that goes and
// comes back.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import assert from 'node:assert/strict';
import { Cluster } from './cluster.mjs';
import { FIXTURES, loadCrds, loadObjects, readFolder, readYaml } from './fixtures.mjs';
import { Product } from './product.mjs';
import { openBoth } from './eras.mjs';
import { contentOf } from './mcp.mjs';
import { until } from './wait.mjs';

const GRAPH = 'k0rdent://graph';
const TOOL = 'k0rdent.mgmt.graph.snapshot';
const API = '/apis/k0rdent.mirantis.com/v1beta1';
const table = fs.readFileSync(path.join(FIXTURES, 'expected-edges.tsv'), 'utf8').trim().split('\n').slice(1).map((line) => line.split('\t'));

/** A node's id as the table writes it. */
const spelled = (id) => id.replace(/^([^:]+):\//, '$1/').replace(':', '/');
const row = (edge) => `${spelled(edge.from)} ${edge.type} ${spelled(edge.to)} ${edge.resolved ? 'yes' : 'no'} ${edge.derivedFrom}`;
const expected = (...layers) => table.filter(([layer]) => layers.includes(layer)).map(([, ...rest]) => rest.join(' ')).sort();

/** Nodes and edges as a client keeps them that applies what it is told. */
class Mirror {
  nodes = new Map();
  edges = new Map();
  sequence = 0;
  stale = false;
  #applied = 0;

  constructor(session, uri = GRAPH) {
    Object.assign(this, { session, uri });
  }

  update() {
    const deltas = this.session.deltas(this.uri);
    for (; this.#applied < deltas.length; ++this.#applied) {
      const { action, nodes = [], edges = [], sequence } = deltas[this.#applied];
      if (sequence !== undefined) assert.equal(sequence, ++this.sequence, 'no gap');
      if (action === 'STALE' || action === 'FRESH') this.stale = action === 'STALE';
      if (action === 'snapshot') this.nodes.clear(), this.edges.clear();
      for (const [list, into] of [[edges, this.edges], [nodes, this.nodes]]) {
        for (const one of list) action === 'deleted' ? assert.ok(into.delete(one.id), one.id) : into.set(one.id, one);
      }
    }
    return this;
  }

  rows(types) {
    return [...this.update().edges.values()].filter((e) => !types || types.has(e.type)).map(row).sort();
  }

  /** Waits until it is what a read gives. */
  async sameAsRead() {
    const key = (list) => JSON.stringify([...list].sort((a, b) => (a.id < b.id ? -1 : 1)));
    await until('the deltas to come to what a read gives', async () => {
      const { nodes, edges } = JSON.parse(contentOf(await this.session.read(this.uri)));
      this.update();
      return key(nodes) === key(this.nodes.values()) && key(edges) === key(this.edges.values());
    });
  }
}

/** The owners' new uids: what is created by hand cannot carry those of the files. */
async function setOwners(kube, loaded) {
  for (const { path: where, object } of loaded) {
    const owners = object.metadata.ownerReferences;
    if (!owners) continue;
    const now = await Promise.all(owners.map(async (owner) => {
      const found = loaded.find(({ object: o }) => o.kind === owner.kind && o.metadata.name === owner.name &&
        [undefined, object.metadata.namespace].includes(o.metadata.namespace));
      return { ...owner, uid: (await kube.get(found.path)).metadata.uid };
    }));
    await kube.merge(where, { metadata: { ownerReferences: now } });
  }
}

/** definitions and folders of objects to load, and the layers of the table that they have. */
export function stories(name, definitions, folders, layers) {
  test(`the graph on ${name}`, async (t) => {
    const cluster = await Cluster.start(fs.mkdtempSync(path.join(process.env.E2E_DIR ?? os.tmpdir(), 'graph-')));
    t.after(() => cluster.stop());
    const { kube } = cluster;
    await loadCrds(kube, ...definitions);
    await setOwners(kube, await loadObjects(kube, folders.flatMap(readFolder)));
    const product = await Product.start(t, { cluster });
    const sessions = await openBoth(product, { t });
    const [session] = sessions;
    const mirrors = sessions.map((each) => new Mirror(each));
    const [mirror] = mirrors;
    const sameAsRead = () => Promise.all(mirrors.map((each) => each.sameAsRead()));
    for (const each of sessions) await each.subscribe(GRAPH);
    const types = new Set(table.filter(([layer]) => layers.includes(layer)).map(([, , type]) => type));

    await t.test('has every edge of the table and no other of those types', async () => {
      await until('the snapshot', () => mirror.update().nodes.size > 0);
      const core = new Set(table.filter(([layer]) => layer !== 'external').map(([, , type]) => type));
      await until(() => `the table; got ${mirror.rows(types).join('\n')}`, () =>
        JSON.stringify(mirror.rows(layers.includes('external') ? types : core)) === JSON.stringify(expected(...layers)));
      await sameAsRead();
    });

    await t.test('tells a reference that comes right, and wrong again', async () => {
      const where = `${API}/namespaces/team-a/credentials`;
      const id = 'ClusterDeployment:team-a/azure-lost-[uses-credential]->Credential:team-a/team-a-azure';
      assert.equal(mirror.update().edges.get(id).resolved, false);
      await kube.create(where, {
        apiVersion: 'k0rdent.mirantis.com/v1beta1', kind: 'Credential', metadata: { name: 'team-a-azure', namespace: 'team-a' },
        spec: { identityRef: { apiVersion: 'v1', kind: 'Secret', name: 'azure', namespace: 'team-a' } },
      });
      await until('it to be resolved', () => mirror.update().edges.get(id).resolved);
      await sameAsRead();
      await kube.delete(`${where}/team-a-azure`);
      await until('it to dangle', () => !mirror.update().edges.get(id).resolved);
      await sameAsRead();
    });

    await t.test('follows the labels that a selector means', async () => {
      const where = `${API}/namespaces/kcm-system/clusterdeployments/aws-prod`;
      const id = 'MultiClusterService:/platform-baseline-[selects]->ClusterDeployment:kcm-system/aws-prod';
      assert.ok(!mirror.update().edges.has(id));
      await kube.merge(where, { metadata: { labels: { env: 'dev' } } });
      await until('it to be selected', () => mirror.update().edges.has(id));
      await kube.merge(where, { metadata: { labels: { env: 'prod' } } });
      await until('it to be left', () => !mirror.update().edges.has(id));
      await sameAsRead();
    });

    await t.test('is shown around an object, as nodes and edges or as a chart', async () => {
      const part = await session.call(TOOL, { name: 'azure-lost', direction: 'downstream', depth: 1, kinds: ['ClusterDeployment', 'Credential', 'ClusterTemplate'] });
      assert.deepEqual(part.edges.map((e) => e.type).sort(), ['uses-credential', 'uses-template']);
      const chart = await session.show(TOOL, { name: 'azure-lost', format: 'mermaid' });
      assert.match(chart.content[0].text, /^```mermaid\nflowchart LR\n/);
      assert.match(chart.structuredContent.mermaid, / -\.->\|uses-credential\| /);
      for (const each of sessions) await assert.rejects(each.subscribe(`${GRAPH}?kind=Nothing`));
      await assert.rejects(session.subscribe(`${GRAPH}?kind=Secret`), /parameters: namespace, kinds/);
      await assert.rejects(session.subscribe(`${GRAPH}?kinds=Nothing`), /ClusterDeployment/);
    });

    // Their kinds are among the real definitions alone.
    const all = layers.includes('external');
    if (all) await t.test('follows what an AccessManagement selects, and into which namespaces', async () => {
      await kube.create(`${API}/accessmanagements`, {
        apiVersion: 'k0rdent.mirantis.com/v1beta1', kind: 'AccessManagement', metadata: { name: 'kcm' },
        spec: { accessRules: [{ targetNamespaces: { stringSelector: 'team in (a)' }, resources: [{ kind: 'Credential' }] }] },
      });
      const distributed = 'AccessManagement:/kcm-[distributes]->Credential:kcm-system/aws-cred';
      const into = 'AccessManagement:/kcm-[into]->Namespace:/team-a';
      await until('what it distributes', () => mirror.update().edges.has(distributed));
      assert.ok(!mirror.edges.has(into));
      await kube.merge('/api/v1/namespaces/team-a', { metadata: { labels: { team: 'a' } } });
      await until('its namespace', () => mirror.update().edges.has(into));
      await kube.merge('/api/v1/namespaces/team-a', { metadata: { labels: { team: null } } });
      await until('the namespace to be left', () => !mirror.update().edges.has(into));
      await sameAsRead();
    });

    if (all) await t.test('has Machines for those who ask for them', async () => {
      await kube.create('/apis/cluster.x-k8s.io/v1beta2/namespaces/kcm-system/machines', {
        apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Machine', metadata: { name: 'aws-prod-0', namespace: 'kcm-system' },
        spec: {
          clusterName: 'aws-prod', bootstrap: { dataSecretName: 'aws-prod-0' },
          infrastructureRef: { apiGroup: 'infrastructure.cluster.x-k8s.io', kind: 'AWSMachine', name: 'aws-prod-0' },
        },
      });
      const kinds = ['Cluster', 'Machine', 'AWSMachine'];
      for (const each of sessions) {
        const { edges } = await each.call(TOOL, { maxBytes: 1048576, kinds });
        assert.deepEqual(edges.filter((e) => e.from.startsWith('Machine:')).map((e) => `${e.type} ${e.resolved}`).sort(),
          ['infrastructure false', 'part-of true']);
      }
      await sameAsRead();
      assert.ok(![...mirror.nodes.keys()].some((id) => id.startsWith('Machine:')), 'a subscriber that has not asked is not told');
    });

    await t.test('leaves out a kind whose definition goes, and takes it up again', async () => {
      const crd = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
      const credentials = definitions.flatMap(readFolder).find((o) => o.metadata?.name === 'credentials.k0rdent.mirantis.com');
      await kube.delete(`${crd}/${credentials.metadata.name}`);
      await until('its edges to go', () => ![...mirror.update().edges.values()].some((e) => e.type === 'uses-credential' && e.resolved));
      await until('a note', async () => {
        const { notes } = await session.call(TOOL, {});
        return notes.some((note) => note.startsWith('Credential: not served'));
      }, { ms: 150_000, every: 500 });
      await until('not served to be not missing', () => ![...mirror.update().edges.values()].some((e) => e.type === 'uses-credential'));
      await until('the definition to be gone', async () => (await kube.ask('GET', `${crd}/${credentials.metadata.name}`)).status === 404);
      await kube.create(crd, credentials);
      await loadObjects(kube, readYaml(path.join(FIXTURES, '09-credential-aws.yaml')));
      await until('it to be back', () => mirror.update().edges
        .get('ClusterDeployment:kcm-system/aws-prod-[uses-credential]->Credential:kcm-system/aws-cred')?.resolved, { ms: 120_000 });
      await sameAsRead();
      for (const each of mirrors) await until('it to be fresh again', () => !each.update().stale);
    });
    for (const each of sessions) await each.terminate();
  });
}
