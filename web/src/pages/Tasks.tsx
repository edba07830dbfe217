import { Anchor, Button, SegmentedControl } from '@mantine/core';
import { Link } from 'react-router';
import { call } from '../api/client';
import { useAct, usePages } from '../api/hooks';
import { useSpeech } from '../i18n';
import { DataTable } from '../ui/DataTable';
import { useFilter } from '../ui/filter';
import { When } from '../ui/Marks';
import { Empty, Page, Problem } from '../ui/Page';

export default function Tasks() {
  const { t, code } = useSpeech();
  const [filter, setFilter] = useFilter(['done']);
  const done = filter.done === 'yes';
  const pages = usePages('/tasks', { query: { done } });
  const finish = useAct((id: number) => call('post', '/tasks/{id}/done', { path: { id } }));
  return (
    <Page title={t('nav.tasks')}>
      <SegmentedControl size="xs" w="fit-content" aria-label={t('common.filter')} value={done ? 'yes' : 'no'} onChange={(value) => setFilter({ done: value === 'yes' ? 'yes' : '' })}
        data={[{ value: 'no', label: t('tasks.open') }, { value: 'yes', label: t('tasks.done') }]} />
      {finish.error ? <Problem error={finish.error} /> : null}
      <DataTable label={t('nav.tasks')} rows={pages.items} error={pages.error} id={(row) => row.id} turning={pages.turning} empty={<Empty title={t('tasks.none')} text={t('tasks.noneText')} />}
        columns={[
          { name: 'kind', title: t('tasks.kind'), order: (row) => row.kind, cell: (row) => code('task', row.kind) },
          { name: 'text', title: t('tasks.text'), cell: (row) => row.text },
          { name: 'client', title: t('common.client'), order: (row) => row.client, cell: (row) => row.client && <Anchor component={Link} size="sm" to={`/clients/${encodeURIComponent(row.client)}`}>{row.client}</Anchor> },
          { name: 'campaign', title: t('common.campaign'), order: (row) => row.campaign, cell: (row) => row.campaign && <Anchor component={Link} size="sm" to={`/campaigns/${row.campaign}`}>{row.campaign}</Anchor> },
          { name: 'manager', title: t('client.manager'), order: (row) => row.manager, cell: (row) => row.manager },
          { name: 'at', title: t('common.when'), order: (row) => row.created_at, cell: (row) => <When at={row.done_at ?? row.created_at} /> },
          { name: 'do', title: t('common.actions'), cell: (row) => !row.done_at && <Button size="compact-xs" variant="default" loading={finish.isPending && finish.variables === row.id} onClick={() => finish.mutate(row.id)}>{t('tasks.finish')}</Button> },
        ]} />
    </Page>
  );
}
