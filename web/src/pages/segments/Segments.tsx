import { Anchor, Button, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link } from 'react-router';
import { usePages } from '../../api/hooks';
import { useMay } from '../../app/session';
import { useSpeech } from '../../i18n';
import { DataTable } from '../../ui/DataTable';
import { useFilter } from '../../ui/filter';
import { CopyLink, UsedBy, When } from '../../ui/Marks';
import { Empty, Page } from '../../ui/Page';

export default function Segments() {
  const { t } = useSpeech();
  const may = useMay();
  const [filter, setFilter] = useFilter(['q']);
  const pages = usePages('/segments', { query: { q: filter.q } });
  const create = may('segments.edit') && <Button component={Link} to="/segments/new" size="xs" leftSection={<IconPlus size={14} aria-hidden />}>{t('segments.new')}</Button>;
  return (
    <Page title={t('nav.segments')} actions={create}>
      <TextInput aria-label={t('common.find')} placeholder={t('common.find')} size="xs" w={240} defaultValue={filter.q} onChange={(event) => setFilter({ q: event.currentTarget.value })} />
      <DataTable label={t('nav.segments')} rows={pages.items} error={pages.error} id={(row) => row.name} turning={pages.turning}
        empty={filter.q ? <Empty title={t('common.nothingFits')} /> : <Empty title={t('segments.none')} text={t('segments.noneText')} action={create} />}
        columns={[
          { name: 'title', title: t('common.title'), order: (row) => row.title || row.name, cell: (row) => <Anchor component={Link} to={`/segments/${row.name}`} size="sm">{row.title || row.name}</Anchor> },
          { name: 'name', title: t('common.name'), order: (row) => row.name, cell: (row) => row.name },
          { name: 'version', title: t('common.version'), right: true, order: (row) => row.version, cell: (row) => row.version },
          { name: 'used', title: t('common.usedBy'), cell: (row) => <UsedBy items={row.used_by} /> },
          { name: 'by', title: t('common.changedBy'), order: (row) => row.created_by, cell: (row) => row.created_by },
          { name: 'at', title: t('common.changed'), order: (row) => row.created_at, cell: (row) => <When at={row.created_at} /> },
          ...(may('segments.edit') ? [{ name: 'copy', title: '', cell: (row: { name: string; title: string }) => <CopyLink to={`/segments/new?from=${row.name}`} what={row.title || row.name} /> }] : []),
        ]} />
    </Page>
  );
}
