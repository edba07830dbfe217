// Numbers, money, dates and times as people of a language write them.
import { translate, useSpeech, type Language } from './i18n';

export const localeOf = (language: Language) => (language === 'ru' ? 'ru-RU' : 'en-GB');

export function formatNumber(language: Language, value: number, digits = 0): string {
  return new Intl.NumberFormat(localeOf(language), { maximumFractionDigits: digits }).format(value);
}

// Minor units, as reports count them.
export const formatMinor = (language: Language, minor: number, currency: string) => formatMoney(language, `${(minor / 100).toFixed(2)} ${currency}`);

export function formatPercent(language: Language, share: number): string {
  return new Intl.NumberFormat(localeOf(language), {
    style: 'percent',
    maximumFractionDigits: share !== 0 && Math.abs(share) < 0.1 ? 1 : 0,
  }).format(share);
}

// "1234.50 RUB" of the API; what does not look so is shown as it is.
export function formatMoney(language: Language, text: string): string {
  const found = /^(-?\d+(?:\.\d+)?) ([A-Z]{3})$/.exec(text);
  if (!found) return text;
  return new Intl.NumberFormat(localeOf(language), {
    style: 'currency',
    currency: found[2],
    currencyDisplay: 'narrowSymbol',
  }).format(Number(found[1]));
}

export function formatDate(language: Language, day: string): string {
  return new Intl.DateTimeFormat(localeOf(language), {
    day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC',
  }).format(new Date(`${day.slice(0, 10)}T00:00:00Z`));
}

// "24.11.2026", where there is little room; what is no day (a month, a quarter) stays as it is.
export function formatDay(language: Language, day: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return day;
  return new Intl.DateTimeFormat(localeOf(language), { day: '2-digit', month: '2-digit', year: 'numeric', timeZone: 'UTC' }).format(new Date(`${day}T00:00:00Z`));
}

export function formatTime(language: Language, instant: string): string {
  return new Intl.DateTimeFormat(localeOf(language), {
    day: '2-digit', month: '2-digit', year: 'numeric', hour: '2-digit', minute: '2-digit',
  }).format(new Date(instant));
}

// The two largest units: "3 h 12 min". Below a second: "1 s".
export function formatDuration(language: Language, seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  const parts = [
    ['unit.day', Math.floor(whole / 86_400)],
    ['unit.hour', Math.floor(whole / 3_600) % 24],
    ['unit.minute', Math.floor(whole / 60) % 60],
    ['unit.second', whole % 60],
  ] as const;
  const first = parts.findIndex(([, n]) => n > 0);
  return parts
    .slice(first, first + 2)
    .filter(([, n]) => n > 0)
    .map(([unit, n]) => translate(language, unit, { n }))
    .join(' ');
}

// "in 3 h 12 min", "2 d 1 h ago".
export function formatDistance(language: Language, instant: string, now: number): string {
  const seconds = (new Date(instant).getTime() - now) / 1000;
  const time = formatDuration(language, Math.abs(seconds));
  return translate(language, seconds >= 0 ? 'common.in' : 'common.ago', { time });
}

export function useFormat() {
  const { language } = useSpeech();
  return {
    number: (value: number, digits?: number) => formatNumber(language, value, digits),
    minor: (minor: number, currency: string) => formatMinor(language, minor, currency),
    percent: (share: number) => formatPercent(language, share),
    money: (text: string) => formatMoney(language, text),
    date: (day: string) => formatDate(language, day),
    day: (day: string) => formatDay(language, day),
    time: (instant: string) => formatTime(language, instant),
    duration: (seconds: number) => formatDuration(language, seconds),
    distance: (instant: string, now?: string) => formatDistance(language, instant, now ? new Date(now).getTime() : Date.now()),
  };
}
