// One template: written on the left, seen as one client would get it on the right.
import { Button, Tabs } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconCopy } from '@tabler/icons-react';
import { useMemo } from 'react';
import { Link, useNavigate, useParams, useSearchParams } from 'react-router';
import { call, type Schemas } from '../../api/client';
import { useAct, useAsk } from '../../api/hooks';
import { useMay } from '../../app/session';
import { addWords, useSpeech } from '../../i18n';
import { blocks } from '../../i18n/words/blocks';
import { useEditing } from '../../ui/editing';
import { Asked, Page, Problem } from '../../ui/Page';
import { UndoRedo, Unsaved, UnsavedSign } from '../../ui/Unsaved';
import { written, type Draft } from './draft';
import { Versions } from './Versions';
import { Writing } from './Writing';

addWords(blocks);

type Stored = Schemas['StoredTemplate'];
const EMPTY: Draft = { name: '', channel: 'email', default_locale: 'ru', locales: { ru: { subject: '', html: '' }, en: { subject: '', html: '' } } };

export default function Template() {
  const { t } = useSpeech();
  const { name = '' } = useParams();
  const [parameters] = useSearchParams();
  const source = name === 'new' ? (parameters.get('from') ?? '') : name;
  const stored = useAsk('/templates/{name}', { path: { name: source } }, { enabled: source !== '' });
  const fields = useAsk('/templates/fields');
  if ((source !== '' && !stored.data) || !fields.data)
    return <Page title={name} above={{ to: '/templates', label: t('nav.templates') }}>{source !== '' && !stored.data ? <Asked query={stored}>{() => null}</Asked> : <Asked query={fields}>{() => null}</Asked>}</Page>;
  return <Editor key={`${name} ${source}`} isNew={name === 'new'} stored={stored.data} etag={stored.etag} fields={fields.data.items} />;
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
  const editing = useEditing({ place: `template.${isNew ? 'new' : start.name}`, stored: start, etag: isNew ? '' : etag });
  const { draft, setDraft, history, changed } = editing;
  const readOnly = !may('templates.edit');
  const save = useAct(async () => {
    const { etag: now } = await call('put', '/templates/{name}', { path: { name: draft.name }, body: written(draft) as Schemas['Template'], etag: editing.etag });
    editing.saved(now);
    notifications.show({ message: t('common.saved'), color: 'green' });
    if (isNew) void go(`/templates/${draft.name}`, { replace: true });
  });
  return (
    <Page title={draft.name || t('templates.new')} above={{ to: '/templates', label: t('nav.templates') }}
      badge={!readOnly && <UnsavedSign changed={changed} isNew={isNew} />}
      actions={
        <>
          {!readOnly && <UndoRedo history={history} />}
          {!isNew && may('templates.edit') && <Button component={Link} to={`/templates/new?from=${draft.name}`} variant="default" size="xs" leftSection={<IconCopy size={14} aria-hidden />}>{t('common.duplicate')}</Button>}
          {!readOnly && <Button size="xs" type="submit" form="template" disabled={!changed && !isNew} loading={save.isPending}>{t('common.save')}</Button>}
        </>
      }>
      <Unsaved editing={editing} />
      {save.error ? <Problem error={save.error} /> : null}
      <Tabs defaultValue="write" keepMounted={false}>
        <Tabs.List mb="md"><Tabs.Tab value="write">{t('template.write')}</Tabs.Tab>{!isNew && <Tabs.Tab value="versions">{t('template.versions')}</Tabs.Tab>}</Tabs.List>
        <Tabs.Panel value="write"><Writing draft={draft} setDraft={setDraft} fields={fields} isNew={isNew} readOnly={readOnly} save={() => save.mutate(undefined)} /></Tabs.Panel>
        {!isNew && <Tabs.Panel value="versions"><Versions name={draft.name} current={draft} takeBack={readOnly ? undefined : (old) => setDraft(old)} /></Tabs.Panel>}
      </Tabs>
    </Page>
  );
}
