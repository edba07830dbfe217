// How many it is, while the rule is written: asked 400 ms after the last change, the question before is cancelled.
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
  const count = useQuery({
    queryKey: ['count', asked, channels, purpose],
    queryFn: async ({ signal }) =>
      (await call('post', '/segments:count', { body: { segment: draftOf(JSON.parse(asked) as Rule), channels, purpose }, signal })).data,
    enabled: may('segments.count') && whole && asked === JSON.stringify(rule),
    placeholderData: keepPreviousData,
  });
  if (!may('segments.count')) return null;
  return (
    <Section title={t('segment.count')}>
      <Card withBorder padding="md">
        <Stack gap="sm">
          <Group gap="sm" aria-live="polite">
            <Text fz={32} fw={700} lh={1} data-testid="count">{count.data ? format.number(count.data.matched) : '—'}</Text>
            {count.isFetching && <Loader size="xs" aria-label={t('segment.counting')} />}
          </Group>
          {!whole && <Text size="sm" c="dimmed">{t('segment.unfinished')}</Text>}
          {count.error ? <Problem error={count.error} /> : null}
          {count.data && count.data.milliseconds > SLOW_MS && <Alert color="yellow">{t('segment.slow', { time: format.duration(count.data.milliseconds / 1000) })}</Alert>}
          <Select size="xs" label={t('campaign.purpose')} allowDeselect={false} value={purpose} onChange={(value) => value && setPurpose(value as Schemas['Purpose'])}
            data={(['marketing', 'service', 'debt', 'transactional'] as const).map((value) => ({ value, label: code('purpose', value) }))} />
          <Checkbox.Group label={t('segment.reach')} size="xs" value={channels} onChange={(value) => setChannels(value as Channel[])}>
            <Group gap="sm" mt={4}>{CHANNELS.map((one) => <Checkbox key={one} value={one} label={code('channel', one)} size="xs" />)}</Group>
          </Checkbox.Group>
          {count.data?.channels.map((one) => <Waterfall key={one.channel} count={one} />)}
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
