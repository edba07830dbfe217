// The draft as one client would get it, made by the server; the next client, the one before, one found by name.
import { Alert, Badge, Button, Card, Group, Modal, Select, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { call, callFile, type Schemas } from '../../api/client';
import { useAsk } from '../../api/hooks';
import { useMay } from '../../app/session';
import { addWords, useSpeech } from '../../i18n';
import { blocks } from '../../i18n/words/blocks';
import { Problem, Section } from '../../ui/Page';
import { Pages } from '../../ui/Pages';
import { Rendered } from '../../ui/Rendered';
import { written, type Draft } from './draft';
import { TestSend } from './TestSend';
import { usePreview } from './use-preview';

addWords(blocks);

const SAMPLES = '';
const labelOf = (one: { client: string; name: string }) => `${one.name} · ${one.client}`;
const ON_PAPER = ['letter', 'fax'];
const LOOKED_AT = 100; // clients among whom the longest name is sought
const DRAWN = 20;

// Of a draft as it stands in the editor, or of what is stored under a name.
type What = { template: Schemas['Template'] } | { name: string };

export function Preview({ draft, locale, good }: { draft: Draft; locale: string; good: boolean }) {
  const { t } = useSpeech();
  const may = useMay();
  const [client, setClient] = useState(SAMPLES);
  const what = { template: written(draft) as Schemas['Template'] };
  return (
    <Section title={t('preview.title')} actions={may('templates.test') && draft.channel !== 'call' && <TestSend disabled={!good} what={what} channel={draft.channel} locale={locale} client={client} />}>
      <AsClient what={what} locale={locale} good={good} client={client} setClient={setClient} />
    </Section>
  );
}

// A stored template, looked at where it is used.
export function PreviewButton({ name }: { name: string }) {
  const { t } = useSpeech();
  const [opened, setOpened] = useState(false);
  const [client, setClient] = useState(SAMPLES);
  return (
    <>
      <Button size="xs" variant="default" onClick={() => setOpened(true)}>{t('preview.open')}</Button>
      <Modal opened={opened} onClose={() => setOpened(false)} size="xl" title={`${t('preview.title')}: ${name}`} closeButtonProps={{ 'aria-label': t('common.close') }}>
        {opened && <AsClient what={{ name }} good client={client} setClient={setClient} />}
      </Modal>
    </>
  );
}

function AsClient({ what, locale, good, client, setClient }: { what: What; locale?: string; good: boolean; client: string; setClient: (client: string) => void }) {
  const { t } = useSpeech();
  const may = useMay();
  const { preview, asked } = usePreview(what, locale, client, good);
  const data = preview.data;
  return (
    <Stack gap="sm">
      {may('clients.see') && <ClientChooser client={client} setClient={setClient} />}
      {preview.error ? <Problem error={preview.error} /> : null}
      {data?.problem && <Alert color="orange" title={t('preview.problem')}>{data.problem}</Alert>}
      {data && data.missing_fields.length > 0 && (
        <Group gap={6}><Text size="sm" fw={600}>{t('preview.missing')}</Text>{data.missing_fields.map((one) => <Badge key={one} color="orange" variant="light" tt="none">{one}</Badge>)}</Group>
      )}
      {data && <Card withBorder padding="sm" data-testid="preview"><Rendered shown={data} again={() => preview.refetch()} pages={ON_PAPER.includes(data.channel) && data.pdf ? <Pages name={asked} load={(page, signal) => callFile('post', '/templates:page', { body: JSON.parse(asked) as Schemas['PreviewQuestion'], query: { page }, signal })} /> : undefined} /></Card>}
      {!data && !preview.error && <Text size="sm" c="dimmed">{t(good ? 'common.loading' : 'preview.first')}</Text>}
    </Stack>
  );
}

type Person = { client: string; name: string };

// The next one and the one before are sought among those of whom the shown one was chosen: the people found by a name, some
// drawn at random, those with the longest names. While none is shown they are the first ones of all.
function ClientChooser({ client, setClient }: { client: string; setClient: (client: string) => void }) {
  const { t } = useSpeech();
  const may = useMay();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(''); // its label stands in the field and is no search
  const [among, setAmong] = useState<Person[]>();
  const [asked] = useDebouncedValue(text === chosen ? '' : text.trim(), 250);
  const found = useAsk('/clients', { query: { q: asked.length >= 2 ? asked : '', limit: 20 } }, { keep: true });
  const offered = text === chosen && among ? among : (found.data?.items ?? []);
  const show = (one: Person | undefined, from: Person[] | undefined) => {
    setChosen(one ? labelOf(one) : '');
    setText(one ? labelOf(one) : '');
    setAmong(one ? from : undefined);
    setClient(one?.client ?? SAMPLES);
  };
  const draw = async (longest: boolean) => {
    const body = { segment: { name: 'draft', rule: { all: [] } }, size: longest ? LOOKED_AT : DRAWN, random: true } as Schemas['SampleQuestion'];
    const { items } = (await call('post', '/segments:sample', { body })).data;
    const people = longest ? items.toSorted((a, b) => b.name.length - a.name.length).slice(0, DRAWN) : items;
    show(people[0], people);
  };
  const step = (by: number) => {
    const row = among ?? offered;
    const at = row.findIndex((one) => one.client === client);
    const next = at < 0 && by < 0 ? row.length - 1 : (at + by + row.length) % row.length;
    show(row[next], row);
  };
  const nobody = (among ?? offered).length === 0;
  return (
    <Group gap="xs" align="flex-end">
      <Select size="xs" w={260} searchable clearable label={t('preview.as')} placeholder={t('preview.samples')} value={client || null} searchValue={text} onSearchChange={setText}
        clearButtonProps={{ 'aria-label': t('preview.samples') }} filter={({ options }) => options} nothingFoundMessage={t('search.nothing')}
        data={optionsOf(offered, among?.find((one) => one.client === client))} onChange={(value) => show(offered.find((one) => one.client === value), offered)} />
      <Button size="xs" variant="default" disabled={nobody} onClick={() => step(-1)}>{t('preview.before')}</Button>
      <Button size="xs" variant="default" disabled={nobody} onClick={() => step(1)}>{t('preview.next')}</Button>
      {may('segments.count') && <Button size="xs" variant="default" onClick={() => void draw(false)}>{t('preview.random')}</Button>}
      {may('segments.count') && <Button size="xs" variant="default" onClick={() => void draw(true)}>{t('preview.longest')}</Button>}
    </Group>
  );
}

// The chosen one stays an option while another is looked for: a field whose value is no option is emptied by its component.
function optionsOf(offered: Person[], shown: Person | undefined) {
  const all = shown && !offered.some((one) => one.client === shown.client) ? [...offered, shown] : offered;
  return all.map((one) => ({ value: one.client, label: labelOf(one) }));
}
