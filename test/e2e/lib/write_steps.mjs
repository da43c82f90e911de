// The writes of sim_writes.test.mjs: each is one request; `object` is read before and after it.
const APPLY = 'application/apply-patch+yaml';
const MERGE = 'application/merge-patch+json';

export function steps(ns) {
  const maps = `/api/v1/namespaces/${ns}/configmaps`, a = `${maps}/a`;
  const clusters = `/apis/k0rdent.mirantis.com/v1beta1/namespaces/${ns}/clusterdeployments`, c = `${clusters}/c`;
  const deployments = `/apis/apps/v1/namespaces/${ns}/deployments`, d = `${deployments}/d`;
  const map = (data, metadata = {}) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', ...metadata }, data });
  const cluster = (spec, metadata = {}) => ({
    apiVersion: 'k0rdent.mirantis.com/v1beta1', kind: 'ClusterDeployment', metadata: { name: 'c', ...metadata }, spec,
  });
  const services = (...list) => ({ template: 't', serviceSpec: { services: list } });
  const deployment = {
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd', labels: { app: 'd' } },
    spec: {
      replicas: 1, selector: { matchLabels: { app: 'd' } },
      template: { metadata: { labels: { app: 'd' } }, spec: { containers: [{ name: 'd', image: 'd:1' }] } },
    },
  };
  const one = (title, method, path, body, type) => ({ title, method, path, body, type, object: path.split('?')[0] });
  const of = (object, title, method, path, body, type) => ({ title, method, path, body, type, object });
  const metadata = (body) => ({ kind: body.kind, reason: body.reason, message: body.message?.replace(/object meta: \S+/, 'object meta: …'), details: body.details, metadata: body.metadata && { generation: body.metadata.generation } });
  const brief = (step) => ({ ...step, shape: metadata });
  const scaled = (step) => ({ ...step, shape: (body) => (body.kind === 'Scale' ? { spec: body.spec, name: body.metadata.name } : metadata(body)) });

  return [
    // ConfigMaps: no generation, no status.
    of(a, 'a dry create', 'POST', `${maps}?dryRun=All&fieldManager=one`, map({ x: '1' })),
    of(a, 'a create', 'POST', `${maps}?fieldManager=one`, map({ x: '1', y: '1' }, { labels: { l: '1' } })),
    of(a, 'a second create', 'POST', `${maps}?fieldManager=one`, map({ x: '1' })),
    of(a, 'a create with a version', 'POST', maps, { ...map({}), metadata: { name: 'b', resourceVersion: '7' } }),
    of(a, 'a create in no namespace', 'POST', '/api/v1/namespaces/not-there/configmaps', map({})),
    one('a merge patch', 'PATCH', `${a}?fieldManager=two`, { data: { x: '2', z: '1' } }, MERGE),
    one('a merge patch that changes nothing', 'PATCH', `${a}?fieldManager=three`, { data: { x: '2' } }, MERGE),
    one('a dry merge patch', 'PATCH', `${a}?fieldManager=two&dryRun=All`, { data: { x: '3' } }, MERGE),
    one('a merge patch with a time limit', 'PATCH', `${a}?fieldManager=two&timeout=25s&fieldValidation=Strict`, { data: { w: '1' } }, MERGE),
    one('a merge patch of an unreadable time limit', 'PATCH', `${a}?timeout=soon`, { data: { w: '1' } }, MERGE),
    one('a merge patch that removes', 'PATCH', `${a}?fieldManager=three`, { data: { z: null } }, MERGE),
    one('a merge patch of another version', 'PATCH', a, { metadata: { resourceVersion: '1' }, data: { x: '9' } }, MERGE),
    one('a merge patch of another uid', 'PATCH', a, { metadata: { uid: 'other' }, data: { x: '9' } }, MERGE),
    one('a merge patch of this uid and version', 'PATCH', `${a}?fieldManager=two`,
      (is) => ({ metadata: { uid: is.metadata.uid, resourceVersion: is.metadata.resourceVersion }, data: { x: '4' } }), MERGE),
    one('an apply that conflicts once', 'PATCH', `${a}?fieldManager=us`, map({ x: '5', n: '1' }), APPLY),
    one('an apply that conflicts twice', 'PATCH', `${a}?fieldManager=us`, map({ x: '5', y: '5' }), APPLY),
    one('a forced dry apply', 'PATCH', `${a}?fieldManager=us&force=true&dryRun=All`, map({ x: '5', y: '5' }), APPLY),
    one('a forced apply', 'PATCH', `${a}?fieldManager=us&force=true`, map({ x: '5', n: '1' }, { labels: { m: '1' } }), APPLY),
    one('the same apply again', 'PATCH', `${a}?fieldManager=us`, map({ x: '5', n: '1' }, { labels: { m: '1' } }), APPLY),
    one('an apply that shares a field', 'PATCH', `${a}?fieldManager=them`, map({ x: '5' }), APPLY),
    one('an apply against two', 'PATCH', `${a}?fieldManager=new`, map({ x: '6' }), APPLY),
    one('an apply that leaves a shared field', 'PATCH', `${a}?fieldManager=us`, map({ n: '1' }), APPLY),
    one('an apply that leaves its last data', 'PATCH', `${a}?fieldManager=us`, map(undefined, { labels: { m: '1' } }), APPLY),
    one('an apply of another version', 'PATCH', `${a}?fieldManager=us`, map({ n: '2' }, { resourceVersion: '1' }), APPLY),
    one('an apply of another uid', 'PATCH', `${a}?fieldManager=us`, map({ n: '2' }, { uid: 'other' }), APPLY),
    of(a, 'an apply of a uid where nothing is', 'PATCH', `${maps}/none?fieldManager=us`, { ...map({}), metadata: { name: 'none', uid: 'other' } }, APPLY),
    of(a, 'an apply of a version where nothing is', 'PATCH', `${maps}/none?fieldManager=us`, { ...map({ x: '1' }), metadata: { name: 'none', resourceVersion: '5' } }, APPLY),
    one('an apply without a manager', 'PATCH', a, map({ n: '2' }), APPLY),
    one('an apply with managers', 'PATCH', `${a}?fieldManager=us`, map({ n: '2' }, { managedFields: [{ manager: 'us' }] }), APPLY),
    one('an apply of another name', 'PATCH', `${a}?fieldManager=us`, map({ n: '2' }, { name: 'b' }), APPLY),
    one('an apply of no kind', 'PATCH', `${a}?fieldManager=us`, { apiVersion: 'v1', metadata: { name: 'a' } }, APPLY),
    one('an apply of another apiVersion', 'PATCH', `${a}?fieldManager=us`, { ...map({}), apiVersion: 'v2' }, APPLY),
    one('a put of an old version', 'PUT', `${a}?fieldManager=put`, map({ p: '1' }, { resourceVersion: '1' })),
    one('a put', 'PUT', `${a}?fieldManager=put`, map({ x: '5', p: '1' }, { finalizers: ['example.test/hold'] })),
    one('a put that asks for no managers', 'PUT', `${a}?fieldManager=put`, map({ x: '5', p: '2' }, { finalizers: ['example.test/hold'], managedFields: [{}] })),
    one('a patch of an object without managers', 'PATCH', `${a}?fieldManager=two`, { data: { x: '7' } }, MERGE),
    one('the first apply to an object without managers', 'PATCH', `${a}?fieldManager=us`, map({ x: '8' }), APPLY),
    one('a delete of another uid', 'DELETE', a, { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid: 'other' } }),
    one('a delete of another version', 'DELETE', a, { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { resourceVersion: '1' } }),
    one('a dry delete that finalizers would hold', 'DELETE', a, { kind: 'DeleteOptions', apiVersion: 'v1', dryRun: ['All'] }),
    one('a delete that finalizers hold', 'DELETE', a),
    one('a merge patch while it is deleted', 'PATCH', `${a}?fieldManager=two`, { data: { x: '9' } }, MERGE),
    one('a second delete', 'DELETE', a),
    one('a delete with a time limit and a body', 'DELETE', `${a}?timeout=25s`, { kind: 'DeleteOptions', apiVersion: 'v1', dryRun: ['All'], propagationPolicy: 'Background' }),
    one('the last finalizer goes', 'PATCH', `${a}?fieldManager=two`, { metadata: { finalizers: null } }, MERGE),
    one('a delete of nothing', 'DELETE', a),
    of(a, 'a create by apply', 'PATCH', `${a}?fieldManager=us`, map({ x: '1' }), APPLY),
    one('a dry delete', 'DELETE', `${a}?dryRun=All`),
    one('a delete', 'DELETE', a),
    // ClusterDeployments: generation, status, services by key.
    of(c, 'a cluster', 'POST', `${clusters}?fieldManager=one`, { ...cluster({ template: 't', config: { n: 1, deep: { a: 1 } } }), status: { observedGeneration: 9 } }),
    one('services of one', 'PATCH', `${c}?fieldManager=us`, cluster({ serviceSpec: { services: [{ name: 's', namespace: 'n', template: 'x' }] }, template: 't' }), APPLY),
    one('services of another', 'PATCH', `${c}?fieldManager=them`, cluster(services({ name: 'r', namespace: 'n', template: 'x', values: 'v' }, { name: 's', namespace: 'n', template: 'x' })), APPLY),
    one('a service of another in conflict', 'PATCH', `${c}?fieldManager=us`, cluster(services({ name: 's', namespace: 'n', template: 'y' })), APPLY),
    one('a shared service stays', 'PATCH', `${c}?fieldManager=us`, cluster({ template: 't' }), APPLY),
    one('a service of the last owner goes', 'PATCH', `${c}?fieldManager=them`, cluster(services({ name: 'r', namespace: 'n', template: 'x' })), APPLY),
    one('config by apply', 'PATCH', `${c}?fieldManager=us`, cluster({ template: 't', config: { list: [1, 2], deep: { b: { c: 1 } } } }), APPLY),
    one('config by merge', 'PATCH', `${c}?fieldManager=two`, { spec: { config: { list: [3], deep: { a: null } } } }, MERGE),
    one('a label', 'PATCH', `${c}?fieldManager=two`, { metadata: { labels: { l: '1' } } }, MERGE),
    one('status through the front door', 'PATCH', `${c}?fieldManager=two`, { status: { observedGeneration: 1 } }, MERGE),
    of(c, 'status', 'PATCH', `${c}/status?fieldManager=kcm`, { spec: { template: 'other' }, status: { observedGeneration: 2, services: [{ name: 's', state: 'Deployed' }] } }, MERGE),
    of(c, 'status of another version', 'PATCH', `${c}/status`, { metadata: { resourceVersion: '1' }, status: { observedGeneration: 3 } }, MERGE),
    one('a delete of a cluster of another uid', 'DELETE', c, { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid: 'other' } }),
    one('a cluster of another uid', 'PATCH', `${c}?fieldManager=two`, { metadata: { uid: 'other' }, spec: { template: 'z' } }, MERGE),
    one('an order of its own', 'PATCH', `${c}?fieldManager=order&force=true`, cluster(services({ name: 'q', template: 'x' }, { name: 'r', namespace: 'n', template: 'w' }, { name: 'p', template: 'x' })), APPLY),
    one('another order', 'PATCH', `${c}?fieldManager=order2`, cluster(services({ name: 'p', template: 'x' }, { name: 'o', template: 'x' }, { name: 'q', template: 'x' })), APPLY),
    one('finalizers', 'PATCH', `${c}?fieldManager=kcm`, { metadata: { finalizers: ['example.test/b', 'example.test/a'] } }, MERGE),
    one('the deletion of a cluster', 'DELETE', c),
    one('its end', 'PATCH', `${c}?fieldManager=kcm`, { metadata: { finalizers: [] } }, MERGE),
    // Deployments: scale.
    brief({ ...of(undefined, 'a deployment', 'POST', `${deployments}?fieldManager=one`, deployment) }),
    scaled(of(undefined, 'its scale', 'GET', `${d}/scale`)),
    scaled(of(undefined, 'a scale', 'PATCH', `${d}/scale?fieldManager=us`, { spec: { replicas: 3 } }, MERGE)),
    scaled(of(undefined, 'a scale of another version', 'PATCH', `${d}/scale`, { metadata: { resourceVersion: '1' }, spec: { replicas: 4 } }, MERGE)),
    scaled(of(undefined, 'a scale of another uid', 'PATCH', `${d}/scale`, { metadata: { uid: 'other' }, spec: { replicas: 4 } }, MERGE)),
    scaled(of(undefined, 'a scale below zero', 'PATCH', `${d}/scale`, { spec: { replicas: -1 } }, MERGE)),
    { ...of(undefined, 'who scaled', 'GET', d), shape: (body) => body.metadata.managedFields.filter((e) => e.manager === 'us').map(({ time, ...rest }) => rest) },
    brief(of(undefined, 'an apply against the scale', 'PATCH', `${d}?fieldManager=new`, { ...deployment, spec: { ...deployment.spec, replicas: 5 } }, APPLY)),
  ];
}
