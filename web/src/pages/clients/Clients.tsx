import { Anchor, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Link } from 'react-router';
import { usePages } from '../../api/hooks';
import { useMay } from '../../app/session';
import { useSpeech } from '../../i18n';
import { DataTable } from '../../ui/DataTable';
import { useFilter } from '../../ui/filter';
import { Empty, Page } from '../../ui/Page';

export default function Clients() {
  const { t, code } = useSpeech();
  const may = useMay();
  const [filter, setFilter] = useFilter(['q']);
  const [asked] = useDebouncedValue(filter.q.trim(), 250);
  const pages = usePages('/clients', { query: { q: asked.length >= 2 ? asked : '' } });
  return (
    <Page title={t('nav.clients')}>
      <TextInput aria-label={t('common.find')} placeholder={t('clients.find')} size="xs" w={340} defaultValue={filter.q} onChange={(event) => setFilter({ q: event.currentTarget.value })} />
      <DataTable label={t('nav.clients')} rows={pages.items} error={pages.error} id={(row) => row.client} turning={pages.turning}
        empty={filter.q ? <Empty title={t('clients.notFound')} text={t('clients.notFoundText')} /> : <Empty title={t('clients.none')} text={may('imports.run') ? t('clients.noneText') : undefined} />}
        columns={[
          { name: 'client', title: t('client.number'), order: (row) => row.client, cell: (row) => <Anchor component={Link} size="sm" to={`/clients/${encodeURIComponent(row.client)}`}>{row.client}</Anchor> },
          { name: 'name', title: t('client.name'), order: (row) => row.name, cell: (row) => row.name },
          { name: 'kind', title: t('client.kind'), order: (row) => row.kind, cell: (row) => code('value', row.kind) },
          { name: 'status', title: t('client.status'), order: (row) => row.status, cell: (row) => code('value', row.status) },
          { name: 'branch', title: t('client.branch'), order: (row) => row.branch, cell: (row) => row.branch },
          { name: 'contacts', title: t('client.contacts'), cell: (row) => row.contacts.map((one) => one.address).join(', ') },
        ]} />
    </Page>
  );
}
