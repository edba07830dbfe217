// A message as its reader sees it. Foreign HTML stays in a frame without scripts, forms or an origin.
import { Anchor, Box, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useFormat } from '../format';
import { useSpeech } from '../i18n';
import classes from './ui.module.css';

export interface Shown {
  channel: string;
  subject: string;
  html: string;
  text: string;
  pages?: number; // of letters and faxes
  pdf?: string | null; // their pages, a data URL
  sms?: { parts: number; encoding: string; characters: number; cost: string } | null;
}

type View = 'desktop' | 'phone' | 'dark' | 'text';
const WIDTH: Record<View, string> = { desktop: '100%', phone: '375px', dark: '100%', text: '100%' };

// What a mail program in dark mode does to a mail that says nothing about it.
const DARK = '<style>html{background:#1f1f1f;filter:invert(.88) hue-rotate(180deg)}img{filter:invert(1) hue-rotate(180deg)}</style>';

export function Rendered({ shown, height = 420 }: { shown: Shown; height?: number }) {
  const { t } = useSpeech();
  const [view, setView] = useState<View>('desktop');
  if (shown.channel === 'sms') return <Bubble shown={shown} />;
  const heading = shown.subject && <Text fw={600} size="sm">{shown.subject}</Text>;
  if (!shown.html)
    return (
      <Stack gap="xs">
        {heading}
        <pre className={classes.plain}>{shown.text}</pre>
        {shown.pdf && <Anchor href={shown.pdf} download={`${shown.channel}.pdf`} size="sm">{t('rendered.pages', { n: shown.pages ?? 0 })}</Anchor>}
      </Stack>
    );
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        {heading}
        <SegmentedControl size="xs" value={view} onChange={(value) => setView(value as View)} aria-label={t('rendered.view')}
          data={(['desktop', 'phone', 'dark', 'text'] as const).map((value) => ({ value, label: t(`rendered.${value}`) }))} />
      </Group>
      {view === 'text' ? (
        <pre className={classes.plain}>{shown.text}</pre>
      ) : (
        <iframe title={t('rendered.mail')} sandbox="" className={classes.frame} style={{ width: WIDTH[view], height }}
          srcDoc={view === 'dark' ? DARK + shown.html : shown.html} />
      )}
    </Stack>
  );
}

function Bubble({ shown }: { shown: Shown }) {
  const { t } = useSpeech();
  const format = useFormat();
  return (
    <Stack gap="xs">
      <Box className={classes.bubble}>{shown.text}</Box>
      {shown.sms && (
        <Text size="sm" c="dimmed">
          {t('rendered.sms', { n: shown.sms.parts, characters: shown.sms.characters, encoding: shown.sms.encoding, cost: format.money(shown.sms.cost) })}
        </Text>
      )}
    </Stack>
  );
}
