// What packages and registries say of the server.
export const REPOSITORY = 'https://github.com/k0rdent/k0rdent-mcp';
/** The image's name in its registry; the chart asks for it. */
export const IMAGE = 'ghcr.io/k0rdent/k0rdent-mcp';
export const DESCRIPTION = 'MCP server for k0rdent management clusters';
/** Its name in the MCP registry, which believes who publishes it by this mark in each package: see registry.mjs. */
export const MCP_NAME = 'io.github.k0rdent/k0rdent-mcp';
