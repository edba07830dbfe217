// When: once, again and again, on a client's date, or after an event; always with its time zone.
import { Alert, Anchor, Checkbox, Group, NumberInput, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core';
import { Link } from 'react-router';
import { useAsk } from '../../api/hooks';
import { useFormat } from '../../format';
import { addWords, useSpeech } from '../../i18n';
import { launch } from '../../i18n/words/launch';
import { instantIn } from '../calendar-days';
import { useScheduleWords, type Schedule } from '../campaigns/schedule';
import type { Definition } from '../campaigns/definition';

addWords(launch);

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^\d{2}:\d{2}$/;

type Kind = 'once' | 'recurring' | 'date_field' | 'event' | 'calendar_days';
const KINDS: Kind[] = ['once', 'recurring', 'date_field', 'event'];
const FIELDS = ['birth_date', 'card_expiry', 'payment_due', 'contract_opened'];
const DAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
const FREQUENCIES = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'];

function fresh(kind: Kind): Schedule {
  switch (kind) {
    case 'once': return { once: { date: '', time: '11:00' } };
    case 'recurring': return { recurring: { rrule: 'FREQ=WEEKLY;BYDAY=MO', start: '', time: '11:00' } };
    case 'date_field': return { date_field: { field: 'birth_date', match: 'anniversary', time: '10:00' } };
    case 'event': return { event: { name: 'credit_decision' } };
    case 'calendar_days': return { calendar_days: { days: [], time: '11:00' } };
  }
}

export function ScheduleStep({ definition, change }: { definition: Definition; change: (part: Partial<Definition>) => void }) {
  const { t, code } = useSpeech();
  const words = useScheduleWords();
  const schedule = definition.schedule ?? fresh('once');
  const zone = schedule.zone;
  const kind = ([...KINDS, 'calendar_days'] as Kind[]).find((one) => one in schedule) ?? 'once';
  const put = (next: Schedule) => change({ schedule: { ...next, ...(zone ? { zone } : {}) } });
  const time = (value: string, set: (value: string) => void) => <TextInput size="xs" type="time" w={120} label={t('wizard.time')} required value={value} onChange={(event) => set(event.currentTarget.value)} />;
  return (
    <Stack gap="sm" maw={640}>
      <SegmentedControl size="xs" style={{ flexWrap: 'wrap' }} aria-label={t('campaign.schedule')} value={kind} data={(kind === 'calendar_days' ? [...KINDS, kind] : KINDS).map((value) => ({ value, label: t(`wizard.${value}`) }))} onChange={(value) => put(fresh(value as Kind))} />
      {schedule.once && (
        <Group align="flex-end">
          <TextInput size="xs" type="date" label={t('wizard.date')} required value={schedule.once.date} onChange={(event) => put({ once: { ...schedule.once!, date: event.currentTarget.value } })} />
          {time(schedule.once.time, (value) => put({ once: { ...schedule.once!, time: value } }))}
        </Group>
      )}
      {schedule.recurring && <Recurring value={schedule.recurring} set={(recurring) => put({ recurring })} time={time} />}
      {schedule.date_field && (
        <Group align="flex-end">
          <Select size="xs" label={t('wizard.field')} allowDeselect={false} value={schedule.date_field.field} data={FIELDS.map((value) => ({ value, label: code('datefield', value) }))} onChange={(field) => field && put({ date_field: { ...schedule.date_field!, field, match: field === 'birth_date' ? 'anniversary' : 'exact' } })} />
          <NumberInput size="xs" w={170} label={t('wizard.offset')} min={-366} max={366} value={schedule.date_field.offset_days ?? 0} onChange={(value) => put({ date_field: { ...schedule.date_field!, offset_days: Number(value) || undefined } })} />
          {time(schedule.date_field.time, (value) => put({ date_field: { ...schedule.date_field!, time: value } }))}
        </Group>
      )}
      {schedule.event && <TextInput size="xs" label={t('wizard.eventName')} required value={schedule.event.name} onChange={(event) => put({ event: { ...schedule.event!, name: event.currentTarget.value } })} />}
      <Select size="xs" w={320} label={t('wizard.zone')} allowDeselect={false} value={zone ?? 'client'} data={[{ value: 'client', label: t('wizard.zoneClient') }, { value: 'bank', label: t('wizard.zoneBank') }]}
        onChange={(value) => change({ schedule: { ...schedule, zone: value === 'bank' ? 'bank' : undefined } })} />
      <Text size="sm" data-testid="schedule-words">{words(schedule)}</Text>
      {schedule.once && DAY.test(schedule.once.date) && TIME.test(schedule.once.time) && <ThatDay definition={definition} day={schedule.once.date} time={schedule.once.time} />}
    </Stack>
  );
}

// How long until then, and who else writes to the same people on that day.
function ThatDay({ definition, day, time }: { definition: Definition; day: string; time: string }) {
  const { t } = useSpeech();
  const format = useFormat();
  const calendar = useAsk('/calendar', { query: { from: day, to: day } }, { keep: true }).data;
  if (!calendar) return null;
  const others = calendar.items.filter((one) => one.segment === definition.segment && one.campaign !== definition.name);
  const zone = definition.schedule?.zone === 'bank' ? calendar.zone : t('starts.client', { zone: calendar.zone });
  return (
    <>
      <Text size="sm" data-testid="starts-in"><b>{format.distance(instantIn(calendar.zone, day, time).toISOString(), calendar.now)}</b> · {zone}</Text>
      {others.length > 0 && (
        <Alert color="orange" title={t('starts.sameDay')}>
          {others.map((one) => <Text key={`${one.campaign} ${one.time}`} size="sm"><Anchor component={Link} size="sm" underline="always" to={`/campaigns/${one.campaign}`}>{one.title || one.campaign}</Anchor>, {one.time}</Text>)}
        </Alert>
      )}
    </>
  );
}

function Recurring({ value, set, time }: { value: NonNullable<Schedule['recurring']>; set: (value: NonNullable<Schedule['recurring']>) => void; time: (value: string, set: (value: string) => void) => React.ReactNode }) {
  const { t, code } = useSpeech();
  const frequency = /FREQ=([A-Z]+)/.exec(value.rrule)?.[1] ?? 'WEEKLY';
  const days = /BYDAY=([A-Z,]+)/.exec(value.rrule)?.[1]?.split(',') ?? [];
  const rule = (next: string, chosen: string[]) => `FREQ=${next}${next === 'WEEKLY' && chosen.length ? `;BYDAY=${chosen.join(',')}` : ''}`;
  return (
    <>
      <Group align="flex-end">
        <Select size="xs" label={t('wizard.howOften')} allowDeselect={false} value={frequency} data={FREQUENCIES.map((one) => ({ value: one, label: code('frequency', one.toLowerCase()) }))} onChange={(one) => one && set({ ...value, rrule: rule(one, days) })} />
        <TextInput size="xs" type="date" label={t('wizard.start')} required value={value.start} onChange={(event) => set({ ...value, start: event.currentTarget.value })} />
        {time(value.time, (one) => set({ ...value, time: one }))}
      </Group>
      {frequency === 'WEEKLY' && (
        <Checkbox.Group label={t('wizard.days')} size="xs" value={days} onChange={(chosen) => set({ ...value, rrule: rule('WEEKLY', DAYS.filter((day) => chosen.includes(day))) })}>
          <Group gap="sm" mt={4}>{DAYS.map((day) => <Checkbox key={day} size="xs" value={day} label={code('weekday', day)} />)}</Group>
        </Checkbox.Group>
      )}
    </>
  );
}
