// What: the steps, each with its channels in order of preference and the template for each.
import { ActionIcon, Button, Card, Checkbox, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { Link } from 'react-router';
import { useAsk } from '../../api/hooks';
import { useMay } from '../../app/session';
import { useSpeech } from '../../i18n';
import { PreviewButton } from '../templates/Preview';
import { TestSend } from '../templates/TestSend';
import { channelsOf, templateOf, withRoutes, type Definition, type Step } from '../campaigns/definition';

const CHANNELS = ['email', 'sms', 'letter', 'fax', 'call'];
const CONDITIONS = ['always', 'no_response', 'not_delivered', 'still_matches'];

interface Props {
  definition: Definition;
  change: (part: Partial<Definition>) => void;
}

export function Messages({ definition, change }: Props) {
  const { t } = useSpeech();
  const steps = definition.steps ?? [];
  const put = (next: Step[]) => change({ steps: next });
  return (
    <Stack gap="sm">
      {steps.length === 0 && <Text size="sm" c="dimmed">{t('wizard.noSteps')}</Text>}
      {steps.map((step, at) => (
        <StepCard key={at} at={at} step={step} set={(next) => put(steps.map((old, index) => (index === at ? next : old)))} remove={() => put(steps.filter((_, index) => index !== at))} />
      ))}
      <Group><Button size="xs" variant="light" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => put([...steps, { channel: 'email', template: '' }])}>{t('wizard.addStep')}</Button></Group>
      {steps.some((step) => channelsOf(step).includes('email')) && (
        <Checkbox size="xs" label={t('wizard.tracking')} description={t('wizard.trackingText')} checked={definition.tracking ?? false} onChange={(event) => change({ tracking: event.currentTarget.checked || undefined })} />
      )}
    </Stack>
  );
}

function StepCard({ at, step, set, remove }: { at: number; step: Step; set: (step: Step) => void; remove: () => void }) {
  const { t, code } = useSpeech();
  const may = useMay();
  const templates = useAsk('/templates', { query: { limit: 200 } });
  const routes = channelsOf(step).map((channel) => ({ channel, template: templateOf(step, channel) }));
  const free = CHANNELS.filter((channel) => !routes.some((route) => route.channel === channel));
  const change = (index: number, part: Partial<(typeof routes)[number]>) => set(withRoutes(step, routes.map((old, i) => (i === index ? { ...old, ...part } : old))));
  return (
    <Card withBorder padding="sm" component="section" aria-label={t('wizard.step', { n: at + 1 })}>
      <Group justify="space-between" mb="xs">
        <Text fw={600} size="sm">{t('wizard.step', { n: at + 1 })}</Text>
        <ActionIcon variant="subtle" color="red" aria-label={t('wizard.removeStep', { n: at + 1 })} onClick={remove}><IconTrash size={15} aria-hidden /></ActionIcon>
      </Group>
      <Stack gap="xs">
        {routes.map((route, index) => (
          <Group key={route.channel} gap="xs" align="flex-end">
            <Select size="xs" w={140} label={index === 0 ? t('common.channel') : t('wizard.elseChannel')} allowDeselect={false} value={route.channel} data={[route.channel, ...free].map((value) => ({ value, label: code('channel', value) }))}
              onChange={(channel) => channel && change(index, { channel, template: '' })} />
            <Select size="xs" w={260} label={t('wizard.template')} searchable required value={route.template || null} nothingFoundMessage={t('wizard.noTemplate')}
              data={(templates.data?.items ?? []).filter((one) => one.channel === route.channel).map((one) => one.name)} onChange={(template) => change(index, { template: template ?? '' })} />
            {route.template && <PreviewButton name={route.template} />}
            {route.template && <Button component={Link} to={`/templates/${route.template}`} size="xs" variant="subtle">{t('wizard.look')}</Button>}
            {route.template && route.channel !== 'call' && may('templates.test') && <TestSend what={{ name: route.template }} channel={route.channel} />}
            {routes.length > 1 && <ActionIcon variant="subtle" color="red" aria-label={t('wizard.removeChannel', { channel: code('channel', route.channel) })} onClick={() => set(withRoutes(step, routes.filter((_, i) => i !== index)))}><IconTrash size={15} aria-hidden /></ActionIcon>}
          </Group>
        ))}
        <Group gap="xs" align="flex-end">
          {free.length > 0 && <Button size="compact-xs" variant="subtle" h="auto" styles={{ label: { whiteSpace: 'normal' } }} onClick={() => set(withRoutes(step, [...routes, { channel: free[0]!, template: '' }]))}>{t('wizard.addChannel')}</Button>}
          {at > 0 && (
            <>
              <TextInput size="xs" w={110} label={t('campaign.wait')} placeholder="3d" pattern="([0-9]+[mhdw])+" value={step.wait ?? ''} onChange={(event) => set({ ...step, wait: event.currentTarget.value || undefined })} />
              <Select size="xs" w={220} label={t('campaign.condition')} allowDeselect={false} value={step.condition ?? 'always'} data={CONDITIONS.map((value) => ({ value, label: code('condition', value) }))} onChange={(condition) => set({ ...step, condition: condition === 'always' ? undefined : (condition ?? undefined) })} />
            </>
          )}
        </Group>
      </Stack>
    </Card>
  );
}
