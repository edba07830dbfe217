// One message: what happened to it, and the exact thing that was sent.
import { Anchor, Button, Card, Grid, Stack, Table, Text, Timeline } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { call, newKey, type Schemas } from '../../api/client';
import { useAct, useAsk } from '../../api/hooks';
import { useMay } from '../../app/session';
import { useSpeech } from '../../i18n';
import { MessageState, When } from '../../ui/Marks';
import { Asked, Page, Problem, Section } from '../../ui/Page';
import { Rendered } from '../../ui/Rendered';

type Data = Schemas['Message'];
const KIND: Record<string, [string, string]> = { email: ['message/rfc822', 'eml'], letter: ['application/pdf', 'pdf'], fax: ['application/pdf', 'pdf'] };

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
          <Grid.Col span={{ base: 12, lg: 7 }}>{may('messages.content') && <Content data={data} />}</Grid.Col>
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

function Content({ data }: { data: Data }) {
  const { t } = useSpeech();
  const [asked, setAsked] = useState(false);
  const content = useAsk('/messages/{id}/content', { path: { id: data.id } }, { enabled: asked });
  if (!asked)
    return (
      <Section title={t('message.content')}>
        <Text size="sm" mb="xs">{t('message.contentText')}</Text>
        <Button size="xs" variant="default" onClick={() => setAsked(true)}>{t('message.show')}</Button>
      </Section>
    );
  return (
    <Section title={t('message.content')} actions={content.data?.raw && <Download content={content.data} raw={content.data.raw} />}>
      <Asked query={content}>{(shown) => (
        <Card withBorder padding="sm" data-testid="content">
          {shown.template && <Text size="xs" c="dimmed" mb="xs">{t('message.made', { template: shown.template, n: shown.template_version ?? 0, locale: shown.locale ?? '' })}</Text>}
          <Rendered shown={shown} height={520} />
        </Card>
      )}</Asked>
    </Section>
  );
}

function Download({ content, raw }: { content: Schemas['MessageContent']; raw: string }) {
  const { t } = useSpeech();
  const save = () => {
    const [type, suffix] = KIND[content.channel] ?? ['application/octet-stream', 'bin'];
    const bytes = Uint8Array.from(atob(raw), (one) => one.charCodeAt(0));
    const address = URL.createObjectURL(new Blob([bytes], { type }));
    Object.assign(document.createElement('a'), { href: address, download: `message-${content.id}.${suffix}` }).click();
    URL.revokeObjectURL(address);
  };
  return <Button size="compact-xs" variant="default" leftSection={<IconDownload size={14} aria-hidden />} onClick={save}>{t('message.raw')}</Button>;
}
