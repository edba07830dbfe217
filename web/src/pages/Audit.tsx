// Who did what, and whether nobody has changed that since.
import { Alert, Button, Code, Group, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { call } from '../api/client';
import { useAct, usePages } from '../api/hooks';
import { useFormat } from '../format';
import { useSpeech } from '../i18n';
import { DataTable } from '../ui/DataTable';
import { useFilter } from '../ui/filter';
import { Empty, Page, Problem } from '../ui/Page';

export default function Audit() {
  const { t, code } = useSpeech();
  const format = useFormat();
  const [filter, setFilter] = useFilter(['actor', 'object']);
  const [asked] = useDebouncedValue(filter, 300);
  const pages = usePages('/audit', { query: { actor: asked.actor, object: asked.object } });
  const verify = useAct(async () => (await call('post', '/audit:verify')).data);
  return (
    <Page title={t('nav.audit')} actions={<Button size="xs" variant="default" loading={verify.isPending} onClick={() => verify.mutate(undefined)}>{t('audit.verify')}</Button>}>
      {verify.error ? <Problem error={verify.error} /> : null}
      {verify.data && <Alert role="status" color={verify.data.ok ? 'green' : 'red'}>{verify.data.ok ? t('audit.good', { n: verify.data.rows }) : verify.data.problems.join(' ')}</Alert>}
      <Group gap="sm">
        <TextInput size="xs" aria-label={t('common.who')} placeholder={t('common.who')} defaultValue={filter.actor} onChange={(event) => setFilter({ actor: event.currentTarget.value })} />
        <TextInput size="xs" w={260} aria-label={t('audit.object')} placeholder={t('audit.objectHint')} defaultValue={filter.object} onChange={(event) => setFilter({ object: event.currentTarget.value })} />
      </Group>
      <DataTable label={t('nav.audit')} rows={pages.items} error={pages.error} id={(row) => row.seq} turning={pages.turning} empty={<Empty title={t('common.nothingFits')} />} columns={[
        { name: 'seq', title: '№', order: (row) => row.seq, cell: (row) => row.seq },
        { name: 'at', title: t('common.when'), order: (row) => row.at, cell: (row) => format.time(row.at) },
        { name: 'actor', title: t('common.who'), order: (row) => row.actor, cell: (row) => row.actor },
        { name: 'action', title: t('audit.action'), order: (row) => row.action, cell: (row) => <span title={row.action}>{code('audit', row.action)}</span> },
        { name: 'object', title: t('audit.object'), order: (row) => row.object, cell: (row) => row.object },
        { name: 'detail', title: t('audit.detail'), cell: (row) => Object.keys(row.detail).length > 0 && <Code>{JSON.stringify(row.detail).slice(0, 160)}</Code> },
      ]} />
    </Page>
  );
}
