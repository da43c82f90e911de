// Writes man/k0rdent-mcp-tools.7 from a tools/list result: node scripts/man-tools.mjs < tools.json
import fs from 'node:fs';

/** A text as mdoc: no line begins with a control character, and nothing is an escape. */
const plain = (text) => text.replaceAll('\\', '\\e').replace(/^([.'])/gm, '\\&$1');

/** Sentences, one a line. */
const lines = (text) => plain(text).replace(/([.:]) (?=[A-Z])/g, '$1\n');

function argument([name, schema], required) {
  const type = schema.type === 'array' ? `list of ${schema.items?.type ?? 'any'}` : [schema.type ?? 'any'].flat().join(' or ');
  const words = [required ? 'Required.' : '', schema.description ? `${schema.description[0].toUpperCase()}${schema.description.slice(1)}.` : '',
    schema.enum ? `One of ${schema.enum.join(', ')}.` : '', schema.default !== undefined ? `Default ${JSON.stringify(schema.default)}.` : ''];
  return `.It Ar ${name} Pq ${type}\n${plain(words.filter(Boolean).join('\n'))}`.trimEnd();
}

/** The text of the page. The same tools give the same text. */
export function manPage(tools) {
  const out = ['.\\" Made from the registry by scripts/man-tools.mjs: change the tools, not this page.', '.Dd $Mdocdate$', '.Dt K0RDENT-MCP-TOOLS 7', '.Os',
    '.Sh NAME', '.Nm k0rdent-mcp-tools', '.Nd the tools that k0rdent-mcp offers to clients', '.Sh DESCRIPTION',
    'An MCP client calls these tools by name.', 'Each answers with a text for a model and with structured content of the same.',
    'Lists share their arguments:', '.Ar fields', 'names members of a row or paths of the object,', '.Ar sortBy', 'a column,', '.Ar continue',
    'what a cut answer returned,', '.Ar maxBytes', 'the most bytes of text and structured content together.', '.Pp',
    'Secrets in answers are masked.', '.Sh TOOLS'];
  for (const tool of tools) {
    out.push(`.Ss ${tool.name}`, lines(tool.description));
    const properties = Object.entries(tool.inputSchema.properties ?? {});
    if (properties.length === 0) continue;
    out.push('.Bl -tag -width Ds -compact');
    for (const property of properties) out.push(argument(property, tool.inputSchema.required?.includes(property[0])));
    out.push('.El');
  }
  out.push('.Sh SEE ALSO', '.Xr k0rdent-mcp 8', '');
  return out.join('\n').replace('$Mdocdate$', 'November 29, 2026');
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  process.stdout.write(manPage(JSON.parse(fs.readFileSync(0, 'utf8')).tools));
}
