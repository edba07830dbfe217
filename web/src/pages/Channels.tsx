// Channels, the providers behind them and how these answer.
import { Badge, Card, Group, SimpleGrid, Table, Text } from '@mantine/core';
import { useAsk } from '../api/hooks';
import type { Schemas } from '../api/client';
import { useFormat } from '../format';
import { addWords, useSpeech } from '../i18n';
import { days } from '../i18n/words/days';
import { When } from '../ui/Marks';
import { Asked, Empty, Page } from '../ui/Page';

addWords(days);
const SAID = { closed: 'channels.closedText', half_open: 'channels.halfText', open: 'channels.openText' } as const;
const COLOUR = { closed: 'green', half_open: 'yellow', open: 'red' } as const;

function Channel({ channel }: { channel: Schemas['ChannelStatus'] }) {
  const { t, code } = useSpeech();
  const format = useFormat();
  return (
    <Card withBorder padding="sm" component="section" aria-label={channel.name}>
      <Group justify="space-between"><Text fw={600}>{channel.name}</Text><Text size="sm" c="dimmed">{[code('channel', channel.kind), channel.transport && code('transport', channel.transport)].filter(Boolean).join(' · ')}</Text></Group>
      <Text size="sm">
        {channel.cost_per_unit && <>{t('channels.cost')}: {format.money(channel.cost_per_unit)} · </>}
        {t('channels.rate')}: {channel.rate_per_second ? t('channels.perSecond', { n: format.number(channel.rate_per_second, 1) }) : t('channels.unlimited')}
      </Text>
      {channel.providers.length > 0 && <Text size="sm">{t('channels.providers')}: {channel.providers.map((one) => `${one.account} (${one.weight})`).join(', ')}</Text>}
      {channel.health.length === 0 ? <Text size="sm" c="dimmed">{t('channels.unused')}</Text> : (
        <Table.ScrollContainer minWidth={460} scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': `${t('channels.health')}: ${channel.name}` } }}>
          <Table fz="sm" mt="xs" aria-label={`${t('channels.health')}: ${channel.name}`}>
            <Table.Thead><Table.Tr><Table.Th>{t('channels.provider')}</Table.Th><Table.Th>{t('common.state')}</Table.Th><Table.Th ta="right">{t('channels.waiting')}</Table.Th><Table.Th ta="right">{t('channels.answers')}</Table.Th><Table.Th ta="right">{t('channels.errorShare')}</Table.Th><Table.Th ta="right">p50 / p95</Table.Th></Table.Tr></Table.Thead>
            <Table.Tbody>{channel.health.map((one) => <Provider key={one.provider} health={one} />)}</Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Card>
  );
}

function Provider({ health }: { health: Schemas['ChannelStatus']['health'][number] }) {
  const { t, code } = useSpeech();
  const format = useFormat();
  const share = health.answers > 0 ? health.errors / health.answers : 0;
  return (
    <Table.Tr>
      <Table.Td>{health.provider}</Table.Td>
      <Table.Td>
        <Badge size="sm" variant="light" color={COLOUR[health.state]}>{code('breaker', health.state)}</Badge> <Text span size="xs">{t(SAID[health.state])}</Text>
        {health.reason && <Text size="xs">{health.reason}</Text>}
        <Text size="xs" c="dimmed">{t('channels.checked')} <When at={health.at} /></Text>
      </Table.Td>
      <Table.Td ta="right">{format.number(health.in_hand ?? 0)}</Table.Td>
      <Table.Td ta="right">{format.number(health.answers)}</Table.Td>
      <Table.Td ta="right">{format.number(health.errors)} · {format.percent(share)}</Table.Td>
      <Table.Td ta="right">{health.p50_ms == null ? '—' : `${format.number(health.p50_ms)} / ${format.number(health.p95_ms ?? 0)} ms`}</Table.Td>
    </Table.Tr>
  );
}

export default function Channels() {
  const { t } = useSpeech();
  const channels = useAsk('/channels', {}, { every: 10_000 });
  return (
    <Page title={t('nav.channels')}>
      <Asked query={channels}>{(data) => data.items.length === 0 ? <Empty title={t('channels.none')} text={t('channels.noneText')} /> : (
        <SimpleGrid cols={{ base: 1, lg: 2 }}>{data.items.map((one) => <Channel key={one.name} channel={one} />)}</SimpleGrid>
      )}</Asked>
    </Page>
  );
}
