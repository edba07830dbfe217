// One template: written on the left, seen as one client would get it on the right.
import { Alert, Button, Grid, Group, List, Select, Stack, Tabs, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconCopy } from '@tabler/icons-react';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useRef, useState } from 'react';
import { Link, useNavigate, useParams, useSearchParams } from 'react-router';
import { call, type Schemas } from '../../api/client';
import { useAct, useAsk } from '../../api/hooks';
import { useMay } from '../../app/session';
import { useSpeech } from '../../i18n';
import { NAME } from '../../ui/NameDialog';
import { Asked, Page, Problem } from '../../ui/Page';
import { CodeEditor, type EditorHandle } from './CodeEditor';
import { useDraft, written, type Draft, type Parts } from './draft';
import { marksFor } from './mistakes';
import { Preview } from './Preview';
import { Versions } from './Versions';

type Stored = Schemas['StoredTemplate'];
const CHANNELS = ['email', 'sms', 'letter', 'fax', 'call'];
const CHECK_MS = 400;
const EMPTY: Draft = { name: '', channel: 'email', default_locale: 'ru', locales: { ru: { subject: '', html: '' }, en: { subject: '', html: '' } } };

// "contracts" and, for the elements inside of its section, their own names.
export function namesOf(fields: Schemas['MergeField'][]): string[] {
  return [...new Set(fields.flatMap((field) => [field.name, ...namesOf(field.elements ?? [])]))];
}

export default function Template() {
  const { t } = useSpeech();
  const { name = '' } = useParams();
  const [parameters] = useSearchParams();
  const source = name === 'new' ? (parameters.get('from') ?? '') : name;
  const stored = useAsk('/templates/{name}', { path: { name: source } }, { enabled: source !== '' });
  const fields = useAsk('/templates/fields');
  if ((source !== '' && !stored.data) || !fields.data)
    return <Page title={name} above={{ to: '/templates', label: t('nav.templates') }}>{source !== '' && !stored.data ? <Asked query={stored}>{() => null}</Asked> : <Asked query={fields}>{() => null}</Asked>}</Page>;
  return <Editor key={`${name} ${stored.data?.version ?? 0}`} isNew={name === 'new'} stored={stored.data} etag={stored.etag} fields={fields.data.items} />;
}

function Editor({ isNew, stored, etag, fields }: { isNew: boolean; stored?: Stored; etag: string; fields: Schemas['MergeField'][] }) {
  const { t } = useSpeech();
  const may = useMay();
  const go = useNavigate();
  const start = useMemo<Draft>(() => {
    const content = stored?.content as unknown as Draft | undefined;
    if (!content) return EMPTY;
    return isNew ? { ...content, name: `${content.name}-2` } : content;
  }, [stored, isNew]);
  const { draft, setDraft, changed, rescued, restore, forget } = useDraft(isNew ? 'new' : start.name, start);
  const readOnly = !may('templates.edit');
  const save = useAct(async () => {
    await call('put', '/templates/{name}', { path: { name: draft.name }, body: written(draft) as Schemas['Template'], etag: isNew ? '' : etag });
    forget();
    notifications.show({ message: t('common.saved'), color: 'green' });
    if (isNew) void go(`/templates/${draft.name}`, { replace: true });
  });
  return (
    <Page title={draft.name || t('templates.new')} above={{ to: '/templates', label: t('nav.templates') }}
      badge={(changed || isNew) && !readOnly && <Text size="sm" c="dimmed">{t('common.unsaved')}</Text>}
      actions={
        <>
          {!isNew && may('templates.edit') && <Button component={Link} to={`/templates/new?from=${draft.name}`} variant="default" size="xs" leftSection={<IconCopy size={14} aria-hidden />}>{t('common.duplicate')}</Button>}
          {!readOnly && <Button size="xs" type="submit" form="template" disabled={!changed && !isNew} loading={save.isPending}>{t('common.save')}</Button>}
        </>
      }>
      {rescued && (
        <Alert color="blue" title={t('template.rescued')}>
          <Group gap="xs"><Button size="compact-xs" onClick={restore}>{t('template.restore')}</Button><Button size="compact-xs" variant="default" onClick={forget}>{t('template.forget')}</Button></Group>
        </Alert>
      )}
      {save.error ? <Problem error={save.error} /> : null}
      <Tabs defaultValue="write" keepMounted={false}>
        <Tabs.List mb="md"><Tabs.Tab value="write">{t('template.write')}</Tabs.Tab>{!isNew && <Tabs.Tab value="versions">{t('template.versions')}</Tabs.Tab>}</Tabs.List>
        <Tabs.Panel value="write"><Desk draft={draft} setDraft={setDraft} fields={fields} isNew={isNew} readOnly={readOnly} save={() => save.mutate(undefined)} /></Tabs.Panel>
        {!isNew && <Tabs.Panel value="versions"><Versions name={draft.name} current={draft} takeBack={readOnly ? undefined : (old) => setDraft(old)} /></Tabs.Panel>}
      </Tabs>
    </Page>
  );
}

