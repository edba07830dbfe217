// A definition field by field, in words, so that two of them can be compared by a person.
import type { Speech } from '../../i18n';
import { channelsOf, templateOf, type Definition, type Step } from './definition';

export interface Fact { key: string; label: string; value: string }

const KNOWN_STEP = ['channel', 'template', 'wait', 'condition'];
const CODES: Record<string, string> = { objective: 'objective', purpose: 'purpose', household: 'household' };

function stepInWords(step: Step, { t, code }: Speech): string {
  const routes = channelsOf(step).map((channel) => `${code('channel', channel)}: ${templateOf(step, channel)}`).join(` ${t('campaign.else')} `);
  const rest = Object.entries(step).filter(([key]) => !KNOWN_STEP.includes(key));
  return [
    routes,
    step.wait && `${t('campaign.wait')}: ${step.wait}`,
    step.condition && code('condition', step.condition),
    rest.length > 0 && JSON.stringify(Object.fromEntries(rest)),
  ].filter(Boolean).join('; ');
}

export function factsOf(definition: Definition, speech: Speech, scheduleInWords: (schedule: unknown) => string): Fact[] {
  const { t, code } = speech;
  const plain = (key: string, value: unknown): string =>
    key === 'control' ? `${(value as { percent: number }).percent} %`
      : key in CODES ? code(CODES[key]!, String(value))
        : Array.isArray(value) && value.every((one) => typeof one === 'string') ? value.join(', ')
          : typeof value === 'object' ? JSON.stringify(value) : String(value);
  return Object.entries(definition).flatMap(([key, value]): Fact[] => {
    if (key === 'name' || value === undefined || value === null) return [];
    if (key === 'steps') return (value as Step[]).map((step, at) => ({ key: `step ${at}`, label: t('fact.step', { n: at + 1 }), value: stepInWords(step, speech) }));
    if (key !== 'schedule') return [{ key, label: code('fact', key), value: plain(key, value) }];
    const { zone, ...schedule } = value as { zone?: string };
    // Words alone could hide a difference: the rule itself stands behind them.
    const precise = 'recurring' in schedule || 'date_field' in schedule || 'calendar_days' in schedule || 'event' in schedule;
    return [
      { key, label: t('fact.schedule'), value: scheduleInWords(schedule) + (precise ? ` (${JSON.stringify(schedule)})` : '') },
      { key: 'zone', label: t('fact.zone'), value: code('zone', zone ?? 'client') },
    ];
  });
}

export interface Change { key: string; label: string; before: string; now: string }

export function changesOf(before: Fact[], now: Fact[]): Change[] {
  const old = new Map(before.map((fact) => [fact.key, fact]));
  const changed = now.flatMap((fact) => {
    const was = old.get(fact.key)?.value ?? '';
    old.delete(fact.key);
    return was === fact.value ? [] : [{ key: fact.key, label: fact.label, before: was, now: fact.value }];
  });
  return [...changed, ...[...old.values()].map((fact) => ({ key: fact.key, label: fact.label, before: fact.value, now: '' }))];
}
