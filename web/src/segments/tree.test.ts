import { describe, expect, it } from 'vitest';
import { isWhole, ruleOf, treeOf, type Rule } from './tree';

const ROUND_TRIPS: [string, Rule][] = [
  ['everybody', { all: [] }],
  ['a comparison in a group', { all: [{ field: 'kind', op: 'is', value: 'person' }] }],
  ['a list of values', { any: [{ field: 'status', op: 'in', value: ['new', 'active'] }] }],
  ['groups in groups', {
    all: [
      { field: 'age', op: '>=', value: 18 },
      { any: [{ field: 'branch', op: 'is', value: 'msk' }, { all: [{ field: 'age', op: 'between', value: [20, 30] }] }] },
    ],
  }],
  ['a comparison without a value', { all: [{ field: 'middle_name', op: 'is_missing' }] }],
  ['not of one rule', { all: [{ not: { segment: 'overdue-loans' } }] }],
  ['not of a group', { not: { any: [{ field: 'kind', op: 'is', value: 'company' }, { segment: 'x' }] } }],
  ['not of not', { all: [{ not: { not: { segment: 'x' } } }] }],
  ['contracts with conditions, count and sum', {
    all: [{
      contract: {
        kind: 'loan', currency: 'RUB', where: [{ field: 'overdue_days', op: '>=', value: 30 }],
        count: { op: '>=', value: 2 }, sum: { field: 'overdue', op: '>', value: 1000 },
      },
    }],
  }],
  ['every other kind of rule', {
    any: [
      { anniversary: { field: 'birth_date', in_days: { from: 0, to: 7 } } },
      { contact: { channel: 'email', verified: true } },
      { consent: { channel: 'sms', purpose: 'marketing', granted: false } },
      { received: { campaign: 'spring', within_days: 7 } },
      { responded: { campaign: 'spring', kind: 'reply' } },
      { random: { percent: 12.5, salt: 'pilot' } },
      { relation: { kind: 'spouse', segment: 'top-clients' } },
    ],
  }],
];

describe('a rule goes through the builder and comes back unchanged', () => {
  it.each(ROUND_TRIPS)('%s', (_, rule) => {
    expect(ruleOf(treeOf(rule))).toEqual(rule);
  });
});

it('a rule without a group gets one around it', () => {
  expect(ruleOf(treeOf({ segment: 'x' }))).toEqual({ all: [{ segment: 'x' }] });
});

it('a rule of a kind that is not known is refused rather than lost', () => {
  expect(() => treeOf({ all: [{ telepathy: {} } as unknown as Rule] })).toThrow('telepathy');
});

it.each([
  [{ all: [] }, true],
  [{ all: [{ field: 'age', op: '>=', value: '' }] }, false],
  [{ all: [{ field: 'age', op: '>=', value: 0 }] }, true],
  [{ all: [{ field: 'age', op: 'between', value: [18, ''] }] }, false],
  [{ all: [{ field: 'age', op: 'is_missing' }] }, true],
  [{ not: { segment: '' } }, false],
  [{ any: [{ received: { campaign: '' } }] }, false],
  [{ any: [{ contract: { kind: 'loan', where: [{ field: 'amount', op: '>', value: '' }] } }] }, false],
  [{ any: [{ contract: { kind: 'loan' } }] }, true],
] as [Rule, boolean][])('%j is whole: %s', (rule, whole) => {
  expect(isWhole(rule)).toBe(whole);
});
