// How many it is, while the rule is written: asked 400 ms after the last change, the question before is cancelled. The size
// comes first and does not wait for who of them can be written to, which takes longer.
import { Alert, Card, Checkbox, Group, Loader, Select, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call, type Schemas } from '../../api/client';
import { useMay } from '../../app/session';
import { useFormat } from '../../format';
import { useSpeech } from '../../i18n';
import { isWhole, type Rule } from '../../segments/tree';
import { Bars } from '../../ui/Marks';
import { Problem, Section } from '../../ui/Page';

const PAUSE_MS = 400;
const SLOW_MS = 2_000;
const CHANNELS = ['email', 'sms', 'letter', 'call', 'fax'] as const;
type Channel = (typeof CHANNELS)[number];
type Count = Schemas['SegmentCount'];

export const draftOf = (rule: Rule) => ({ name: 'draft', rule }) as Schemas['Segment'];

export function LiveCount({ rule }: { rule: Rule }) {
  const { t, code } = useSpeech();
  const format = useFormat();
  const may = useMay();
  const [channels, setChannels] = useState<Channel[]>(['email', 'sms']);
  const [purpose, setPurpose] = useState<Schemas['Purpose']>('marketing');
  const [asked] = useDebouncedValue(JSON.stringify(rule), PAUSE_MS);
  const whole = isWhole(rule);
  const ask = async (through: Channel[], signal: AbortSignal) =>
    (await call('post', '/segments:count', { body: { segment: draftOf(JSON.parse(asked) as Rule), channels: through, purpose }, signal })).data;
  const enabled = may('segments.count') && whole && asked === JSON.stringify(rule);
  const size = useQuery({
    queryKey: ['count', asked],
    queryFn: ({ signal }) => ask([], signal),
    enabled,
    placeholderData: keepPreviousData,
  });
  const reach = useQuery({
    queryKey: ['count', asked, channels, purpose],
    queryFn: ({ signal }) => ask(channels, signal),
    enabled: enabled && size.isSuccess && !size.isPlaceholderData && channels.length > 0,
    placeholderData: keepPreviousData,
  });
  const waterfalls = channels.length > 0 ? reach.data?.channels : [];
  const error = size.error ?? reach.error;
  const took = Math.max(size.data?.milliseconds ?? 0, reach.data?.milliseconds ?? 0);
  if (!may('segments.count')) return null;
  return (
    <Section title={t('segment.count')}>
      <Card withBorder padding="md">
        <Stack gap="sm">
          <Group gap="sm" aria-live="polite">
            <Text fz={32} fw={700} lh={1} data-testid="count">{size.data ? format.number(size.data.matched) : '—'}</Text>
            {(size.isFetching || reach.isFetching) && <Loader size="xs" aria-label={t('segment.counting')} />}
          </Group>
          {!whole && <Text size="sm" c="dimmed">{t('segment.unfinished')}</Text>}
          {error ? <Problem error={error} /> : null}
          {took > SLOW_MS && <Alert color="yellow">{t('segment.slow', { time: format.duration(took / 1000) })}</Alert>}
          <Select size="xs" label={t('campaign.purpose')} allowDeselect={false} value={purpose} onChange={(value) => value && setPurpose(value as Schemas['Purpose'])}
            data={(['marketing', 'service', 'debt', 'transactional'] as const).map((value) => ({ value, label: code('purpose', value) }))} />
          <Checkbox.Group label={t('segment.reach')} size="xs" value={channels} onChange={(value) => setChannels(value as Channel[])}>
            <Group gap="sm" mt={4}>{CHANNELS.map((one) => <Checkbox key={one} value={one} label={code('channel', one)} size="xs" />)}</Group>
          </Checkbox.Group>
          {waterfalls?.map((one) => <Waterfall key={one.channel} count={one} />)}
        </Stack>
      </Card>
    </Section>
  );
}

// From everyone who matches, step by step, to those who can be written to.
function Waterfall({ count }: { count: Count['channels'][number] }) {
  const { t, code } = useSpeech();
  const format = useFormat();
  return (
    <Stack gap={4} data-testid={`waterfall-${count.channel}`}>
      <Text size="sm" fw={600}>{code('channel', count.channel)}: {format.number(count.reachable)}</Text>
      <Bars label={code('channel', count.channel)} total={count.matched} bars={[
        ...Object.entries(count.left_out).map(([reason, value]) => ({ label: `− ${code('reason', reason)}`, value, color: 'orange' })),
        { label: t('segment.reachable'), value: count.reachable, color: 'green' },
      ]} />
    </Stack>
  );
}
