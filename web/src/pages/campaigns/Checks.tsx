// Before a launch: the list of what must be right, and what the campaign would do.
import { Button, List, SimpleGrid, Stack, Table, Text, ThemeIcon } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { call, type Schemas } from '../../api/client';
import { useAsk } from '../../api/hooks';
import { useFormat } from '../../format';
import { useSpeech } from '../../i18n';
import { Bars, Figure } from '../../ui/Marks';
import { Asked, Section } from '../../ui/Page';

const MARK = {
  ok: { colour: 'green', icon: IconCheck },
  warning: { colour: 'yellow', icon: IconAlertTriangle },
  mistake: { colour: 'red', icon: IconX },
} as const;

export function Checks({ name }: { name: string }) {
  const { t, code } = useSpeech();
  const preflight = useAsk('/campaigns/{name}/preflight', { path: { name } });
  return (
    <Stack>
      <Section title={t('checks.title')}>
        <Asked query={preflight}>{(data) => (
          <List spacing={6} size="sm" listStyleType="none">
            {data.items.map((item, at) => {
              const mark = MARK[item.result];
              return (
                <List.Item key={at} icon={<ThemeIcon size={20} radius="xl" color={mark.colour} variant="light" aria-label={t(`checks.${item.result}`)} role="img"><mark.icon size={14} aria-hidden /></ThemeIcon>}>
                  <Text span fw={600} size="sm">{code('check', item.check)}</Text>{' '}
                  {item.detail}{item.place && <Text span c="dimmed" size="sm"> ({item.place})</Text>}
                </List.Item>
              );
            })}
          </List>
        )}</Asked>
      </Section>
      <Forecast name={name} />
    </Stack>
  );
}

export function Forecast({ name }: { name: string }) {
  const { t } = useSpeech();
  const [days, setDays] = useState(30);
  const forecast = useQuery({
    queryKey: ['simulate', name, days],
    queryFn: async ({ signal }) => (await call('post', '/campaigns/{name}/simulate', { path: { name }, body: { days }, signal })).data,
  });
  return (
    <Section title={t('forecast.title')} actions={
      <Button size="compact-xs" variant="default" onClick={() => setDays(days === 30 ? 90 : 30)}>{t('forecast.days', { n: days === 30 ? 90 : 30 })}</Button>
    }>
      <Asked query={forecast}>{(data) => <Foreseen data={data} />}</Asked>
    </Section>
  );
}

function Foreseen({ data }: { data: Schemas['Forecast'] }) {
  const { t, code } = useSpeech();
  const format = useFormat();
  if (!data.predictable) return <Text size="sm">{t('forecast.events')}</Text>;
  const matched = data.matched ?? 0;
  const problems = (data.tried ?? []).flatMap((one) => one.problems);
  return (
    <Stack>
      <SimpleGrid cols={{ base: 2, md: 5 }}>
        <Figure label={t('forecast.matched')} value={format.number(matched)} />
        <Figure label={t('forecast.messages')} value={format.number(data.messages ?? 0)} />
        <Figure label={t('forecast.control')} value={format.number(data.control ?? 0)} />
        <Figure label={t('forecast.cost')} value={format.money(data.cost ?? '')} />
        <Figure label={t('forecast.time')} value={data.seconds == null ? '—' : format.duration(data.seconds)} />
      </SimpleGrid>
      <Bars label={t('forecast.leftOut')} total={matched} bars={[
        { label: t('forecast.matched'), value: matched, color: 'gray' },
        ...Object.entries(data.left_out ?? {}).map(([reason, value]) => ({ label: `${t('message.left')}: ${code('reason', reason)}`, value, color: 'orange' })),
        { label: t('forecast.control'), value: data.control ?? 0, color: 'violet' },
        { label: t('forecast.messages'), value: data.messages ?? 0, color: 'green' },
      ]} />
      {problems.length > 0 && (
        <Table fz="sm" aria-label={t('forecast.problems')}>
          <Table.Thead><Table.Tr><Table.Th>{t('forecast.problems')}</Table.Th><Table.Th ta="right">{t('common.count')}</Table.Th><Table.Th>{t('forecast.example')}</Table.Th></Table.Tr></Table.Thead>
          <Table.Tbody>
            {problems.map((one, at) => (
              <Table.Tr key={at}><Table.Td>{one.problem}</Table.Td><Table.Td ta="right">{format.number(one.count)}</Table.Td>
                <Table.Td><Link to={`/clients/${encodeURIComponent(one.client)}`}>{one.client}</Link></Table.Td></Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Stack>
  );
}
