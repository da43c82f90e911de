// Loading CRDs and the sample objects into an API server.
import fs from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { root } from './cluster.mjs';
import { until } from './wait.mjs';

export const OWN_CRDS = path.join(root, 'test/crds');
/** The identities of providers; those of vSphere and OpenStack are ours even where the others are real. */
export const IDENTITY_CRDS = path.join(OWN_CRDS, 'identities');
/** The real definitions, where they lie beside the checkout. */
export const REAL_CRDS = path.join(root, '../shared/crds');
export const FIXTURES = path.join(root, 'test/fixtures/k0rdent');

export function readYaml(file) {
  return parseAllDocuments(fs.readFileSync(file, 'utf8')).map((doc) => {
    if (doc.errors.length) throw new Error(`${file}: ${doc.errors[0].message}`);
    return doc.toJS();
  }).filter(Boolean);
}

export const readFolder = (dir) =>
  fs.readdirSync(dir).filter((name) => name.endsWith('.yaml')).sort().flatMap((name) => readYaml(path.join(dir, name)));

/** Whether discovery lists every served version of the definitions, statuses included. */
async function listed(kube, crds) {
  const wanted = crds.flatMap(({ spec }) => spec.versions.filter((v) => v.served).flatMap((v) => {
    const base = `/apis/${spec.group}/${v.name}`;
    return [[base, spec.names.plural], ...(v.subresources?.status ? [[base, `${spec.names.plural}/status`]] : [])];
  }));
  const groups = new Map();
  for (const [base] of wanted) {
    if (!groups.has(base)) groups.set(base, (await kube.ask('GET', base)).body?.resources?.map((r) => r.name) ?? []);
  }
  return wanted.every(([base, name]) => groups.get(base).includes(name));
}

/**
 * Creates the definitions of some folders (or themselves) and waits until they are served and listed: the API server's discovery follows the
 * condition "Established" by a moment, one definition after another.
 */
export async function loadCrds(kube, ...dirs) {
  const crds = dirs.flatMap((each) => (typeof each === 'string' ? readFolder(each) : each)).filter((o) => o.kind === 'CustomResourceDefinition');
  const base = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  await Promise.all(crds.map((crd) => kube.create(base, crd)));
  await until(`${crds.length} definitions to be served`, async () => {
    const { items } = await kube.get(base);
    const served = items.filter((crd) => crd.status?.conditions?.some((c) => c.type === 'Established' && c.status === 'True'));
    return served.length >= crds.length && listed(kube, crds);
  }, { ms: 60_000 });
  return crds;
}

/** What a client may not say on create. */
const OWNED = ['uid', 'resourceVersion', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds',
  'generation', 'ownerReferences', 'finalizers', 'managedFields'];

/** Where objects of a kind live, asked from the API server. */
class Paths {
  #lists = new Map();

  constructor(kube) {
    this.kube = kube;
  }

  async collection({ apiVersion, kind, metadata }) {
    const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const find = async () => {
      const list = await this.kube.get(base);
      this.#lists.set(base, list);
      return list.resources.find((r) => r.kind === kind && !r.name.includes('/'));
    };
    const known = this.#lists.get(base)?.resources.find((r) => r.kind === kind && !r.name.includes('/'));
    const resource = known ?? (await until(`${apiVersion} ${kind} to be served`, find));
    const where = resource.namespaced ? `/namespaces/${metadata.namespace}` : '';
    return { path: `${base}${where}/${resource.name}`, hasStatus: this.#lists.get(base).resources.some((r) => r.name === `${resource.name}/status`) };
  }
}

/** Creates objects under strict field validation, then their status; returns [{path, object}]. */
export async function loadObjects(kube, objects) {
  const paths = new Paths(kube);
  const loaded = [];
  for (const namespace of new Set(objects.map((o) => o.metadata.namespace).filter(Boolean))) {
    const answer = await kube.ask('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
    if (answer.status !== 201 && answer.status !== 409) throw new Error(JSON.stringify(answer.body));
  }
  for (const object of objects) {
    const { status, ...wanted } = structuredClone(object);
    for (const field of OWNED) delete wanted.metadata[field];
    const { path: collection, hasStatus } = await paths.collection(object);
    // A definition is "established" a moment before every request finds it.
    await until(`${collection} to take objects`, async () => {
      const answer = await kube.ask('POST', `${collection}?fieldValidation=Strict`, wanted);
      if (answer.status === 404) return false;
      if (answer.status !== 201) throw Object.assign(new Error(JSON.stringify(answer.body)), { fatal: true });
      return true;
    }, { ms: 15_000 });
    const path = `${collection}/${object.metadata.name}`;
    if (status && hasStatus) await kube.merge(`${path}/status?fieldValidation=Strict`, { status });
    loaded.push({ path, object });
  }
  return loaded;
}
