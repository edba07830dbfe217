// Months as "2026-11", days as "2026-11-22"; whole weeks from Monday.
const text = (date: Date) => date.toISOString().slice(0, 10);
const DAY_MS = 86_400_000;

export function daysOf(month: string): string[][] {
  const first = new Date(`${month}-01T00:00:00Z`);
  const monday = first.getTime() - ((first.getUTCDay() + 6) % 7) * DAY_MS;
  const next = `${monthAfter(month, 1)}-01`;
  const weeks: string[][] = [];
  for (let start = monday; text(new Date(start)) < next; start += 7 * DAY_MS)
    weeks.push(Array.from({ length: 7 }, (_, day) => text(new Date(start + day * DAY_MS))));
  return weeks;
}

export function monthAfter(month: string, by: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return text(new Date(Date.UTC(year, number - 1 + by, 1))).slice(0, 7);
}

export function thisMonth(): string {
  const now = new Date();
  return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, '0')}`;
}
