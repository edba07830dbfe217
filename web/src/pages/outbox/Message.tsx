// One message: what happened to it, and the exact thing that was sent.
import { Anchor, Button, Grid, Stack, Table, Text, Timeline } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { Link, useParams } from 'react-router';
import { call, newKey, type Schemas } from '../../api/client';
import { useAct, useAsk } from '../../api/hooks';
import { useMay } from '../../app/session';
import { useSpeech } from '../../i18n';
import { MessageState, When } from '../../ui/Marks';
import { Asked, Page, Problem, Section } from '../../ui/Page';
import { Content } from './Content';

type Data = Schemas['Message'];

export default function Message() {
  const { t } = useSpeech();
  const may = useMay();
  const { id = '' } = useParams();
  const number = Number(id);
  const message = useAsk('/messages/{id}', { path: { id: number } });
  const retry = useAct(async () => {
    await call('post', '/messages/{id}/retry', { path: { id: number }, key: newKey() });
    notifications.show({ message: t('message.retried'), color: 'green' });
  });
  return (
    <Page title={t('message.title', { id })} above={{ to: '/outbox', label: t('nav.outbox') }} badge={message.data && <MessageState state={message.data.state} />}
      actions={message.data?.retryable && may('messages.retry') && <Button size="xs" loading={retry.isPending} onClick={() => retry.mutate(undefined)}>{t('common.retry')}</Button>}>
      {retry.error ? <Problem error={retry.error} /> : null}
      <Asked query={message}>{(data) => (
        <Grid>
          <Grid.Col span={{ base: 12, lg: 5 }}><Facts data={data} /></Grid.Col>
          <Grid.Col span={{ base: 12, lg: 7 }}>{may('messages.content') && <Content id={data.id} />}</Grid.Col>
        </Grid>
      )}</Asked>
    </Page>
  );
}

function Facts({ data }: { data: Data }) {
  const { t, code } = useSpeech();
  return (
    <Stack>
      <Table variant="vertical" fz="sm" withTableBorder={false} aria-label={t('message.facts')}>
        <Table.Tbody>
          {([
            [t('common.campaign'), <Anchor key="c" component={Link} size="sm" to={`/campaigns/${data.campaign}`}>{data.campaign}</Anchor>],
            [t('common.client'), <Anchor key="k" component={Link} size="sm" to={`/clients/${encodeURIComponent(data.client)}`}>{data.client_name || data.client}</Anchor>],
            [t('common.channel'), code('channel', data.channel)],
            [t('client.address'), data.address ?? '—'],
            [t('common.reason'), data.reason ? code('reason', data.reason, data.in_words) : '—'],
            [t('message.due'), <When key="d" at={data.due_at} />],
            [t('message.sentAt'), <When key="s" at={data.submitted_at} />],
            [t('message.attempts'), data.attempt],
            [t('message.units'), data.units],
            [t('message.provider'), data.provider_ref || '—'],
          ] as const).map(([name, value]) => <Table.Tr key={name}><Table.Th scope="row" w={160} fw={400} c="dimmed" bg="transparent">{name}</Table.Th><Table.Td style={{ overflowWrap: 'anywhere' }}>{value}</Table.Td></Table.Tr>)}
        </Table.Tbody>
      </Table>
      <Section title={t('message.history')}>
        <Timeline bulletSize={12} lineWidth={2} active={data.history.length}>
          {data.history.map((one, at) => <Timeline.Item key={at}><Text size="xs" c="dimmed"><When at={one.at} /></Text><Text size="sm">{one.text}</Text></Timeline.Item>)}
        </Timeline>
      </Section>
    </Stack>
  );
}
