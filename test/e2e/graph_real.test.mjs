// The resource graph on the real definitions, where they lie beside the checkout: Flux, Cluster API and Sveltos as well.
import fs from 'node:fs';
import path from 'node:path';
import { FIXTURES, REAL_CRDS } from './lib/fixtures.mjs';
import { stories } from './lib/graph.mjs';

if (fs.existsSync(REAL_CRDS)) {
  stories('the real definitions', [REAL_CRDS, path.join(REAL_CRDS, 'external')], [FIXTURES, path.join(FIXTURES, 'external')],
    ['core', 'extra', 'external']);
}
