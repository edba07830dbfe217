// What a rule may be about, as the API lists it, and what a new rule begins with.
import type { Schemas } from '../api/client';
import { WITHOUT_VALUE } from './tree';

export type Catalogue = Schemas['SegmentCatalogue'];
export type Field = Schemas['SegmentField'];
export const LISTS = ['in', 'not_in'];

export function defaultOf(field: string, operator: string, catalogue: Catalogue): unknown {
  switch (field) {
    case 'anniversary': return { field: 'birth_date', in_days: 0 };
    case 'contract': return { kind: catalogue.contract_kinds[0] ?? 'loan' };
    case 'contact': return { channel: 'email' };
    case 'consent': return { channel: 'email', purpose: 'marketing', granted: true };
    case 'received': return { campaign: catalogue.campaigns[0] ?? '', within_days: 30 };
    case 'responded': return { campaign: catalogue.campaigns[0] ?? '' };
    case 'segment': return catalogue.segments[0] ?? '';
    case 'random': return { percent: 10, salt: 'sample' };
    case 'relation': return { kind: catalogue.relation_kinds[0] ?? 'spouse' };
  }
  if (WITHOUT_VALUE.includes(operator)) return undefined;
  const known = catalogue.client.find((one) => one.name === field);
  const first = known?.type === 'flag' ? true : (known?.choices?.[0] ?? '');
  if (operator === 'between') return ['', ''];
  return LISTS.includes(operator) ? [first].filter((one) => one !== '') : first;
}
