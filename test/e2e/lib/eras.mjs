// The stories that are the same for both eras are told once, with the official client of each.
import test from 'node:test';
import { Session } from './mcp.mjs';
import { ModernSession } from './modern.mjs';

export const ERAS = { legacy: Session, modern: ModernSession };

/** A test for each era; story(t, Session, era). */
export function eachEra(name, story) {
  for (const [era, Client] of Object.entries(ERAS)) test(`${name} (${era})`, (t) => story(t, Client, era));
}

/** One client of each era, of one product. */
export const openBoth = (product, options) => Promise.all(Object.values(ERAS).map((Client) => Client.open(product, options)));
