// One segment: the rule on the left, on the right at once how many it is, why not the others, and who.
import { Button, Grid, Group, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconCopy } from '@tabler/icons-react';
import { useMemo } from 'react';
import { Link, useNavigate, useParams, useSearchParams } from 'react-router';
import type { RuleGroupType } from 'react-querybuilder';
import { call, type Schemas } from '../../api/client';
import { useAct, useAsk } from '../../api/hooks';
import { useMay } from '../../app/session';
import { useSpeech } from '../../i18n';
import { Builder } from '../../segments/Builder';
import type { Catalogue } from '../../segments/catalogue';
import { ruleInWords } from '../../segments/words';
import { ruleOf, treeOf, type Rule } from '../../segments/tree';
import { NAME } from '../../ui/NameDialog';
import { same, useEditing } from '../../ui/editing';
import { UsedBy } from '../../ui/Marks';
import { Asked, Page, Problem, Section } from '../../ui/Page';
import { UndoRedo, Unsaved, UnsavedSign } from '../../ui/Unsaved';
import { LiveCount } from './LiveCount';
import { People } from './People';

type Stored = Schemas['StoredSegment'];
interface Draft { name: string; title: string; tree: RuleGroupType }
const EVERYBODY: Rule = { all: [] };
const meaningOf = ({ name, title, tree }: Draft) => ({ name, title, rule: ruleOf(tree) });

export default function Segment() {
  const { t } = useSpeech();
  const { name = '' } = useParams();
  const [parameters] = useSearchParams();
  const source = name === 'new' ? (parameters.get('from') ?? '') : name;
  const stored = useAsk('/segments/{name}', { path: { name: source } }, { enabled: source !== '' });
  const catalogue = useAsk('/segments/fields');
  const above = { to: '/segments', label: t('nav.segments') };
  if (!catalogue.data) return <Page title={name} above={above}><Asked query={catalogue}>{() => null}</Asked></Page>;
  if (source !== '' && !stored.data) return <Page title={name} above={above}><Asked query={stored}>{() => null}</Asked></Page>;
  return <Editor key={`${name} ${source}`} isNew={name === 'new'} stored={stored.data} etag={stored.etag} catalogue={catalogue.data} />;
}

function Editor({ isNew, stored, etag, catalogue }: { isNew: boolean; stored?: Stored; etag: string; catalogue: Catalogue }) {
  const speech = useSpeech();
  const { t } = speech;
  const may = useMay();
  const go = useNavigate();
  const start = useMemo<Draft>(() => ({
    name: isNew ? (stored ? `${stored.name}-2` : '') : (stored?.name ?? ''),
    title: stored?.title ?? '',
    tree: treeOf((stored?.content.rule as Rule | undefined) ?? EVERYBODY),
  }), [stored, isNew]);
  const editing = useEditing({ place: `segment.${isNew ? 'new' : start.name}`, stored: start, etag: isNew ? '' : etag, meaning: meaningOf });
  const { draft, setDraft, history } = editing;
  const { name, title, tree } = draft;
  const rule = ruleOf(tree);
  const setTree = (next: RuleGroupType) => (same(ruleOf(next), rule) ? history.refine : setDraft)({ ...draft, tree: next });
  const changed = isNew || editing.changed;
  const readOnly = !may('segments.edit');
  const save = useAct(async () => {
    const body = { name, title, rule } as Schemas['Segment'];
    const { etag: now } = await call('put', '/segments/{name}', { path: { name }, body, etag: editing.etag });
    editing.saved(now);
    notifications.show({ message: t('common.saved'), color: 'green' });
    if (isNew) void go(`/segments/${name}`, { replace: true });
  });
  return (
    <Page title={title || name || t('segments.new')} above={{ to: '/segments', label: t('nav.segments') }}
      badge={!readOnly && <UnsavedSign changed={editing.changed} isNew={isNew} />}
      actions={
        <>
          {!readOnly && <UndoRedo history={history} />}
          {!isNew && may('segments.edit') && <Button component={Link} to={`/segments/new?from=${name}`} variant="default" size="xs" leftSection={<IconCopy size={14} aria-hidden />}>{t('common.duplicate')}</Button>}
          {!readOnly && <Button size="xs" form="segment" type="submit" disabled={!changed} loading={save.isPending}>{t('common.save')}</Button>}
        </>
      }>
      <Unsaved editing={editing} />
      {save.error ? <Problem error={save.error} /> : null}
      <Grid>
        <Grid.Col span={{ base: 12, lg: 8 }}>
          <Stack component="form" id="segment" onSubmit={(event) => { event.preventDefault(); save.mutate(undefined); }}>
            <Group grow align="flex-start">
              <TextInput label={t('common.name')} size="xs" value={name} readOnly={!isNew} required pattern={NAME} onChange={(event) => setDraft({ ...draft, name: event.currentTarget.value })} />
              <TextInput label={t('common.title')} size="xs" value={title} readOnly={readOnly} onChange={(event) => setDraft({ ...draft, title: event.currentTarget.value })} />
            </Group>
            <Section title={t('segment.rule')}><Builder tree={tree} setTree={setTree} catalogue={catalogue} readOnly={readOnly} /></Section>
            <Text size="sm" data-testid="in-words"><Text span fw={600} size="sm">{t('segment.words')}</Text> {ruleInWords(rule, speech)}</Text>
            {stored && stored.used_by.length > 0 && <Text size="sm" c="dimmed">{t('common.usedBy')}: <UsedBy items={stored.used_by} /></Text>}
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 4 }}><LiveCount rule={rule} /></Grid.Col>
      </Grid>
      {may('clients.see') && <People rule={rule} />}
    </Page>
  );
}
