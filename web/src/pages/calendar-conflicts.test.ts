import { describe, expect, it } from 'vitest';
import { conflictsOf, isSure, meetingsOf } from './calendar-conflicts';

const calendar = { zone: 'Europe/Moscow', now: '2026-11-24T09:00:00Z', items: [], conflicts: [{ day: '2026-11-26', segment: 'everyone', campaigns: ['a', 'b'] }] };
const pair = (day: string, clients: number | null, whole = true) => ({ day, campaigns: ['a', 'c'], segments: ['everyone', 'some'], clients, whole });

describe('conflicts of the calendar', () => {
  it('are those of one segment and those that were counted, by day', () => {
    const found = conflictsOf(calendar, { items: [pair('2026-11-25', 7), pair('2026-11-27', null, false)], left_off: 0 });
    expect(found.map((one) => [one.day, one.segment, one.clients])).toEqual([['2026-11-25', '', 7], ['2026-11-26', 'everyone', null], ['2026-11-27', '', null]]);
    expect(found.map(isSure)).toEqual([true, true, false]);
  });
  it('are there before the others have been counted', () => expect(conflictsOf(calendar, undefined)).toHaveLength(1));
  it('are one line where nothing but the day differs', () => {
    const lines = meetingsOf(conflictsOf(calendar, { items: [pair('2026-11-25', 7), pair('2026-11-27', 7), pair('2026-11-28', 8)], left_off: 0 }));
    expect(lines.map((one) => one.days)).toEqual([['2026-11-25', '2026-11-27'], ['2026-11-26'], ['2026-11-28']]);
  });
});
