// A schedule of a campaign's definition in words.
import { useFormat } from '../../format';
import { useSpeech } from '../../i18n';

export interface Schedule {
  once?: { date: string; time: string };
  recurring?: { rrule: string; start: string; time: string };
  date_field?: { field: string; match?: string; offset_days?: number; time: string };
  calendar_days?: { days?: unknown[]; list?: string; time: string };
  event?: { name: string; delay?: string };
  zone?: 'client' | 'bank';
}

// What can be put on another day: days that follow from clients' dates or from events are not.
export function movable(schedule: Schedule | undefined): { day: string; time: string } | undefined {
  if (schedule?.once) return { day: schedule.once.date, time: schedule.once.time };
  if (schedule?.recurring) return { day: schedule.recurring.start, time: schedule.recurring.time };
  return undefined;
}

export function moved(schedule: Schedule, day: string, time?: string): Schedule {
  if (schedule.once) return { ...schedule, once: { date: day, time: time ?? schedule.once.time } };
  if (schedule.recurring) return { ...schedule, recurring: { ...schedule.recurring, start: day, time: time ?? schedule.recurring.time } };
  return schedule;
}

const FREQUENCY = /FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)/;

export function useScheduleWords() {
  const { t, code } = useSpeech();
  const format = useFormat();
  return (given: unknown): string => {
    const schedule = (given ?? {}) as Schedule;
    if (schedule.once) return t('schedule.once', { date: format.date(schedule.once.date), time: schedule.once.time });
    if (schedule.recurring) {
      const frequency = FREQUENCY.exec(schedule.recurring.rrule)?.[1]?.toLowerCase() ?? '';
      return t('schedule.recurring', { how: code('frequency', frequency, schedule.recurring.rrule), time: schedule.recurring.time });
    }
    if (schedule.date_field)
      return t('schedule.dateField', { field: code('datefield', schedule.date_field.field), time: schedule.date_field.time });
    if (schedule.calendar_days) return t('schedule.calendarDays', { time: schedule.calendar_days.time });
    if (schedule.event) return t('schedule.event', { name: schedule.event.name });
    return '';
  };
}
