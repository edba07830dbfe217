import { expect, it } from 'vitest';
import { addWords, speechOf } from '../../i18n';
import { launch } from '../../i18n/words/launch';
import type { Definition } from './definition';
import { changesOf, factsOf } from './facts';

addWords(launch);
const speech = speechOf('en', () => {});
const facts = (definition: Definition) => factsOf(definition, speech, () => 'words');
const base: Definition = { name: 'spring', title: 'Spring', segment: 'all', control: { percent: 5 }, steps: [{ channel: 'email', template: 'mail' }], schedule: { once: { date: '2026-11-24', time: '11:00' } } };

it('the same definition has no changes', () => expect(changesOf(facts(base), facts(structuredClone(base)))).toEqual([]));

it('each changed field is one line, in words', () => {
  const next: Definition = { ...base, title: 'Summer', control: { percent: 10 }, exclude: ['staff'], steps: [...base.steps!, { channel: ['sms', 'email'], template: { sms: 's', email: 'mail' }, wait: '3d', condition: 'no_response' }] };
  expect(changesOf(facts(base), facts(next)).map(({ label, before, now }) => [label, before, now])).toEqual([
    ['Title', 'Spring', 'Summer'],
    ['Control group', '5 %', '10 %'],
    ['Message 2', '', 'SMS: s else E-mail: mail; Wait: 3d; if there was no response'],
    ['Leave out', '', 'staff'],
  ]);
});

it('what was taken away is a change, too', () => {
  const next = { ...base, control: undefined };
  expect(changesOf(facts(base), facts(next))).toEqual([{ key: 'control', label: 'Control group', before: '5 %', now: '' }]);
});

it('a member the app does not know is compared as it stands', () =>
  expect(changesOf(facts(base), facts({ ...base, goals: [{ event: 'x' }] }))).toEqual([{ key: 'goals', label: 'goals', before: '', now: '[{"event":"x"}]' }]));

it('two recurring schedules with the same words differ by their rule', () => {
  const weekly = (rrule: string): Definition => ({ ...base, schedule: { recurring: { rrule, start: '2026-11-24', time: '11:00' } } });
  expect(changesOf(facts(weekly('FREQ=WEEKLY;BYDAY=MO')), facts(weekly('FREQ=WEEKLY;BYDAY=TU')))).toHaveLength(1);
});
