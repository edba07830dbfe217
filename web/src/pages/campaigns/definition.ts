// A campaign's definition as the app reads and writes it (docs/schema/campaign.schema.json). What the app does not
// know stays in it untouched.
import type { Schedule } from './schedule';

export interface Step {
  name?: string;
  channel: string | string[];
  template: string | Record<string, string>;
  wait?: string;
  condition?: string;
  [other: string]: unknown;
}

export interface Definition {
  name: string;
  title?: string;
  description?: string;
  objective?: string;
  owner?: string;
  segment?: string;
  exclude?: string[];
  control?: { percent: number };
  steps?: Step[];
  schedule?: Schedule;
  tracking?: boolean;
  [other: string]: unknown;
}

export const definitionOf = (stored: unknown) => stored as Definition;
export const channelsOf = (step: Step) => (Array.isArray(step.channel) ? step.channel : [step.channel]);
export const templateOf = (step: Step, channel: string) =>
  typeof step.template === 'string' ? step.template : (step.template[channel] ?? '');

// Channels and their templates in order of preference, written as short as the schema allows.
export function withRoutes(step: Step, routes: { channel: string; template: string }[]): Step {
  const single = routes.length === 1 ? routes[0] : undefined;
  return {
    ...step,
    channel: single ? single.channel : routes.map((route) => route.channel),
    template: single ? single.template : Object.fromEntries(routes.map((route) => [route.channel, route.template])),
  };
}
