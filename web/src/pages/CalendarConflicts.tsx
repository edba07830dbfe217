// What the signs of the calendar mean, and below it who would be written to twice, with links to both campaigns.
import { Alert, Anchor, Box, Group, List, Loader, Text } from '@mantine/core';
import { Fragment } from 'react';
import { Link } from 'react-router';
import type { Schemas } from '../api/client';
import { useAsk } from '../api/hooks';
import { useMay } from '../app/session';
import { useFormat } from '../format';
import { useSpeech } from '../i18n';
import { isSure, meetingsOf, type Conflict, type Meeting } from './calendar-conflicts';

const COUNTED_MS = 5 * 60_000; // counting looks at all clients
const DAYS_SHOWN = 6;

// Asked after the calendar is shown, which does not wait for it.
export function useOverlaps(span: { from: string; to: string }, enabled: boolean) {
  const may = useMay();
  return useAsk('/calendar/overlaps', { query: span }, { enabled: enabled && may('segments.count'), fresh: COUNTED_MS });
}

const TITLE_MAX = 40;
const shortened = (title: string) => (title.length > TITLE_MAX ? `${title.slice(0, TITLE_MAX - 1).trimEnd()}…` : title);

// In words, for a sign at a day or a campaign.
export function useConflictWords(data: Schemas['Calendar']) {
  const { t } = useSpeech();
  const titleOf = (name: string) => data.items.find((one) => one.campaign === name)?.title || name;
  const outcome = (one: Omit<Conflict, 'day'>) => {
    if (one.segment) return t('calendar.sameSegment', { segment: one.segment });
    if (one.clients === null) return t('calendar.notCounted');
    return t(one.whole ? 'calendar.clients' : 'calendar.clientsAtLeast', { n: one.clients });
  };
  const others = (one: Conflict, campaign: string) => one.campaigns.filter((name) => name !== campaign).map((name) => shortened(titleOf(name))).join(', ');
  return { titleOf, outcome, line: (one: Conflict, campaign: string) => `+ ${others(one, campaign)}: ${outcome(one)}` };
}

export function Legend({ movable, counting }: { movable: boolean; counting: boolean }) {
  const { t } = useSpeech();
  return (
    <Group gap="lg" data-testid="legend">
      <Group gap={6} wrap="nowrap"><Box w={14} h={14} bg="var(--mantine-color-orange-light)" style={{ border: '1px solid var(--mantine-color-default-border)' }} aria-hidden /><Text size="xs">⚠ {t('calendar.legendTwice')}</Text></Group>
      {movable && <Text size="xs">⠿ {t('calendar.legendMoves')}</Text>}
      {counting && <Group gap={6} role="status"><Loader size={12} aria-hidden /><Text size="xs">{t('calendar.counting')}</Text></Group>}
    </Group>
  );
}

export function Conflicts({ data, conflicts, leftOff }: { data: Schemas['Calendar']; conflicts: Conflict[]; leftOff: number }) {
  const { t } = useSpeech();
  const sure = meetingsOf(conflicts.filter(isSure));
  const unsure = meetingsOf(conflicts.filter((one) => !isSure(one)));
  if (sure.length === 0 && unsure.length === 0) return null;
  return (
    <Alert color="orange" title={t('calendar.conflicts')} data-testid="conflicts">
      <Text size="sm" mb="xs">{t('calendar.conflictsText')}</Text>
      <List size="sm">{[...sure, ...unsure].map((one) => <Line key={`${one.campaigns.join(' ')} ${one.days[0]}`} data={data} one={one} />)}</List>
      {leftOff > 0 && <Text size="sm" mt="xs">{t('calendar.leftOff', { n: leftOff })}</Text>}
    </Alert>
  );
}

function Line({ data, one }: { data: Schemas['Calendar']; one: Meeting }) {
  const { t } = useSpeech();
  const format = useFormat();
  const { titleOf, outcome } = useConflictWords(data);
  const more = one.days.length - DAYS_SHOWN;
  return (
    <List.Item>
      {one.days.slice(0, DAYS_SHOWN).map((day) => format.day(day)).join(', ')}{more > 0 && ` ${t('calendar.moreDays', { n: more })}`}:{' '}
      {one.campaigns.map((name, at) => <Fragment key={name}>{at > 0 && ' + '}<Anchor component={Link} size="sm" underline="always" to={`/campaigns/${name}`}>{titleOf(name)}</Anchor></Fragment>)}
      {' — '}{outcome(one)}
    </List.Item>
  );
}
