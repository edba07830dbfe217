// One client: what is known, what was sent exactly as it was, and why something was not.
import { Anchor, Badge, Button, Grid, Group, Modal, Select, Stack, Table, Tabs, Text, Timeline } from '@mantine/core';
import { Link, useParams, useSearchParams } from 'react-router';
import { useState, type ReactNode } from 'react';
import type { Schemas } from '../../api/client';
import { useAsk, usePages } from '../../api/hooks';
import { useMay } from '../../app/session';
import { useFormat } from '../../format';
import { addWords, useSpeech } from '../../i18n';
import { launch } from '../../i18n/words/launch';
import { DataTable } from '../../ui/DataTable';
import { MessageState, When } from '../../ui/Marks';
import { Asked, Empty, Page, Section } from '../../ui/Page';
import { Content } from '../outbox/Content';
import { Personal } from './Personal';

addWords(launch);

type Data = Schemas['Client'];

export default function Client() {
  const { t, code } = useSpeech();
  const { client = '' } = useParams();
  const [parameters, setParameters] = useSearchParams();
  const card = useAsk('/clients/{client}', { path: { client } });
  const campaign = parameters.get('campaign') ?? '';
  const tab = parameters.get('tab') ?? (campaign ? 'why' : 'card');
  return (
    <Page title={card.data?.name || client} above={{ to: '/clients', label: t('nav.clients') }} badge={card.data && <Badge variant="light" color="gray" tt="none">{client} · {code('value', card.data.status)}</Badge>}>
      <Asked query={card}>{(data) => (
        <Tabs value={tab} keepMounted={false} onChange={(value) => setParameters((now) => { now.set('tab', value ?? 'card'); return now; })}>
          <Tabs.List mb="md">
            <Tabs.Tab value="card">{t('client.card')}</Tabs.Tab>
            <Tabs.Tab value="messages">{t('client.messages')}</Tabs.Tab>
            <Tabs.Tab value="why">{t('client.why')}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="card"><Card data={data} /></Tabs.Panel>
          <Tabs.Panel value="messages"><Messages client={client} /></Tabs.Panel>
          <Tabs.Panel value="why"><Why client={client} campaign={campaign} setCampaign={(name) => setParameters({ tab: 'why', ...(name ? { campaign: name } : {}) })} /></Tabs.Panel>
        </Tabs>
      )}</Asked>
    </Page>
  );
}

function Rows({ label, heads, rows }: { label: string; heads: string[]; rows: ReactNode[][] }) {
  const { t } = useSpeech();
  if (rows.length === 0) return <Text size="sm" c="dimmed">{t('common.none')}</Text>;
  return (
    <Table.ScrollContainer minWidth={300} scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': label } }}>
      <Table fz="sm" verticalSpacing={4} aria-label={label}>
        <Table.Thead><Table.Tr>{heads.map((head) => <Table.Th key={head}>{head}</Table.Th>)}</Table.Tr></Table.Thead>
        <Table.Tbody>{rows.map((cells, at) => <Table.Tr key={at}>{cells.map((cell, index) => <Table.Td key={index}>{cell}</Table.Td>)}</Table.Tr>)}</Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Card({ data }: { data: Data }) {
  const { t, code } = useSpeech();
  const format = useFormat();
  const facts: [string, string | null | undefined][] = [
    [t('client.kind'), code('value', data.kind)], [t('client.branch'), data.branch], [t('client.manager'), data.manager],
    [t('client.language'), data.locale], [t('client.zone'), data.time_zone], [t('client.born'), data.birth_date && format.date(data.birth_date)],
    [t('client.value'), code('value', data.value_class)], [t('client.occupation'), data.occupation],
  ];
  return (
    <Stack>
      <Grid>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <Section title={t('client.known')}>
            <Table variant="vertical" fz="sm" withTableBorder={false} aria-label={t('client.known')}>
              <Table.Tbody>{facts.filter(([, value]) => value).map(([name, value]) => <Table.Tr key={name}><Table.Th scope="row" w={140} fw={400} c="dimmed" bg="transparent">{name}</Table.Th><Table.Td>{value}</Table.Td></Table.Tr>)}</Table.Tbody>
            </Table>
            {data.masked && <Text size="xs" c="dimmed">{t('client.masked')}</Text>}
          </Section>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 8 }}>
          <Section title={t('client.contacts')}>
            <Rows label={t('client.contacts')} heads={[t('common.channel'), t('client.address'), t('client.verified'), t('common.state')]}
              rows={data.contacts.map((one) => [code('channel', one.channel), one.address, one.verified ? t('common.yes') : t('common.no'), code('value', one.state)])} />
          </Section>
          <Section title={t('client.consents')}>
            <Rows label={t('client.consents')} heads={[t('common.channel'), t('campaign.purpose'), t('client.granted'), t('common.when'), t('client.source')]}
              rows={data.consents.map((one) => [code('channel', one.channel), code('purpose', one.purpose), one.granted ? t('common.yes') : t('common.no'), <When key="at" at={one.at} />, one.source])} />
          </Section>
        </Grid.Col>
      </Grid>
      {data.suppressions.length > 0 && (
        <Section title={t('client.stopped')}>
          <Rows label={t('client.stopped')} heads={[t('common.channel'), t('campaign.purpose'), t('common.reason'), t('client.source'), t('common.when')]}
            rows={data.suppressions.map((one) => [one.channel ? code('channel', one.channel) : t('common.all'), one.purpose ? code('purpose', one.purpose) : t('common.all'), one.reason, one.source, <When key="at" at={one.at} />])} />
        </Section>
      )}
      <Personal client={data.client} />
      <Section title={t('client.contracts')}>
        <Rows label={t('client.contracts')} heads={[t('client.contract'), t('client.kind'), t('client.product'), t('client.status')]}
          rows={data.contracts.map((one) => [one.contract as string, code('value', one.kind as string), one.product as string, code('value', one.status as string)])} />
      </Section>
    </Stack>
  );
}

