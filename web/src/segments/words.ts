// A rule as a sentence, while it is being written (the server's own words come with the stored segment).
import type { Speech } from '../i18n';
import type { Rule } from './tree';

export function ruleInWords(rule: Rule, { t, code }: Pick<Speech, 't' | 'code'>): string {
  const shown = (value: unknown): string =>
    Array.isArray(value) ? value.map((one) => code('value', String(one))).join(', ') : code('value', String(value ?? '…'));
  const inner = (rules: Rule[], joint: string) =>
    rules.map((one) => ('all' in one || 'any' in one ? `(${ruleInWords(one, { t, code })})` : ruleInWords(one, { t, code }))).join(` ${joint} `);
  if ('all' in rule) return rule.all.length ? inner(rule.all, t('rule.and')) : t('rule.everybody');
  if ('any' in rule) return rule.any.length ? inner(rule.any, t('rule.or')) : t('rule.nobody');
  if ('not' in rule) return `${t('rule.not')} (${ruleInWords(rule.not, { t, code })})`;
  if ('field' in rule)
    return `${code('field', rule.field)} ${code('op', rule.op)}${rule.value === undefined ? '' : ` ${shown(rule.value)}`}`;
  const [key = '', content] = Object.entries(rule)[0] ?? [];
  if (typeof content !== 'object' || content === null) return `${code('special', key)} ${shown(content)}`;
  const parts = Object.entries(content as Record<string, unknown>).map(([name, value]) =>
    name === 'where'
      ? (value as Rule[]).map((one) => ruleInWords(one, { t, code })).join(` ${t('rule.and')} `)
      : typeof value === 'object' ? Object.values(value as object).join(' ') : code(name === 'channel' ? 'channel' : 'value', String(value)));
  return `${code('special', key)}: ${parts.filter(Boolean).join(', ')}`;
}
