// Makes an OCI layout of a packaged Helm chart, as `helm push` would store it in a registry. usage: chart.mjs OUT CHART_YAML ARCHIVE
import fs from 'node:fs';
import { Layout } from './oci.mjs';

const [out, chartYaml, archive] = process.argv.slice(2);
// The words of Chart.yaml that registries show; all of it is in the archive.
const about = Object.fromEntries([...fs.readFileSync(chartYaml, 'utf8').matchAll(/^([a-zA-Z]+): "?([^"[\n]+)"?$/gm)].map(([, key, value]) => [key, value]));
const layout = new Layout();
const chart = layout.chart(fs.readFileSync(archive), about, {
  'org.opencontainers.image.title': about.name, 'org.opencontainers.image.version': about.version, 'org.opencontainers.image.description': about.description,
});
layout.write(out, [[about.version, chart]]);
