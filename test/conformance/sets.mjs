// What is run, and how many checks each set has in release 0.2.0-alpha.12 of the suite.
export const EVERYTHING = [
  {
    revision: '2025-11-25',
    required: [30, 70],
    notScored: ['server-session-lifecycle', 'json-schema-2020-12', 'server-sse-polling'],
    notScoredChecks: 14,
  },
];

// The scenarios that need nothing of a server but what the product has.
export const PRODUCT = [
  {
    revision: '2025-11-25',
    names: [
      'server-initialize', 'server-session-lifecycle', 'ping', 'logging-set-level', 'tools-list', 'resources-list',
      'server-sse-multiple-streams', 'dns-rebinding-protection',
    ],
  },
];
