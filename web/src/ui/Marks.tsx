// Small marks: states, channels, times, bars.
import { ActionIcon, Anchor, Badge, Box, Group, Progress, Stack, Text, Tooltip } from '@mantine/core';
import { IconCopy } from '@tabler/icons-react';
import { Link } from 'react-router';
import { useFormat } from '../format';
import { useSpeech } from '../i18n';

const CAMPAIGN: Record<string, string> = {
  draft: 'gray', submitted: 'yellow', approved: 'cyan', running: 'green', paused: 'orange', cancelled: 'red', past: 'gray',
};
const MESSAGE: Record<string, string> = {
  accepted: 'green', delivered: 'teal', failed: 'red', bounced: 'red', quarantined: 'red', uncertain: 'orange',
  deferred: 'yellow', held: 'yellow', queued: 'blue', planned: 'blue', leased: 'blue', submitting: 'blue',
};

export function CampaignState({ state }: { state: string }) {
  const { code } = useSpeech();
  return <Badge color={CAMPAIGN[state] ?? 'gray'} variant="light" miw="max-content">{code('state', state)}</Badge>;
}

export function MessageState({ state }: { state: string }) {
  const { code } = useSpeech();
  return <Badge color={MESSAGE[state] ?? 'gray'} variant="light" miw="max-content">{code('message', state)}</Badge>;
}

export function Channels({ channels }: { channels: string[] }) {
  const { code } = useSpeech();
  return <Text span size="sm">{channels.map((one) => code('channel', one)).join(', ')}</Text>;
}

const PLACES: Record<string, string> = { campaign: '/campaigns', segment: '/segments', template: '/templates' };

// "campaign spring" of the API, in words and with the way there.
export function UsedBy({ items }: { items: string[] }) {
  const { code } = useSpeech();
  if (items.length === 0) return <>—</>;
  return (
    <>
      {items.map((one, at) => {
        const [kind = '', name = ''] = one.split(' ', 2);
        return <span key={one}>{at > 0 && ', '}{code('used', kind)} {PLACES[kind] ? <Anchor component={Link} size="sm" underline="always" to={`${PLACES[kind]}/${name}`}>{name}</Anchor> : name}</span>;
      })}
    </>
  );
}

// "in 3 h 12 min", with the exact time on demand.
export function When({ at }: { at: string | null | undefined }) {
  const format = useFormat();
  if (!at) return <Text span size="sm" c="dimmed">—</Text>;
  return (
    <Tooltip label={format.distance(at)}>
      <time dateTime={at} style={{ whiteSpace: 'nowrap' }}>{format.time(at)}</time>
    </Tooltip>
  );
}

export interface Bar {
  label: string;
  value: number;
  to?: string; // the list of clients behind the number
  color?: string;
  note?: string;
}

// Bars with their numbers; each number may open the list behind it.
export function Bars({ bars, total, label }: { bars: Bar[]; total?: number; label: string }) {
  const format = useFormat();
  const most = total ?? Math.max(1, ...bars.map((bar) => bar.value));
  return (
    <Stack gap={6} role="list" aria-label={label}>
      {bars.map((bar) => (
        <Box key={bar.label} role="listitem">
          <Group justify="space-between" gap="xs" wrap="nowrap">
            <Text size="sm">{bar.label}</Text>
            <Text size="sm" style={{ whiteSpace: 'nowrap' }}>
              {bar.to ? <Anchor component={Link} to={bar.to} size="sm" underline="always">{format.number(bar.value)}</Anchor> : format.number(bar.value)}
              {bar.note && <Text span c="dimmed" size="sm"> · {bar.note}</Text>}
            </Text>
          </Group>
          <Progress value={most > 0 ? (100 * bar.value) / most : 0} color={bar.color ?? 'blue'} size="sm" aria-label={bar.label} />
        </Box>
      ))}
    </Stack>
  );
}

export function Figure({ label, value, to }: { label: string; value: string; to?: string }) {
  return (
    <Box>
      <Text size="xs" c="dimmed">{label}</Text>
      {to ? <Anchor component={Link} to={to} fz="xl" fw={700} underline="always">{value}</Anchor> : <Text fz="xl" fw={700}>{value}</Text>}
    </Box>
  );
}

const copying = (t: ReturnType<typeof useSpeech>['t'], what: string) => {
  const label = t('common.duplicateOf', { what });
  return { variant: 'subtle', color: 'gray', size: 'sm', title: label, 'aria-label': label, children: <IconCopy size={14} aria-hidden /> } as const;
};

// At the end of a row: the same once more, on another page or by a dialog.
export function CopyLink({ to, what }: { to: string; what: string }) {
  const { t } = useSpeech();
  return <ActionIcon component={Link} to={to} {...copying(t, what)} />;
}

export function CopyButton({ onClick, what }: { onClick: () => void; what: string }) {
  const { t } = useSpeech();
  return <ActionIcon onClick={onClick} {...copying(t, what)} />;
}
