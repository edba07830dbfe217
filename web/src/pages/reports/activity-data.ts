// Points of the API, which leaves out what is nought, made whole. Pure.
import type { Schemas } from '../../api/client';

type Point = Schemas['Activity']['points'][number];
type Act = 'opens' | 'clicks';
export interface Period { at: string; opens: number; clicks: number; opens_robots: number; clicks_robots: number }

const HOUR_MS = 3_600_000;
const SPAN_MS = { hour: HOUR_MS, day: 24 * HOUR_MS };
const PERIODS_MAX = 1_000; // beyond that a gap stays a gap

// One for each hour or day from the first to the last. Days are the bank's and 23 or 25 hours long twice a year, so a known
// beginning wins over a computed one.
export function eachPeriod(points: Point[], span: 'hour' | 'day'): Period[] {
  const whole = (point: Partial<Point>, at: string): Period =>
    ({ at, opens: point.opens ?? 0, clicks: point.clicks ?? 0, opens_robots: point.opens_robots ?? 0, clicks_robots: point.clicks_robots ?? 0 });
  const found: Period[] = [];
  for (const point of points) {
    const at = new Date(point.at!).getTime();
    for (let last = found.at(-1); last && found.length < PERIODS_MAX; last = found.at(-1)) {
      const next = new Date(last.at).getTime() + SPAN_MS[span];
      if (next + SPAN_MS[span] / 2 > at) break;
      found.push(whole({}, new Date(next).toISOString()));
    }
    found.push(whole(point, point.at!));
  }
  return found;
}

// All hours of a week, Monday first.
export function byWeek(points: Point[], act: Act, robots: boolean): { day: number; hour: number; count: number }[] {
  const known = new Map(points.map((one) => [`${one.weekday} ${one.hour}`, (one[act] ?? 0) + (robots ? (one[`${act}_robots`] ?? 0) : 0)]));
  return Array.from({ length: 7 * 24 }, (_, at) => ({ day: Math.floor(at / 24), hour: at % 24, count: known.get(`${Math.floor(at / 24) + 1} ${at % 24}`) ?? 0 }));
}

// "Mon", "Tue" ... as people of a language write them.
export function weekdaysIn(locale: string): string[] {
  const format = new Intl.DateTimeFormat(locale, { weekday: 'short', timeZone: 'UTC' });
  return Array.from({ length: 7 }, (_, day) => format.format(new Date(Date.UTC(2024, 0, 1 + day)))); // 1 January 2024 was a Monday
}