interface DeskProps {
  draft: Draft;
  setDraft: (draft: Draft) => void;
  fields: Schemas['MergeField'][];
  isNew: boolean;
  readOnly: boolean;
  save: () => void;
}

function Desk({ draft, setDraft, fields, isNew, readOnly, save }: DeskProps) {
  const { t, code } = useSpeech();
  const locales = [...new Set([...Object.keys(draft.locales), 'ru', 'en'])];
  const [chosen, setLocale] = useState(draft.default_locale);
  const locale = locales.includes(chosen) ? chosen : (locales[0] ?? 'ru');
  const parts = draft.locales[locale] ?? {};
  const body = draft.channel === 'email' && parts.text === undefined ? 'html' : draft.channel === 'email' && parts.html !== undefined ? 'html' : 'text';
  const [asked] = useDebouncedValue(JSON.stringify(written(draft)), CHECK_MS);
  const check = useQuery({
    queryKey: ['check', asked],
    queryFn: async ({ signal }) => (await call('post', '/templates:check', { body: JSON.parse(asked) as Schemas['Template'], signal })).data,
    placeholderData: keepPreviousData,
    enabled: draft.name !== '',
  });
  const mistakes = useMemo(() => check.data?.mistakes ?? [], [check.data]);
  const marks = useMemo(() => marksFor(mistakes, locale, body), [mistakes, locale, body]);
  const names = useMemo(() => namesOf(fields), [fields]);
  const editor = useRef<EditorHandle>(null);
  const put = (part: Parts) => setDraft({ ...draft, locales: { ...draft.locales, [locale]: { ...parts, ...part } } });
  const setChannel = (channel: string) => {
    const isMail = channel === 'email';
    const convert = (one: Parts): Parts => isMail ? { subject: one.subject ?? '', html: one.html ?? one.text ?? '' } : { subject: one.subject, text: one.text ?? '' };
    setDraft({ ...draft, channel, locales: Object.fromEntries(Object.entries(draft.locales).map(([name, one]) => [name, convert(one)])) });
  };
  return (
    <Grid>
      <Grid.Col span={{ base: 12, lg: 6 }}>
        <Stack component="form" id="template" gap="sm" onSubmit={(event) => { event.preventDefault(); save(); }}>
          <Group grow>
            <TextInput size="xs" label={t('common.name')} required pattern={NAME} value={draft.name} readOnly={!isNew} onChange={(event) => setDraft({ ...draft, name: event.currentTarget.value })} />
            <Select size="xs" label={t('common.channel')} allowDeselect={false} value={draft.channel} disabled={!isNew} data={CHANNELS.map((value) => ({ value, label: code('channel', value) }))} onChange={(value) => value && setChannel(value)} />
            <Select size="xs" label={t('template.language')} allowDeselect={false} value={locale} data={locales} onChange={(value) => value && setLocale(value)} />
          </Group>
          {(draft.channel !== 'sms' || parts.subject !== undefined) && draft.channel !== 'call' && (
            <TextInput size="xs" label={t('template.subject')} value={parts.subject ?? ''} readOnly={readOnly} onChange={(event) => put({ subject: event.currentTarget.value })} />
          )}
          <Group justify="space-between" align="flex-end">
            <Text size="sm" fw={600}>{t(body === 'html' ? 'template.html' : 'template.text')}</Text>
            {!readOnly && (
              <Select size="xs" w={220} searchable aria-label={t('template.insert')} placeholder={t('template.insert')} value={null} data={names} onChange={(field) => field && editor.current?.insert(`{{${field}}}`)} />
            )}
          </Group>
          <CodeEditor key={`${locale} ${body}`} handle={editor} label={t(body === 'html' ? 'template.html' : 'template.text')} isHtml={body === 'html'} readOnly={readOnly} fields={names} marks={marks}
            value={String(parts[body] ?? '')} setValue={(value) => put({ [body]: value })} />
          <Mistakes mistakes={mistakes} />
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 6 }}><Preview draft={draft} locale={locale} good={check.data?.good ?? false} /></Grid.Col>
    </Grid>
  );
}

function Mistakes({ mistakes }: { mistakes: Schemas['Mistake'][] }) {
  const { t } = useSpeech();
  if (mistakes.length === 0) return null;
  return (
    <Alert color="red" title={t('template.mistakes', { n: mistakes.length })} role="status">
      <List size="sm">{mistakes.map((one, at) => <List.Item key={at}>{one.place && <Text span fw={600} size="sm">{one.place}: </Text>}{one.detail}</List.Item>)}</List>
    </Alert>
  );
}
