// A CSV file into the bank: what it is, which column is what, what would happen, and the rows that were refused.
import { Alert, Anchor, Button, FileInput, Group, Select, Stack, Table, Text } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { call, type Schemas } from '../api/client';
import { useAct, usePages } from '../api/hooks';
import { useFormat } from '../format';
import { useSpeech } from '../i18n';
import { DataTable } from '../ui/DataTable';
import { Figure, When } from '../ui/Marks';
import { Empty, Page, Problem, Section } from '../ui/Page';
import { mappingOf } from './import-mapping';

type Kind = Schemas['ImportKind'];
type Upload = Schemas['Upload'];
type Result = Schemas['ImportResult'];
const KINDS: Kind[] = ['clients', 'contracts', 'consents', 'suppressions', 'conversions'];

export default function Imports() {
  const { t } = useSpeech();
  const [upload, setUpload] = useState<Upload>();
  const pages = usePages('/imports');
  return (
    <Page title={t('nav.imports')} actions={upload && <Button size="xs" variant="default" onClick={() => setUpload(undefined)}>{t('imports.another')}</Button>}>
      {upload ? <Mapping key={upload.id} upload={upload} /> : <Choose uploaded={setUpload} />}
      <Section title={t('imports.before')}>
        <DataTable label={t('imports.before')} rows={pages.items} error={pages.error} id={(row) => row.id} turning={pages.turning} empty={<Empty title={t('imports.none')} text={t('imports.noneText')} />}
          columns={[
            { name: 'file', title: t('imports.file'), order: (row) => row.file, cell: (row) => row.file },
            { name: 'kind', title: t('imports.kind'), order: (row) => row.kind, cell: (row) => t(`imports.${row.kind as Kind}`) },
            { name: 'state', title: t('common.state'), cell: (row) => t(row.state === 'done' ? 'imports.done' : 'imports.running') },
            { name: 'good', title: t('imports.imported'), right: true, order: (row) => row.rows_imported, cell: (row) => row.rows_imported },
            { name: 'bad', title: t('imports.rejected'), right: true, order: (row) => row.rows_rejected, cell: (row) => row.rows_rejected },
            { name: 'at', title: t('common.when'), order: (row) => row.started_at, cell: (row) => <When at={row.started_at} /> },
          ]} />
      </Section>
    </Page>
  );
}

function Choose({ uploaded }: { uploaded: (upload: Upload) => void }) {
  const { t } = useSpeech();
  const [kind, setKind] = useState<Kind>('clients');
  const [file, setFile] = useState<File | null>(null);
  const send = useAct(async (chosen: File) =>
    uploaded((await call('post', '/imports', { query: { kind, file: chosen.name }, body: chosen as unknown as string, type: 'text/csv' })).data));
  return (
    <Stack component="form" maw={480} gap="sm" onSubmit={(event) => { event.preventDefault(); if (file) send.mutate(file); }}>
      <Text size="sm">{t('imports.text')}</Text>
      <Select label={t('imports.kind')} size="xs" allowDeselect={false} value={kind} data={KINDS.map((value) => ({ value, label: t(`imports.${value}`) }))} onChange={(value) => value && setKind(value as Kind)} />
      <FileInput label={t('imports.file')} size="xs" required accept=".csv,text/csv,text/plain" placeholder={t('imports.choose')} leftSection={<IconUpload size={14} aria-hidden />} value={file} onChange={setFile} />
      {send.error ? <Problem error={send.error} /> : null}
      <Group><Button type="submit" size="xs" disabled={!file} loading={send.isPending}>{t('imports.upload')}</Button></Group>
    </Stack>
  );
}

