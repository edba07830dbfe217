// A campaign in five steps: audience, message, schedule, check, approval. Free to jump; each step keeps the draft.
import { Alert, Button, Group, Stepper, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMemo } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { call, newKey, type Schemas } from '../../api/client';
import { useAct, useAsk } from '../../api/hooks';
import { useSpeech } from '../../i18n';
import { useEditing } from '../../ui/editing';
import { Asked, Page, Problem } from '../../ui/Page';
import { Unsaved } from '../../ui/Unsaved';
import { Checks } from '../campaigns/Checks';
import { definitionOf, type Definition } from '../campaigns/definition';
import { Audience } from './Audience';
import { Messages } from './Messages';
import { ScheduleStep } from './ScheduleStep';

const STEPS = ['audience', 'message', 'schedule', 'check', 'approval'] as const;
const DAY_MS = 86_400_000;
const empty = (): Definition => ({
  name: '', title: '', objective: 'cross_sell', segment: '', steps: [],
  schedule: { once: { date: new Date(Date.now() + DAY_MS).toISOString().slice(0, 10), time: '11:00' } },
});

export default function Wizard() {
  const { t } = useSpeech();
  const { name = '' } = useParams();
  const campaign = useAsk('/campaigns/{name}', { path: { name } }, { enabled: name !== '' });
  if (name === '') return <Editor key="new" stored={undefined} etag="" />;
  if (!campaign.data) return <Page title={name} above={{ to: '/campaigns', label: t('nav.campaigns') }}><Asked query={campaign}>{() => null}</Asked></Page>;
  return <Editor key={name} stored={campaign.data} etag={campaign.etag} />;
}

function Editor({ stored, etag }: { stored: Schemas['Campaign'] | undefined; etag: string }) {
  const { t, code } = useSpeech();
  const go = useNavigate();
  const [parameters, setParameters] = useSearchParams();
  const at = Math.max(0, STEPS.findIndex((one) => one === parameters.get('step')));
  const isNew = !stored;
  const start = useMemo(() => (stored ? definitionOf(stored.definition) : empty()), [stored]);
  const editing = useEditing({ place: `campaign.${stored ? stored.name : 'new'}`, stored: start, etag });
  const { draft: definition, setDraft } = editing;
  const change = (part: Partial<Definition>) => setDraft({ ...definition, ...part });
  const save = useAct(async () => {
    if (!isNew && !editing.changed) return;
    const { etag: now } = await call('put', '/campaigns/{name}', { path: { name: definition.name }, body: definition, etag: editing.etag });
    editing.saved(now);
    notifications.show({ message: t('wizard.saved'), color: 'green' });
  });
  const submit = useAct(async () => {
    await call('post', '/campaigns/{name}/submit', { path: { name: definition.name }, key: newKey() });
    notifications.show({ message: t('did.submit'), color: 'green' });
    void go(`/campaigns/${definition.name}`);
  });
  const whole = definition.name !== '' && definition.segment !== '' && (definition.steps ?? []).length > 0;
  // A draft the API could read is kept before another step is shown; one that it could not stays in the page.
  const jump = async (to: number) => {
    const step = STEPS[to] ?? 'audience';
    if (whole && to !== at) {
      try {
        await save.mutateAsync(undefined);
      } catch {
        if (to > at) return;
      }
      if (isNew && !save.error) {
        void go(`/campaigns/${definition.name}/edit?step=${step}`, { replace: true });
        return;
      }
    }
    setParameters({ step });
  };
  const panel = () => {
    switch (STEPS[at]) {
      case 'audience': return <Audience definition={definition} change={change} isNew={isNew} />;
      case 'message': return <Messages definition={definition} change={change} />;
      case 'schedule': return <ScheduleStep definition={definition} change={change} />;
      case 'check': return isNew ? <Text size="sm">{t('wizard.first')}</Text> : <Checks name={definition.name} />;
      default: return <Text size="sm" maw={560}>{t('wizard.approvalText')}</Text>;
    }
  };
  return (
    <Page title={definition.title || definition.name || t('campaigns.new')} above={{ to: '/campaigns', label: t('nav.campaigns') }}>
      <Stepper active={at} onStepClick={(to) => void jump(to)} size="xs" iconSize={26}>
        {STEPS.map((step) => <Stepper.Step key={step} label={t(`wizard.${step}`)} allowStepSelect />)}
      </Stepper>
      <Unsaved editing={editing} />
      {stored && stored.state !== 'draft' && <Alert color="yellow">{t('wizard.notDraft', { state: code('state', stored.state) })}</Alert>}
      {save.error ? <Problem error={save.error} /> : null}
      {submit.error ? <Problem error={submit.error} /> : null}
      {panel()}
      {!whole && at > 1 && <Alert color="yellow">{t('wizard.unfinished')}</Alert>}
      <Group>
        {at > 0 && <Button variant="default" size="xs" onClick={() => void jump(at - 1)}>{t('common.back')}</Button>}
        {at < STEPS.length - 1 && <Button size="xs" loading={save.isPending} onClick={() => void jump(at + 1)}>{t('common.next')}</Button>}
        {at === STEPS.length - 1 && <Button size="xs" loading={submit.isPending} disabled={isNew || !whole} onClick={() => submit.mutate(undefined)}>{t('act.submit')}</Button>}
      </Group>
    </Page>
  );
}
