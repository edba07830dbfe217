// The texts of one language at a time: subject and body, checked by the server while they are written, seen beside them.
import { Alert, Grid, Group, List, Select, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { call, type Schemas } from '../../api/client';
import { useSpeech } from '../../i18n';
import { NAME } from '../../ui/NameDialog';
import { Code } from './Code';
import { written, type Draft, type Parts } from './draft';
import { MailBody } from './MailBody';
import { marksFor } from './mistakes';
import { Preview } from './Preview';

const CHANNELS = ['email', 'sms', 'letter', 'fax', 'call'];
const CHECK_MS = 400;

// "contracts" and, for the elements inside of its section, their own names.
function namesOf(fields: Schemas['MergeField'][]): string[] {
  return [...new Set(fields.flatMap((field) => [field.name, ...namesOf(field.elements ?? [])]))];
}

interface Props {
  draft: Draft;
  setDraft: (draft: Draft) => void;
  fields: Schemas['MergeField'][];
  isNew: boolean;
  readOnly: boolean;
  save: () => void;
}

function useCheck(draft: Draft) {
  const [asked] = useDebouncedValue(JSON.stringify(written(draft)), CHECK_MS);
  return useQuery({
    queryKey: ['check', asked],
    queryFn: async ({ signal }) => (await call('post', '/templates:check', { body: JSON.parse(asked) as Schemas['Template'], signal })).data,
    placeholderData: keepPreviousData,
    enabled: draft.name !== '',
  });
}

export function Writing({ draft, setDraft, fields, isNew, readOnly, save }: Props) {
  const { t, code } = useSpeech();
  const locales = [...new Set([...Object.keys(draft.locales), 'ru', 'en'])];
  const [chosen, setLocale] = useState(draft.default_locale);
  const locale = locales.includes(chosen) ? chosen : (locales[0] ?? 'ru');
  const parts = draft.locales[locale] ?? {};
  const isHtml = draft.channel === 'email' && (parts.html !== undefined || parts.text === undefined);
  const body = isHtml ? 'html' : 'text';
  const check = useCheck(draft);
  const mistakes = useMemo(() => check.data?.mistakes ?? [], [check.data]);
  const marks = useMemo(() => marksFor(mistakes, locale, body), [mistakes, locale, body]);
  const names = useMemo(() => namesOf(fields), [fields]);
  const lists = useMemo(() => fields.filter((field) => field.type === 'list').map((field) => field.name), [fields]);
  const put = (part: Parts) => setDraft({ ...draft, locales: { ...draft.locales, [locale]: { ...parts, ...part } } });
  const setChannel = (channel: string) => {
    const isMail = channel === 'email';
    const convert = (one: Parts): Parts => isMail ? { subject: one.subject ?? '', html: one.html ?? one.text ?? '' } : { subject: one.subject, text: one.text ?? '' };
    setDraft({ ...draft, channel, locales: Object.fromEntries(Object.entries(draft.locales).map(([name, one]) => [name, convert(one)])) });
  };
  const given = { names, lists, marks, readOnly, value: String(parts[body] ?? ''), set: (value: string) => put({ [body]: value }) };
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
          {isHtml
            ? <MailBody key={locale} {...given} locale={locale} others={Object.entries(draft.locales).filter(([name]) => name !== locale).map(([name, one]) => ({ locale: name, html: one.html ?? '' }))} />
            : <Code key={`${locale} text`} {...given} isHtml={false} />}
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
