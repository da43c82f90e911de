// What is run, and how many checks each set has in release 0.2.0-alpha.12 of the suite.
export const EVERYTHING = [
  {
    revision: '2025-11-25',
    required: [30, 70],
    notScored: ['server-session-lifecycle', 'json-schema-2020-12', 'server-sse-polling'],
    notScoredChecks: 14,
  },
  {
    revision: '2026-07-28',
    required: [37, 121],
    notScored: [
      'json-schema-2020-12', 'http-header-validation', 'http-custom-header-server-validation',
      'tasks-lifecycle', 'tasks-capability-negotiation', 'tasks-wire-fields', 'tasks-request-state-removal', 'tasks-mrtr-input',
      'tasks-request-headers', 'tasks-dispatch-and-envelope', 'tasks-required-task-error', 'tasks-mrtr-composition',
      'tasks-status-notifications',
    ],
    notScoredChecks: 77,
    // Skipped by the suite itself, whatever a server does.
    may: ['tasks-status-notifications'],
  },
];

// The scenarios that need nothing of a server but what the product has; of two, the checks that ask for the suite's own diagnostic
// tools, or for prompts, are left out.
export const PRODUCT = [
  {
    revision: '2025-11-25',
    names: [
      'server-initialize', 'server-session-lifecycle', 'ping', 'logging-set-level', 'tools-list', 'resources-list',
      'server-sse-multiple-streams', 'dns-rebinding-protection',
    ],
  },
  {
    revision: '2026-07-28',
    names: [
      'tools-list', 'resources-list', 'server-sse-multiple-streams', 'dns-rebinding-protection', 'sep-2164-resource-not-found', 'caching',
      'server-stateless', 'http-header-validation', 'input-required-result-unsupported-methods',
    ],
    skipped: {
      caching: ['sep-2549-prompts-list-caching-hints'],
      'server-stateless': [
        'sep-2575-server-rejects-undeclared-capability', 'sep-2575-missing-capability-http-400',
        'sep-2575-http-server-no-independent-requests-on-stream', 'sep-2575-server-no-log-without-loglevel',
        'sep-2575-server-sends-prompts-list-changed-on-subscription', 'sep-2575-server-sends-tools-list-changed-on-subscription',
      ],
    },
  },
];
