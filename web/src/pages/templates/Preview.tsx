// The draft as one client would get it, made by the server; the next client, the one before, one found by name.
import { Alert, Badge, Button, Card, Group, Select, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call, callFile, type Schemas } from '../../api/client';
import { useAsk } from '../../api/hooks';
import { useMay } from '../../app/session';
import { useSpeech } from '../../i18n';
import { Problem, Section } from '../../ui/Page';
import { Pages } from '../../ui/Pages';
import { Rendered } from '../../ui/Rendered';
import { written, type Draft } from './draft';
import { TestSend } from './TestSend';

const PAUSE_MS = 500;
const SAMPLES = '';
const labelOf = (one: { client: string; name: string }) => `${one.name} · ${one.client}`;
const ON_PAPER = ['letter', 'fax'];
const LOOKED_AT = 100; // clients among whom the longest name is sought

export function Preview({ draft, locale, good }: { draft: Draft; locale: string; good: boolean }) {
  const { t } = useSpeech();
  const may = useMay();
  const [client, setClient] = useState(SAMPLES);
  const [asked] = useDebouncedValue(JSON.stringify({ template: written(draft), locale, ...(client ? { client } : {}) }), PAUSE_MS);
  const preview = useQuery({
    queryKey: ['preview', asked],
    queryFn: async ({ signal }) => (await call('post', '/templates:preview', { body: JSON.parse(asked) as Schemas['PreviewQuestion'], signal })).data,
    placeholderData: keepPreviousData,
    enabled: good,
  });
  const data = preview.data;
  return (
    <Section title={t('preview.title')} actions={may('templates.test') && draft.channel !== 'call' && <TestSend disabled={!good} what={{ template: written(draft) as Schemas['Template'] }} channel={draft.channel} locale={locale} client={client} />}>
      <Stack gap="sm">
        {may('clients.see') && <ClientChooser client={client} setClient={setClient} />}
        {preview.error ? <Problem error={preview.error} /> : null}
        {data?.problem && <Alert color="orange" title={t('preview.problem')}>{data.problem}</Alert>}
        {data && data.missing_fields.length > 0 && (
          <Group gap={6}><Text size="sm" fw={600}>{t('preview.missing')}</Text>{data.missing_fields.map((one) => <Badge key={one} color="orange" variant="light" tt="none">{one}</Badge>)}</Group>
        )}
        {data && <Card withBorder padding="sm" data-testid="preview"><Rendered shown={data} pages={ON_PAPER.includes(data.channel) && data.pdf ? <Pages name={asked} load={(page, signal) => callFile('post', '/templates:page', { body: JSON.parse(asked) as Schemas['PreviewQuestion'], query: { page }, signal })} /> : undefined} /></Card>}
        {!data && !preview.error && <Text size="sm" c="dimmed">{t(good ? 'common.loading' : 'preview.first')}</Text>}
      </Stack>
    </Section>
  );
}

function ClientChooser({ client, setClient }: { client: string; setClient: (client: string) => void }) {
  const { t } = useSpeech();
  const may = useMay();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(''); // its label stands in the field and is no search
  const [asked] = useDebouncedValue(text === chosen ? '' : text.trim(), 250);
  const found = useAsk('/clients', { query: { q: asked.length >= 2 ? asked : '', limit: 20 } }, { keep: true });
  const [drawn, setDrawn] = useState<{ client: string; name: string }[]>([]); // not among those found
  const clients = found.data?.items ?? [];
  const known = [...drawn.filter((one) => !clients.some(({ client: id }) => id === one.client)), ...clients];
  const show = (one: { client: string; name: string } | undefined) => {
    setChosen(one ? labelOf(one) : '');
    setText(one ? labelOf(one) : '');
    setClient(one?.client ?? SAMPLES);
  };
  const take = (next: string) => show(known.find((one) => one.client === next));
  const draw = async (longest: boolean) => {
    const body = { segment: { name: 'draft', rule: { all: [] } }, size: longest ? LOOKED_AT : 1, random: true } as Schemas['SampleQuestion'];
    const { items } = (await call('post', '/segments:sample', { body })).data;
    const one = items.toSorted((a, b) => b.name.length - a.name.length)[0];
    if (!one) return;
    setDrawn([one]);
    show(one);
  };
  const step = (by: number) => {
    const at = clients.findIndex((one) => one.client === client);
    const next = clients[(at + by + clients.length) % clients.length];
    show(next);
  };
  return (
    <Group gap="xs" align="flex-end">
      <Select size="xs" w={260} searchable clearable label={t('preview.as')} placeholder={t('preview.samples')} value={client || null} searchValue={text} onSearchChange={setText}
        clearButtonProps={{ 'aria-label': t('preview.samples') }} filter={({ options }) => options} nothingFoundMessage={t('search.nothing')}
        data={known.map((one) => ({ value: one.client, label: labelOf(one) }))} onChange={(value) => take(value ?? SAMPLES)} />
      <Button size="xs" variant="default" disabled={clients.length === 0} onClick={() => step(-1)}>{t('preview.before')}</Button>
      <Button size="xs" variant="default" disabled={clients.length === 0} onClick={() => step(1)}>{t('preview.next')}</Button>
      {may('segments.count') && <Button size="xs" variant="default" onClick={() => void draw(false)}>{t('preview.random')}</Button>}
      {may('segments.count') && <Button size="xs" variant="default" onClick={() => void draw(true)}>{t('preview.longest')}</Button>}
    </Group>
  );
}
