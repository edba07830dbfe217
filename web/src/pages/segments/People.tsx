// Twenty who match, and why one client is or is not in it.
import { Alert, Anchor, Button, Code, Grid, Group, List, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { call } from '../../api/client';
import { useAct } from '../../api/hooks';
import { useSpeech } from '../../i18n';
import type { Rule } from '../../segments/tree';
import { DataTable } from '../../ui/DataTable';
import { Problem, Section } from '../../ui/Page';
import { draftOf } from './LiveCount';

const SAMPLE = 20;

export function People({ rule }: { rule: Rule }) {
  return (
    <Grid>
      <Grid.Col span={{ base: 12, lg: 7 }}><Sample rule={rule} /></Grid.Col>
      <Grid.Col span={{ base: 12, lg: 5 }}><Why rule={rule} /></Grid.Col>
    </Grid>
  );
}

function Sample({ rule }: { rule: Rule }) {
  const { t, code } = useSpeech();
  const sample = useAct(async () => (await call('post', '/segments:sample', { body: { segment: draftOf(rule), size: SAMPLE, random: true } })).data.items);
  return (
    <Section title={t('segment.sample')} actions={<Button size="compact-xs" variant="default" loading={sample.isPending} onClick={() => sample.mutate(undefined)}>{t('segment.show', { n: SAMPLE })}</Button>}>
      {sample.error ? <Problem error={sample.error} /> : null}
      {sample.data && (
        <DataTable label={t('segment.sample')} rows={sample.data} id={(row) => row.client} empty={<Text size="sm">{t('segment.nobody')}</Text>} columns={[
          { name: 'client', title: t('common.client'), order: (row) => row.client, cell: (row) => <Anchor component={Link} size="sm" to={`/clients/${encodeURIComponent(row.client)}`}>{row.client}</Anchor> },
          { name: 'name', title: t('client.name'), order: (row) => row.name, cell: (row) => row.name },
          { name: 'status', title: t('client.status'), order: (row) => row.status, cell: (row) => code('value', row.status) },
          { name: 'branch', title: t('client.branch'), order: (row) => row.branch, cell: (row) => row.branch },
        ]} />
      )}
    </Section>
  );
}

function Why({ rule }: { rule: Rule }) {
  const { t } = useSpeech();
  const [client, setClient] = useState('');
  const explain = useAct(async (who: string) => (await call('post', '/segments:explain', { body: { segment: draftOf(rule), client: who } })).data);
  return (
    <Section title={t('segment.why')}>
      <Group component="form" align="flex-end" gap="xs" onSubmit={(event) => { event.preventDefault(); explain.mutate(client.trim()); }}>
        <TextInput size="xs" label={t('segment.whyClient')} value={client} required placeholder="C00000007" onChange={(event) => setClient(event.currentTarget.value)} />
        <Button size="xs" variant="default" type="submit" loading={explain.isPending}>{t('segment.ask')}</Button>
      </Group>
      {explain.error ? <Problem error={explain.error} /> : null}
      {explain.data && (
        <Stack gap="xs" mt="sm">
          <Alert color={explain.data.matches ? 'green' : 'orange'} role="status">{t(explain.data.matches ? 'segment.isIn' : 'segment.isNot', { client: explain.data.client })}</Alert>
          <List size="sm" listStyleType="none">
            {explain.data.rules.map((one, at) => (
              <List.Item key={at} pl={one.depth * 16}>
                <span aria-hidden>{one.holds ? '✓' : '✗'}</span> <span>{t(one.holds ? 'segment.holds' : 'segment.fails')}</span>: <Code>{one.rule}</Code> {one.found && <Text span size="sm" c="dimmed">({one.found})</Text>}
              </List.Item>
            ))}
          </List>
        </Stack>
      )}
    </Section>
  );
}
