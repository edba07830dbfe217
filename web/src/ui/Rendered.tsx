// A message as its reader sees it. Foreign HTML is shown from the server's own origin for it, where it can reach nothing of
// the app; where none is configured, in a frame without scripts, forms or an origin.
import { Anchor, Box, Button, Group, Modal, SegmentedControl, Stack, Text } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useState, type ReactNode } from 'react';
import { useFormat } from '../format';
import { useSpeech } from '../i18n';
import classes from './ui.module.css';

export interface Shown {
  channel: string;
  subject: string;
  html: string;
  frame: string | null; // where the HTML is shown; none where no such origin is configured
  text: string;
  pages?: number; // of letters and faxes
  pdf?: string | null; // their pages, a data URL
  sms?: { parts: number; encoding: string; characters: number; cost: string } | null;
}

// Pictures are not asked for, neither by a preview nor by a look at what was sent: a grey field stands for each. An address that
// is still being typed would otherwise be sought on this host.
const FOREIGN = /(<img\b[^>]*?\bsrc=)(?:"(?!data:)[^"]+"|'(?!data:)[^']+')/gi;
const STAND_IN = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 9"><path fill="#d5d9dc" d="M0 0h16v9H0z"/></svg>')}`;
// A picture of our own library is the same at every address, for its name says what it is: it is taken from this server.
const OWN = /^(["'])https?:\/\/[^"'?#]+?(\/i\/[0-9a-f]{64}\.(?:png|jpg|gif))\1$/;

function withoutForeign(html: string): { own: string; foreign: boolean } {
  let foreign = false;
  const own = html.replace(FOREIGN, (whole, before: string) => {
    const place = OWN.exec(whole.slice(before.length))?.[2];
    foreign ||= !place;
    return `${before}"${place ?? STAND_IN}"`;
  });
  return { own, foreign };
}

type View = 'desktop' | 'phone' | 'dark' | 'text';
// Pixels a mail is laid out in: the reading pane of a mail program, a telephone.
const WIDTH: Record<Exclude<View, 'text'>, number> = { desktop: 700, phone: 375, dark: 700 };

// What a mail program in dark mode does to a mail that says nothing about it.
const DARK = '<style>html{background:#1f1f1f;filter:invert(.88) hue-rotate(180deg)}img{filter:invert(1) hue-rotate(180deg)}</style>';

// The server keeps what it shows for 15 minutes.
const KEPT_MS = 14 * 60_000;

function useEnded(frame: string | null): boolean {
  const [ended, setEnded] = useState<string>();
  useEffect(() => {
    if (!frame) return;
    const timer = setTimeout(() => setEnded(frame), KEPT_MS);
    return () => clearTimeout(timer);
  }, [frame]);
  return frame !== null && ended === frame;
}

interface Props {
  shown: Shown;
  height?: number;
  pages?: ReactNode; // of letters and faxes, as images
  again: () => unknown; // asks for it once more
}

export function Rendered({ shown, height = 420, pages, again }: Props) {
  const { t } = useSpeech();
  const [view, setView] = useState<View>('desktop');
  const ended = useEnded(shown.frame);
  if (shown.channel === 'sms') return <Bubble shown={shown} />;
  const heading = shown.subject && <Text fw={600} size="sm">{shown.subject}</Text>;
  if (!shown.html)
    return (
      <Stack gap="xs">
        {heading}
        {pages ?? <pre className={classes.plain}>{shown.text}</pre>}
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
      ) : ended ? (
        <Group gap="sm"><Text size="sm">{t('rendered.ended')}</Text><Button size="xs" variant="default" onClick={() => void again()}>{t('rendered.again')}</Button></Group>
      ) : (
        <Framed key={view} {...sourceOf(shown, view === 'dark')} width={WIDTH[view]} height={height} />
      )}
    </Stack>
  );
}

interface Source { source: { src: string } | { srcDoc: string }; foreign: boolean }

function sourceOf({ html, frame }: Shown, dark: boolean): Source {
  const { own, foreign } = withoutForeign(html);
  return { foreign, source: frame ? { src: dark ? `${frame}?view=dark` : frame } : { srcDoc: dark ? DARK + own : own } };
}

// Laid out at the width it will have; where there is less room it is shown smaller, never cut.
function Framed({ source, foreign, width, height }: Source & { width: number; height: number }) {
  const { t } = useSpeech();
  const { ref, width: room } = useElementSize();
  const [full, setFull] = useState(false);
  const scale = room > 0 ? Math.min(1, room / width) : 1;
  const frame = (style: object) => <iframe title={t('rendered.mail')} sandbox="" referrerPolicy="no-referrer" className={classes.frame} style={{ width, ...style }} {...source} />;
  return (
    <Box>
      <Box ref={ref} style={{ height, overflow: 'hidden' }}>{frame({ height: height / scale, transform: `scale(${scale})`, transformOrigin: '0 0' })}</Box>
      <Group justify="space-between" gap="xs" mt={4}>
        <Text size="xs" c="dimmed">{t('rendered.fits', { n: width, percent: Math.round(scale * 100) })}{foreign && ` · ${t('rendered.foreign')}`}</Text>
        {scale < 1 && <Button size="compact-xs" variant="subtle" onClick={() => setFull(true)}>{t('rendered.full')}</Button>}
      </Group>
      <Modal opened={full} onClose={() => setFull(false)} size={width + 48} title={t('rendered.mail')} closeButtonProps={{ 'aria-label': t('common.close') }}>
        <Box style={{ overflow: 'auto' }} tabIndex={0} aria-label={t('rendered.mail')}>{frame({ height: '75vh' })}</Box>
      </Modal>
    </Box>
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
