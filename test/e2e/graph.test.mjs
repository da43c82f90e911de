// The resource graph on our own small definitions: k0rdent's kinds alone.
import { FIXTURES, OWN_CRDS } from './lib/fixtures.mjs';
import { stories } from './lib/graph.mjs';

stories('our own definitions', [OWN_CRDS], [FIXTURES], ['core', 'extra']);
