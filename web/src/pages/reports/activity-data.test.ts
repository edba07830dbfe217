import { describe, expect, it } from 'vitest';
import { byWeek, eachPeriod, weekdaysIn } from './activity-data';

const at = (hour: string, opens: number) => ({ at: `2026-11-24T${hour}:00:00Z`, opens, clicks: 0, opens_robots: 0, clicks_robots: 1 });

describe('activity over time', () => {
  it('has hours in which nothing happened, too', () => {
    const periods = eachPeriod([at('09', 2), at('12', 3)], 'hour');
    expect(periods.map((one) => [new Date(one.at).getUTCHours(), one.opens])).toEqual([[9, 2], [10, 0], [11, 0], [12, 3]]);
    expect(periods[1]!.clicks_robots).toBe(0);
  });

  it('takes the days as they come where one of them is an hour shorter', () => {
    const days = ['2026-03-27T23:00:00Z', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'].map((day) => ({ at: day, opens: 1, clicks: 0, clicks_robots: 0 }));
    expect(eachPeriod(days, 'day').map((one) => one.at)).toEqual(days.map((one) => one.at));
  });

  it('fills a week with noughts and adds robots on demand', () => {
    const points = [{ weekday: 1, hour: 10, opens: 2, clicks: 1, opens_robots: 5, clicks_robots: 0 }, { weekday: 7, hour: 23, opens: 1, clicks: 0, opens_robots: 0, clicks_robots: 0 }];
    const cells = byWeek(points, 'opens', false);
    expect(cells).toHaveLength(168);
    expect(cells[10]).toEqual({ day: 0, hour: 10, count: 2 });
    expect(cells[167]).toEqual({ day: 6, hour: 23, count: 1 });
    expect(cells.reduce((sum, one) => sum + one.count, 0)).toBe(3);
    expect(byWeek(points, 'opens', true)[10]!.count).toBe(7);
  });

  it('begins the week with Monday in both languages', () => {
    expect(weekdaysIn('en-GB')[0]).toBe('Mon');
    expect(weekdaysIn('ru-RU')[6]).toBe('вс');
  });
});
