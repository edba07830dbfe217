// What runs, what needs me, what went wrong.
import { Alert, Anchor, Card, Grid, Group, List, Progress, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { Link } from 'react-router';
import { useAsk } from '../api/hooks';
import type { Schemas } from '../api/client';
import { useFormat } from '../format';
import { useMay } from '../app/session';
import { addWords, useSpeech } from '../i18n';
import { days } from '../i18n/words/days';
import { CampaignState, Figure, When } from '../ui/Marks';
import { Asked, Empty, Page, Section } from '../ui/Page';

addWords(days);
type Data = Schemas['Dashboard'];
const EVERY_MS = 10_000;
const SHOWN_MAX = 5;

// "campaign spring" of the API; what has no page of its own leads to its list.
function addressOf(what: string, object: string): string {
  if (what === 'task') return '/tasks';
  if (what === 'provider') return '/channels';
  return `/campaigns/${encodeURIComponent(object.replace(/^campaign /, ''))}`;
}

function Running({ running }: { running: Data['running'] }) {
  const { t } = useSpeech();
  const format = useFormat();
  if (running.length === 0) return <Empty title={t('dashboard.nothingRuns')} text={t('dashboard.nothingRunsText')} />;
  return (
    <Stack gap="xs">
      {running.map((one) => {
        const settled = one.total - one.open;
        return (
          <Card key={one.name} withBorder padding="sm">
            <Group justify="space-between" wrap="nowrap">
              <Anchor component={Link} to={`/campaigns/${one.name}`} fw={600} size="sm">{one.title || one.name}</Anchor>
              <CampaignState state={one.state} />
            </Group>
            <Progress value={one.total ? (100 * settled) / one.total : 0} size="sm" my={6} aria-label={one.title || one.name} />
            <Text size="sm" c="dimmed">
              {t('dashboard.counts', { sent: one.sent, open: one.open })}
              {one.failed > 0 && <> · <Anchor component={Link} underline="always" size="sm" to={`/campaigns/${one.name}/failures`}>{t('dashboard.failed', { n: format.number(one.failed) })}</Anchor></>}
            </Text>
          </Card>
        );
      })}
    </Stack>
  );
}

function NeedsMe({ items }: { items: Data['needs_me'] }) {
  const { t, code } = useSpeech();
  if (items.length === 0) return <Text size="sm" c="dimmed">{t('dashboard.nothingNeeded')}</Text>;
  return (
    <List listStyleType="none" spacing={6} size="sm">
      {items.map((one) => (
        <List.Item key={`${one.what} ${one.object}`}>
          <Anchor component={Link} to={addressOf(one.what, one.object)} size="sm" underline="always">
            {code('needs', one.what)}: {one.what === 'task' ? one.text : one.title || one.object}
          </Anchor>{' '}
          <Text span size="xs" c="dimmed"><When at={one.since} /></Text>
          {one.what !== 'task' && one.text && <Text size="xs" c="dimmed">{one.text}</Text>}
        </List.Item>
      ))}
    </List>
  );
}

function Deviation({ to, title, text }: { to: string; title: string; text: string }) {
  return (
    <List.Item>
      <Anchor component={Link} size="sm" underline="always" to={to}>{title}</Anchor>
      <Text size="xs" c="dimmed">{text}</Text>
    </List.Item>
  );
}

// Of clients: tasks that a comparison with their plan has made, the newest first.
function DeviatingClients() {
  const { code } = useSpeech();
  const tasks = useAsk('/tasks', { query: { limit: 100 } }, { every: 6 * EVERY_MS });
  const found = tasks.data?.items.filter((one) => one.kind === 'profit' && one.client) ?? [];
  return found.slice(-SHOWN_MAX).reverse().map((one) => (
    <Deviation key={one.id} to={`/clients/${encodeURIComponent(one.client!)}`} title={`${code('task', one.kind)}: ${one.client}`} text={one.text} />
  ));
}

function Deviates({ found }: { found: Data['deviates'] }) {
  const { t } = useSpeech();
  const may = useMay();
  return (
    <Section title={t('dashboard.deviates')}>
      {found.length === 0 && <Text size="sm" c="dimmed">{t('dashboard.deviatesText')}</Text>}
      <List listStyleType="none" spacing={6} size="sm">
        {found.map((one) => <Deviation key={`${one.campaign} ${one.text}`} to={`/campaigns/${one.campaign}/report`} title={one.campaign} text={one.text} />)}
        {may('tasks.work') && <DeviatingClients />}
      </List>
    </Section>
  );
}

function Content({ data }: { data: Data }) {
  const { t, code } = useSpeech();
  const format = useFormat();
  const may = useMay();
  return (
    <Stack>
      <SimpleGrid cols={{ base: 2, md: 4 }}>
        <Card withBorder padding="sm"><Figure label={t('dashboard.sentToday')} value={format.number(data.today.sent)} to="/outbox?state=accepted,delivered" /></Card>
        <Card withBorder padding="sm"><Figure label={t('dashboard.failedToday')} value={format.number(data.today.failed)} to="/outbox?state=failed,bounced" /></Card>
        {(['running', 'submitted'] as const).map((state) => (
          <Card key={state} withBorder padding="sm">
            <Figure label={code('state', state)} value={format.number(data.campaigns[state] ?? 0)} to={`/campaigns?state=${state}`} />
          </Card>
        ))}
      </SimpleGrid>
      {data.trouble.map((one) => (
        <Alert key={`${one.what} ${one.object}`} color="orange" icon={<IconAlertTriangle aria-hidden />} title={code('trouble', one.what)}>
          <Anchor component={Link} to={addressOf(one.what, one.object)} size="sm" underline="always">{one.object}</Anchor>
          <Text size="sm">{one.text}</Text>
        </Alert>
      ))}
      <Grid>
        <Grid.Col span={{ base: 12, md: 7 }}><Section title={t('dashboard.running')}><Running running={data.running} /></Section></Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}><Stack><Section title={t('dashboard.needsMe')}><NeedsMe items={data.needs_me} /></Section>{may('reports.see') && <Deviates found={data.deviates} />}</Stack></Grid.Col>
      </Grid>
    </Stack>
  );
}

export default function Dashboard() {
  const { t } = useSpeech();
  const dashboard = useAsk('/dashboard', {}, { every: EVERY_MS });
  return <Page title={t('nav.dashboard')}><Asked query={dashboard}>{(data) => <Content data={data} />}</Asked></Page>;
}
