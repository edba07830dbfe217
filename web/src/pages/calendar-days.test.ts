import { expect, test } from 'vitest';
import { dayAfter, dayIn, daysOf, instantIn, monthAfter, weekOf } from './calendar-days';

test('a week begins on Monday, also across months and years', () => {
  expect(weekOf('2026-11-22')).toEqual(['2026-11-16', '2026-11-17', '2026-11-18', '2026-11-19', '2026-11-20', '2026-11-21', '2026-11-22']);
  expect(weekOf('2027-01-01')[0]).toBe('2026-12-28');
});

test('a month is whole weeks around it', () => {
  const weeks = daysOf('2026-11');
  expect(weeks[0]![0]).toBe('2026-10-26');
  expect(weeks.at(-1)!.at(-1)).toBe('2026-12-06');
  expect(daysOf('2027-02').length).toBe(4);
  expect(monthAfter('2026-12', 1)).toBe('2027-01');
  expect(dayAfter('2028-02-28', 1)).toBe('2028-02-29');
});

test('a local time is the moment at which the clocks of its zone show it', () => {
  expect(instantIn('Europe/Moscow', '2026-11-24', '12:00').toISOString()).toBe('2026-11-24T09:00:00.000Z');
  expect(instantIn('Asia/Kamchatka', '2026-01-01', '03:30').toISOString()).toBe('2025-12-31T15:30:00.000Z');
  expect(instantIn('Europe/Berlin', '2026-07-01', '00:15').toISOString()).toBe('2026-06-30T22:15:00.000Z');
  expect(instantIn('Europe/Berlin', '2026-10-25', '12:00').toISOString()).toBe('2026-10-25T11:00:00.000Z');
});

test('a day is that of the zone', () => {
  expect(dayIn('Europe/Moscow', '2026-11-23T21:30:00.000Z')).toBe('2026-11-24');
  expect(dayIn('Etc/UTC', '2026-11-23T21:30:00.000Z')).toBe('2026-11-23');
});
