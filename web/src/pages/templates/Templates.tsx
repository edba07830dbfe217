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

export default function Templates() {
  const { t, code } = useSpeech();
  const may = useMay();
  const [filter, setFilter] = useFilter(['q']);
  const pages = usePages('/templates', { query: { q: filter.q } });
  const create = may('templates.edit') && <Button component={Link} to="/templates/new" size="xs" leftSection={<IconPlus size={14} aria-hidden />}>{t('templates.new')}</Button>;
  return (
    <Page title={t('nav.templates')} actions={create}>
      <TextInput aria-label={t('common.find')} placeholder={t('common.find')} size="xs" w={240} defaultValue={filter.q} onChange={(event) => setFilter({ q: event.currentTarget.value })} />
      <DataTable label={t('nav.templates')} rows={pages.items} error={pages.error} id={(row) => row.name} turning={pages.turning}
        empty={filter.q ? <Empty title={t('common.nothingFits')} /> : <Empty title={t('templates.none')} text={t('templates.noneText')} action={create} />}
        columns={[
          { name: 'name', title: t('common.name'), order: (row) => row.name, cell: (row) => <Anchor component={Link} to={`/templates/${row.name}`} size="sm">{row.name}</Anchor> },
          { name: 'title', title: t('template.description'), cell: (row) => row.title },
          { name: 'channel', title: t('common.channel'), order: (row) => row.channel ?? '', cell: (row) => code('channel', row.channel ?? '') },
          { name: 'locales', title: t('template.languages'), cell: (row) => (row.locales ?? []).join(', ') },
          { name: 'version', title: t('common.version'), right: true, order: (row) => row.version, cell: (row) => row.version },
          { name: 'used', title: t('common.usedBy'), cell: (row) => <UsedBy items={row.used_by} /> },
          { name: 'at', title: t('common.changed'), order: (row) => row.created_at, cell: (row) => <When at={row.created_at} /> },
          ...(may('templates.edit') ? [{ name: 'copy', title: '', cell: (row: { name: string }) => <CopyLink to={`/templates/new?from=${row.name}`} what={row.name} /> }] : []),
        ]} />
    </Page>
  );
}