function Messages({ client }: { client: string }) {
  const { t, code } = useSpeech();
  const may = useMay();
  const [shown, setShown] = useState<number>();
  const pages = usePages('/clients/{client}/messages', { path: { client } });
  return (
    <>
      <DataTable label={t('client.messages')} rows={pages.items} error={pages.error} id={(row) => row.id} turning={pages.turning}
        empty={<Empty title={t('client.noMessages')} text={t('client.noMessagesText')} />}
        columns={[
          { name: 'due', title: t('common.when'), order: (row) => row.due_at, cell: (row) => <When at={row.submitted_at ?? row.due_at} /> },
          { name: 'campaign', title: t('common.campaign'), order: (row) => row.campaign, cell: (row) => <Anchor component={Link} size="sm" to={`/campaigns/${row.campaign}`}>{row.campaign}</Anchor> },
          { name: 'channel', title: t('common.channel'), order: (row) => row.channel, cell: (row) => code('channel', row.channel) },
          { name: 'state', title: t('common.state'), order: (row) => row.state, cell: (row) => <MessageState state={row.state} /> },
          { name: 'reason', title: t('common.reason'), cell: (row) => code('reason', row.reason, row.in_words) },
          {
            name: 'open', title: t('common.actions'), cell: (row) => (
              <Group gap="xs" wrap="nowrap">
                {may('messages.content') && row.submitted_at && <Button size="compact-xs" variant="default" onClick={() => setShown(row.id)}>{t('look.show')}</Button>}
                {may('messages.see') && <Anchor component={Link} size="sm" to={`/outbox/${row.id}`}>{t('client.open')}</Anchor>}
              </Group>
            ),
          },
        ]} />
      <Modal opened={shown !== undefined} onClose={() => setShown(undefined)} size="xl" title={t('look.at')} closeButtonProps={{ 'aria-label': t('common.close') }}>
        {shown !== undefined && <Content key={shown} id={shown} shown />}
      </Modal>
    </>
  );
}

function Why({ client, campaign, setCampaign }: { client: string; campaign: string; setCampaign: (name: string) => void }) {
  const { t } = useSpeech();
  const campaigns = useAsk('/campaigns', { query: { limit: 200 } });
  const story = useAsk('/clients/{client}/explain', { path: { client }, query: { campaign } });
  return (
    <Stack>
      <Group align="flex-end" gap="xs">
        <Select size="xs" w={280} searchable clearable label={t('client.whyCampaign')} placeholder={t('common.all')} value={campaign || null} clearButtonProps={{ 'aria-label': t('common.all') }}
          data={(campaigns.data?.items ?? []).map((one) => ({ value: one.name, label: one.title || one.name }))} onChange={(value) => setCampaign(value ?? '')} />
        {campaign && <Button size="xs" variant="default" onClick={() => setCampaign('')}>{t('common.all')}</Button>}
      </Group>
      <Text size="sm" c="dimmed">{t('why.choose')}</Text>
      <Asked query={story}>{(data) => data.items.length === 0 ? <Empty title={t('client.noStory')} /> : (
        <Timeline bulletSize={12} lineWidth={2} active={data.items.length}>
          {data.items.map((one, at) => (
            <Timeline.Item key={at}>
              <Text size="xs" c="dimmed">{one.at ? <When at={one.at} /> : null} {one.campaign}</Text>
              <Text size="sm" style={{ whiteSpace: 'pre-wrap' }}>{one.text}</Text>
            </Timeline.Item>
          ))}
        </Timeline>
      )}</Asked>
    </Stack>
  );
}
