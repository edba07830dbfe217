// Who would be written to twice on one day: campaigns on one segment, as the calendar says, and pairs on segments with clients
// in common, as they are counted.
import type { Schemas } from '../api/client';

export interface Conflict {
  day: string;
  campaigns: string[];
  segment: string; // both write to it; '': different ones with clients in common
  clients: number | null; // null: not counted
  whole: boolean; // false: there may be more
}

export function conflictsOf(calendar: Schemas['Calendar'], overlaps: Schemas['CalendarOverlaps'] | undefined): Conflict[] {
  const same = calendar.conflicts.map((one) => ({ ...one, clients: null, whole: true }));
  const counted = (overlaps?.items ?? []).map(({ day, campaigns, clients, whole }) => ({ day, campaigns, segment: '', clients, whole }));
  return [...same, ...counted].sort((a, b) => a.day.localeCompare(b.day));
}

// A number of somebody is known, or they write to one segment: what was not counted in time is a question, no conflict.
export const isSure = (one: Conflict) => one.segment !== '' || one.clients !== null;

export interface Meeting extends Omit<Conflict, 'day'> { days: string[] }

// The same campaigns with the same outcome on several days are one line.
export function meetingsOf(conflicts: Conflict[]): Meeting[] {
  const found = new Map<string, Meeting>();
  for (const { day, ...what } of conflicts) {
    const key = JSON.stringify(what);
    const known = found.get(key);
    if (known) known.days.push(day);
    else found.set(key, { ...what, days: [day] });
  }
  return [...found.values()];
}
