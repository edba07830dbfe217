// Whom: the segment, who is left out, what for, and the control group.
import { Grid, MultiSelect, NumberInput, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { call } from '../../api/client';
import { useAsk } from '../../api/hooks';
import { useFormat } from '../../format';
import { useSpeech } from '../../i18n';
import { Bars, Figure } from '../../ui/Marks';
import { Problem } from '../../ui/Page';
import type { Definition } from '../campaigns/definition';
import { NAME } from '../../ui/NameDialog';

const OBJECTIVES = ['cross_sell', 'up_sell', 'retention', 'acquisition', 'reactivation', 'experience', 'service', 'debt'];

interface Props {
  definition: Definition;
  change: (part: Partial<Definition>) => void;
  isNew: boolean;
}

export function Audience({ definition, change, isNew }: Props) {
  const { t, code } = useSpeech();
  const segments = useAsk('/segments', { query: { limit: 200 } });
  const options = (segments.data?.items ?? []).map((one) => ({ value: one.name, label: one.title ? `${one.title} (${one.name})` : one.name }));
  return (
    <Grid>
      <Grid.Col span={{ base: 12, md: 7 }}>
        <Stack gap="sm">
          <TextInput size="xs" label={t('common.title')} value={definition.title ?? ''} maxLength={200} onChange={(event) => change({ title: event.currentTarget.value })} />
          <TextInput size="xs" label={t('common.name')} description={t('common.nameHint')} required pattern={NAME} readOnly={!isNew} value={definition.name} onChange={(event) => change({ name: event.currentTarget.value })} />
          <Select size="xs" label={t('campaign.objective')} allowDeselect={false} value={definition.objective ?? null} data={OBJECTIVES.map((value) => ({ value, label: code('objective', value) }))} onChange={(objective) => objective && change({ objective })} />
          <Select size="xs" label={t('campaign.segment')} required searchable data={options} value={definition.segment || null} onChange={(segment) => change({ segment: segment ?? '' })} nothingFoundMessage={t('search.nothing')} />
          <MultiSelect size="xs" label={t('campaign.exclude')} searchable data={options} value={definition.exclude ?? []} onChange={(exclude) => change({ exclude: exclude.length ? exclude : undefined })} />
          <NumberInput size="xs" label={t('campaign.control')} description={t('wizard.controlText')} placeholder={t('campaign.byPolicy')} min={0} max={50} decimalScale={2} suffix=" %" value={definition.control?.percent ?? ''}
            onChange={(percent) => change({ control: percent === '' ? undefined : { percent: Number(percent) } })} />
          <TextInput size="xs" label={t('campaign.owner')} value={definition.owner ?? ''} onChange={(event) => change({ owner: event.currentTarget.value || undefined })} />
          <Textarea size="xs" label={t('template.description')} autosize minRows={2} value={definition.description ?? ''} onChange={(event) => change({ description: event.currentTarget.value || undefined })} />
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 5 }}>{definition.segment && <Reach segment={definition.segment} />}</Grid.Col>
    </Grid>
  );
}

function Reach({ segment }: { segment: string }) {
  const { t, code } = useSpeech();
  const format = useFormat();
  const count = useQuery({
    queryKey: ['reach', segment],
    queryFn: async ({ signal }) => (await call('post', '/segments:count', { body: { name: segment, channels: ['email', 'sms', 'letter', 'call'], purpose: 'marketing' }, signal })).data,
  });
  if (count.error) return <Problem error={count.error} />;
  if (!count.data) return <Text size="sm" c="dimmed">{t('segment.counting')}</Text>;
  return (
    <Stack gap="sm">
      <Figure label={t('segment.count')} value={format.number(count.data.matched)} to={`/segments/${segment}`} />
      <Bars label={t('segment.reach')} total={count.data.matched} bars={count.data.channels.map((one) => ({ label: code('channel', one.channel), value: one.reachable, color: 'green' }))} />
    </Stack>
  );
}
