// When a campaign falls due next: the moment with its zone, and how long until then.
import { Text } from '@mantine/core';
import { useAsk } from '../../api/hooks';
import { useFormat } from '../../format';
import { addWords, useSpeech } from '../../i18n';
import { launch } from '../../i18n/words/launch';

addWords(launch);

const FRESH_MS = 60_000;

export function useStarts() {
  const format = useFormat();
  // As far ahead as the server looks, by its clock.
  const calendar = useAsk('/calendar', {}, { keep: true, every: FRESH_MS }).data;
  const late = (name: string) => calendar?.items.find((one) => one.campaign === name && one.at <= calendar.now);
  const next = (name: string) => calendar?.items.find((one) => one.campaign === name && one.at > calendar.now);
  return {
    zone: calendar?.zone,
    next,
    late,
    said: (name: string) => {
      const found = next(name);
      return calendar && found && format.distance(found.at, calendar.now);
    },
  };
}

// `waits`: it has not been started yet.
export function NextStart({ name, ofClients, waits }: { name: string; ofClients: boolean; waits: boolean }) {
  const { t } = useSpeech();
  const format = useFormat();
  const starts = useStarts();
  if (!starts.zone) return <>…</>;
  const found = starts.next(name);
  const late = starts.late(name);
  if (!found && late && waits) return <span>{format.day(late.day)}, {late.time} · {t('starts.late')}</span>;
  if (!found) return <Text size="sm" c="dimmed">{t('starts.none')}</Text>;
  return (
    <span data-testid="next-start">
      <time dateTime={found.at}>{format.day(found.day)}, {found.time}</time> · <b>{starts.said(name)}</b>
      <Text size="xs" c="dimmed">{ofClients ? t('starts.client', { zone: starts.zone }) : starts.zone}</Text>
    </span>
  );
}