function Mapping({ upload }: { upload: Upload }) {
  const { t } = useSpeech();
  const format = useFormat();
  const [chosen, setChosen] = useState<Record<string, string>>(upload.suggested);
  const body = { mapping: mappingOf(upload, chosen) };
  const dry = useAct(async () => (await call('post', '/imports/{id}/try', { path: { id: upload.id }, body })).data);
  const run = useAct(async () => (await call('post', '/imports/{id}/run', { path: { id: upload.id }, body })).data);
  const result = run.data ?? dry.data;
  return (
    <Stack gap="sm">
      <Text size="sm">{t('imports.found', { file: upload.file, encoding: upload.encoding, delimiter: upload.delimiter === '\t' ? 'Tab' : upload.delimiter, size: format.number(upload.bytes / 1024, 1) })}</Text>
      <Table.ScrollContainer minWidth={600} scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': t('imports.mapping') } }}>
        <Table fz="xs" withTableBorder withColumnBorders aria-label={t('imports.mapping')}>
          <Table.Thead>
            <Table.Tr>{upload.columns.map((column) => <Table.Th key={column}>{column}</Table.Th>)}</Table.Tr>
            <Table.Tr>{upload.columns.map((column) => (
              <Table.Td key={column}>
                <Select size="xs" miw={130} searchable clearable aria-label={t('imports.fieldOf', { column })} placeholder={t('imports.ignored')} data={upload.fields} value={chosen[column] ?? null} clearButtonProps={{ 'aria-label': t('imports.ignored') }}
                  onChange={(field) => { const next = { ...chosen }; if (field) next[column] = field; else delete next[column]; setChosen(next); dry.reset(); }} />
              </Table.Td>
            ))}</Table.Tr>
          </Table.Thead>
          <Table.Tbody>{upload.rows_shown.slice(0, 5).map((row, at) => <Table.Tr key={at}>{row.map((cell, index) => <Table.Td key={index}>{cell}</Table.Td>)}</Table.Tr>)}</Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {dry.error ? <Problem error={dry.error} /> : null}
      {run.error ? <Problem error={run.error} /> : null}
      {!run.data && (
        <Group>
          <Button size="xs" variant={dry.data ? 'default' : 'filled'} loading={dry.isPending} onClick={() => dry.mutate(undefined)}>{t('imports.try')}</Button>
          {dry.data && <Button size="xs" loading={run.isPending} disabled={dry.data.rows_imported === 0} onClick={() => run.mutate(undefined)}>{t('imports.run', { n: dry.data.rows_imported })}</Button>}
        </Group>
      )}
      {result && <Outcome result={result} />}
    </Stack>
  );
}

function Outcome({ result }: { result: Result }) {
  const { t } = useSpeech();
  const format = useFormat();
  return (
    <Stack gap="sm" data-testid="import-result">
      <Alert role="status" color={result.rows_rejected ? 'orange' : 'green'} title={t(result.dry ? 'imports.wouldBe' : 'imports.was')}>
        <Group gap="xl">
          <Figure label={t('imports.imported')} value={format.number(result.rows_imported)} />
          <Figure label={t('imports.rejected')} value={format.number(result.rows_rejected)} />
        </Group>
        {result.ignored_columns.length > 0 && <Text size="sm">{t('imports.ignoredColumns')}: {result.ignored_columns.join(', ')}</Text>}
      </Alert>
      {result.rejected.length > 0 && (
        <Section title={t('imports.reasons')} actions={<Anchor size="sm" href={`/api/v1/imports/${result.id}/rejected`} download={`rejected-${result.id.slice(0, 8)}.csv`}>{t('imports.download')}</Anchor>}>
          <DataTable label={t('imports.reasons')} rows={result.rejected} id={(row) => `${row.line} ${row.column} ${row.reason}`} columns={[
            { name: 'line', title: t('imports.row'), order: (row) => row.line, cell: (row) => row.line },
            { name: 'column', title: t('imports.column'), order: (row) => row.column, cell: (row) => row.column },
            { name: 'reason', title: t('common.reason'), cell: (row) => row.reason },
          ]} />
        </Section>
      )}
    </Stack>
  );
}
