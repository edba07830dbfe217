// Months as "2026-11", days as "2026-11-22"; whole weeks from Monday.
const text = (date: Date) => date.toISOString().slice(0, 10);
const DAY_MS = 86_400_000;

export const dayAfter = (day: string, by: number): string => text(new Date(new Date(`${day}T00:00:00Z`).getTime() + by * DAY_MS));

export function weekOf(day: string): string[] {
  const monday = dayAfter(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7));
  return Array.from({ length: 7 }, (_, at) => dayAfter(monday, at));
}

export function daysOf(month: string): string[][] {
  const next = `${monthAfter(month, 1)}-01`;
  const weeks: string[][] = [];
  for (let week = weekOf(`${month}-01`); week[0]! < next; week = weekOf(dayAfter(week[0]!, 7))) weeks.push(week);
  return weeks;
}

export function monthAfter(month: string, by: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return text(new Date(Date.UTC(year, number - 1 + by, 1))).slice(0, 7);
}

export function today(): string {
  const now = new Date();
  return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, '0')}-${String(now.getDate()).padStart(2, '0')}`;
}

// The day it is there at that moment.
export const dayIn = (zone: string, instant: string): string => new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(new Date(instant));

// The moment at which clocks of the zone show that day and time; of a time that a change of the clocks skips, one beside it.
export function instantIn(zone: string, day: string, time: string): Date {
  const wanted = new Date(`${day}T${time}:00Z`).getTime();
  const shown = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' });
  const ahead = (at: number) => new Date(`${shown.format(at).replace(' ', 'T')}:00Z`).getTime() - at;
  const guess = wanted - ahead(wanted);
  return new Date(wanted - ahead(guess));
}
