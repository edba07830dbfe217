// When a campaign falls due next: the moment with its zone, and how long until then.
import { Text } from '@mantine/core';
import { useAsk } from '../../api/hooks';
import { useFormat } from '../../format';
import { addWords, useSpeech } from '../../i18n';
import { launch } from '../../i18n/words/launch';
import { dayAfter, today } from '../calendar-days';

addWords(launch);

const DAYS = 61; // as many as the calendar answers for
const FRESH_MS = 60_000;

export function useStarts() {
  const format = useFormat();
  const calendar = useAsk('/calendar', { query: { from: today(), to: dayAfter(today(), DAYS) } }, { keep: true, every: FRESH_MS });
  const next = (name: string) => calendar.data?.items.find((one) => one.campaign === name && new Date(one.at).getTime() > Date.now());
  return {
    zone: calendar.data?.zone,
    next,
    said: (name: string) => {
      const found = next(name);
      return found && format.distance(found.at);
    },
  };
}

export function NextStart({ name, ofClients }: { name: string; ofClients: boolean }) {
  const { t } = useSpeech();
  const format = useFormat();
  const starts = useStarts();
  if (!starts.zone) return <>…</>;
  const found = starts.next(name);
  if (!found) return <Text size="sm" c="dimmed">{t('starts.none')}</Text>;
  return (
    <span data-testid="next-start">
      <time dateTime={found.at}>{format.day(found.day)}, {found.time}</time> · <b>{format.distance(found.at)}</b>
      <Text size="xs" c="dimmed">{ofClients ? t('starts.client', { zone: starts.zone }) : starts.zone}</Text>
    </span>
  );
}
