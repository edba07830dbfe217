import { Anchor, Card, Grid, Stack, Table, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { ReactNode } from 'react';
import type { Schemas } from '../../api/client';
import { useSpeech } from '../../i18n';
import { When } from '../../ui/Marks';
import { Problem, Section } from '../../ui/Page';
import { ApiError } from '../../api/client';
import { NextStart } from './NextStart';
import { useScheduleWords } from './schedule';
import { channelsOf, definitionOf, templateOf } from './definition';

const DUE = ['draft', 'submitted', 'approved', 'running', 'paused'];

function Facts({ label, facts }: { label: string; facts: [string, ReactNode][] }) {
  return (
    <Table aria-label={label} variant="vertical" fz="sm" withTableBorder={false}>
      <Table.Tbody>
        {facts.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th w={180} fw={400} c="dimmed" bg="transparent" scope="row">{name}</Table.Th>
            <Table.Td>{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

export function Overview({ campaign }: { campaign: Schemas['Campaign'] }) {
  const { t, code } = useSpeech();
  const scheduleWords = useScheduleWords();
  const definition = definitionOf(campaign.definition);
  const segment = (name: string) => <Anchor key={name} component={Link} to={`/segments/${name}`} size="sm">{name}</Anchor>;
  return (
    <Stack>
      {campaign.mistakes.length > 0 && <Problem error={new ApiError(422, '', t('campaign.mistakes'), campaign.mistakes)} />}
      {definition.description && <Text size="sm">{definition.description}</Text>}
      <Grid>
        <Grid.Col span={{ base: 12, md: 6 }}>
          <Section title={t('campaign.whom')}>
            <Card withBorder padding="xs"><Facts label={t('campaign.whom')} facts={[
              [t('campaign.segment'), definition.segment ? segment(definition.segment) : '—'],
              [t('campaign.exclude'), definition.exclude?.length ? definition.exclude.map(segment) : t('common.none')],
              [t('campaign.objective'), code('objective', definition.objective ?? '')],
              [t('campaign.purpose'), code('purpose', campaign.purpose)],
              [t('campaign.control'), definition.control ? `${definition.control.percent} %` : t('campaign.byPolicy')],
              [t('campaign.schedule'), scheduleWords(campaign.schedule)],
              ...(DUE.includes(campaign.state) && !definition.schedule?.event ? [[t('starts.next'), <NextStart key="next" name={campaign.name} ofClients={definition.schedule?.zone !== 'bank'} waits={!campaign.started_at} />] as [string, ReactNode]] : []),
              [t('campaign.owner'), campaign.owner || '—'],
            ]} /></Card>
          </Section>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 6 }}>
          <Section title={t('campaign.people')}>
            <Card withBorder padding="xs"><Facts label={t('campaign.people')} facts={[
              [t('campaign.editedBy'), campaign.edited_by || '—'],
              [t('campaign.submittedBy'), campaign.submitted_by || '—'],
              [t('campaign.approvedBy'), campaign.approved_by || '—'],
              [t('campaign.started'), <When key="started" at={campaign.started_at} />],
              [t('common.changed'), <When key="changed" at={campaign.updated_at} />],
              [t('common.version'), campaign.version],
            ]} /></Card>
          </Section>
        </Grid.Col>
      </Grid>
      <Section title={t('campaign.steps')}>
        <Table.ScrollContainer minWidth={480} scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': t('campaign.steps') } }}><Table fz="sm" aria-label={t('campaign.steps')}>
          <Table.Thead><Table.Tr><Table.Th>№</Table.Th><Table.Th>{t('nav.channels')}</Table.Th><Table.Th>{t('nav.templates')}</Table.Th><Table.Th>{t('campaign.wait')}</Table.Th><Table.Th>{t('campaign.condition')}</Table.Th></Table.Tr></Table.Thead>
          <Table.Tbody>
            {(definition.steps ?? []).map((step, at) => (
              <Table.Tr key={at}>
                <Table.Td>{at + 1}</Table.Td>
                <Table.Td>{channelsOf(step).map((one) => code('channel', one)).join(` ${t('campaign.else')} `)}</Table.Td>
                <Table.Td>{channelsOf(step).map((one, index) => {
                  const name = templateOf(step, one);
                  return <span key={one}>{index > 0 && ', '}<Anchor component={Link} to={`/templates/${name}`} size="sm">{name}</Anchor></span>;
                })}</Table.Td>
                <Table.Td>{step.wait ?? '—'}</Table.Td>
                <Table.Td>{code('condition', step.condition ?? 'always')}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table></Table.ScrollContainer>
      </Section>
    </Stack>
  );
}
