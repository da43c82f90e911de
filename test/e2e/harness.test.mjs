// The harness itself, without the product: what the stories build on really behaves like a cluster.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { Cluster } from './lib/cluster.mjs';
import { Kubelet } from './lib/kubelet.mjs';
import { Proxy } from './lib/proxy.mjs';
import { Kube } from './lib/kube.mjs';
import { until } from './lib/wait.mjs';

const cluster = Cluster.shared();
let kubelet;
before(async () => (kubelet = await Kubelet.start(cluster)));
after(async () => {
  await kubelet.stop();
  cluster.kube.close();
});

test('the API server is a kube-apiserver 1.35 with RBAC', async () => {
  const version = await cluster.kube.get('/version');
  assert.match(version.gitVersion, /^v1\.35\./);
  const bob = cluster.as(cluster.tokens.bob);
  assert.equal((await bob.ask('GET', '/api/v1/namespaces')).status, 403);
  bob.close();
});

test('both tokens of alice are the same identity, a certificate is an administrator', async () => {
  const who = async (kube) => {
    const review = await kube.create('/apis/authentication.k8s.io/v1/selfsubjectreviews',
      { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' });
    kube.close();
    return review.status.userInfo;
  };
  const first = await who(cluster.as(cluster.tokens.alice));
  assert.equal(first.username, 'alice');
  assert.deepEqual(await who(cluster.as(cluster.tokens.aliceAgain)), first);
  const admin = await who(new Kube(cluster.url, cluster.ca, cluster.adminCertificate));
  assert.equal(admin.username, 'certificate-admin');
  assert.ok(admin.groups.includes('system:masters'));
});

test('pod logs come out of the API server as the kubelet stand-in serves them', async () => {
  const ns = await cluster.kube.namespace('harness');
  const pod = await kubelet.pod(ns, 'web-0');
  const path = `/api/v1/namespaces/${ns}/pods/web-0/log`;
  const second = BigInt(Math.floor(Date.now() / 1000) - 60) * 1_000_000_000n;
  pod.log().appendAt(second, 'one');
  pod.log().appendAt(second + 999_999_999n, 'two');
  pod.log().appendAt(second + 1_000_000_000n, 'three');

  assert.equal(await cluster.kube.get(path), 'one\ntwo\nthree\n');
  assert.equal(await cluster.kube.get(`${path}?tailLines=1`), 'three\n');
  const at = (ns) => new Date(Number(ns / 1_000_000n)).toISOString();
  assert.equal(await cluster.kube.get(`${path}?sinceTime=${at(second + 500_000_000n)}`), 'one\ntwo\nthree\n',
    'sinceTime counts in whole seconds');
  assert.equal(await cluster.kube.get(`${path}?sinceTime=${at(second + 1_000_000_000n)}`), 'three\n');
  assert.equal(await cluster.kube.get(`${path}?sinceSeconds=30`), '');
  assert.equal(await cluster.kube.get(`${path}?limitBytes=5`), 'one\nt');
  assert.match(await cluster.kube.get(`${path}?timestamps=true&tailLines=1`), /^\d{4}-.*\.000000000Z three\n$/);
  assert.equal((await cluster.kube.ask('GET', `${path}?previous=true`)).status, 400);

  const response = await cluster.kube.stream(`${path}?follow=true&tailLines=0`);
  let text = '';
  const ended = (async () => {
    for await (const part of response) text += part;
  })();
  await until('the follower', () => pod.log().followers.size === 1);
  pod.log().append('four', 'five');
  await until('lines', () => text === 'four\nfive\n');
  await pod.ended();
  await ended;
});

test('the proxy counts connections, cuts them and refuses new ones', async () => {
  const proxy = await Proxy.to(cluster.url);
  const kube = new Kube(proxy.url, cluster.ca, { token: cluster.tokens.harness });
  await assert.rejects(kube.get('/version'), /ECONNREFUSED/);
  await proxy.open();
  await kube.get('/version');
  await kube.get('/version');
  assert.equal(proxy.accepted, 1);
  assert.equal(proxy.active, 1);
  proxy.cut();
  await until('no connection', () => proxy.active === 0);
  await kube.get('/version');
  assert.equal(proxy.accepted, 2);
  await proxy.close();
  kube.close();
});

test('the audit log tells open watches from ended ones', async () => {
  const ns = await cluster.kube.namespace('harness');
  const user = cluster.claimUser();
  const kube = cluster.as(user.token);
  const mine = (entry) => entry.user.username === user.name && entry.verb === 'watch';
  const response = await kube.stream(`/api/v1/namespaces/${ns}/events?watch=true`);
  response.resume().on('error', () => {});
  await until('the watch', () => cluster.audit.open(mine).length === 1);
  response.destroy();
  await until('its end', () => cluster.audit.open(mine).length === 0);
  assert.equal(cluster.audit.requests(mine).length, 1);
  kube.close();
});
