// Before a launch: the list of what must be right, and what the campaign would do.
import { Anchor, Button, List, SimpleGrid, Stack, Table, Text, ThemeIcon } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconX } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
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

type Line = Schemas['CheckLine'];
const ORDER = { mistake: 0, warning: 1, ok: 2 } as const;

// The list before a launch and the lines of the forecast in one; what needs a look stands first.
export function Checks({ name }: { name: string }) {
  const { t } = useSpeech();
  const [days, setDays] = useState(30);
  const preflight = useAsk('/campaigns/{name}/preflight', { path: { name } });
  const forecast = useForecast(name, days);
  return (
    <Stack>
      <Section title={t('checks.title')}>
        <Asked query={preflight}>{(data) => <Lines lines={[...data.items, ...(forecast.data?.checks ?? [])]} />}</Asked>
      </Section>
      <Forecast forecast={forecast} days={days} setDays={setDays} />
    </Stack>
  );
}

function Lines({ lines }: { lines: Line[] }) {
  const { t, code } = useSpeech();
  const count = (result: Line['result']) => lines.filter((one) => one.result === result).length;
  const mistakes = count('mistake');
  const warnings = count('warning');
  return (
    <>
      <Text size="sm" mb="xs" role="status" data-testid="checks">
        {mistakes + warnings === 0 ? t('checks.good') : [mistakes > 0 && t('checks.mistakes', { n: mistakes }), warnings > 0 && t('checks.warnings', { n: warnings })].filter(Boolean).join(' · ')}
      </Text>
      <List spacing={6} size="sm" listStyleType="none" aria-label={t('checks.title')}>
        {lines.toSorted((one, other) => ORDER[one.result] - ORDER[other.result]).map((item, at) => {
          const mark = MARK[item.result];
          return (
            <List.Item key={at} data-check={item.check} data-result={item.result} icon={<ThemeIcon size={20} radius="xl" color={mark.colour} variant="light" aria-label={t(`checks.${item.result}`)} role="img"><mark.icon size={14} aria-hidden /></ThemeIcon>}>
              <Text span fw={600} size="sm">{code('check', item.check)}</Text>{' '}
              <span style={{ overflowWrap: 'anywhere' }}>{item.detail}</span>{item.place && <Text span c="dimmed" size="sm"> (<Place place={item.place} />)</Text>}
            </List.Item>
          );
        })}
      </List>
    </>
  );
}

const PAGES: Record<string, string> = { template: '/templates', segment: '/segments', channel: '/channels' };

// "template spring (ru)" leads to where it is put right.
function Place({ place }: { place: string }) {
  const { code } = useSpeech();
  const [kind = '', name = '', ...rest] = place.split(' ');
  if (!PAGES[kind] || !name) return <>{code('place', place)}</>;
  const to = kind === 'channel' ? PAGES[kind] : `${PAGES[kind]}/${name}`;
  return <>{code('part', kind)} <Anchor component={Link} to={to} size="sm" underline="always">{name}</Anchor>{rest.length > 0 && ` ${rest.join(' ')}`}</>;
}

function useForecast(name: string, days: number) {
  return useQuery({
    queryKey: ['simulate', name, days],
    queryFn: async ({ signal }) => (await call('post', '/campaigns/{name}/simulate', { path: { name }, body: { days }, signal })).data,
    placeholderData: keepPreviousData,
  });
}

function Forecast({ forecast, days, setDays }: { forecast: ReturnType<typeof useForecast>; days: number; setDays: (days: number) => void }) {
  const { t } = useSpeech();
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
