// The editor of blocks: a list that is read like the mail, and what holds for the mail as a whole.
import { ColorInput, Group, Paper, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useSpeech } from '../../../i18n';
import { BlockList } from './BlockList';
import type { Desk } from './desk';
import { roomIn } from './html';
import { KINDS, type Look, type Mail } from './model';

interface Props {
  mail: Mail;
  setMail: (mail: Mail) => void;
  locale: string;
  names: string[];
  lists: string[];
  mistakes: Map<string, string[]>;
  readOnly: boolean;
}

export function Blocks({ mail, setMail, readOnly, ...given }: Props) {
  const { t } = useSpeech();
  const [chosen, choose] = useState('');
  const desk: Desk = { ...given, readOnly, chosen, choose, room: roomIn(1) };
  return (
    <Stack gap="sm">
      <BlockList label={t('blocks.list')} blocks={mail.blocks} set={(blocks) => setMail({ ...mail, blocks })} kinds={KINDS} desk={desk} add={t('blocks.add')} />
      {!readOnly && mail.blocks.length > 0 && <LookForm look={mail.look} set={(look) => setMail({ ...mail, look })} />}
    </Stack>
  );
}

function LookForm({ look, set }: { look: Look; set: (look: Look) => void }) {
  const { t } = useSpeech();
  const colour = (label: string, value: string, change: (value: string) => void) => (
    <ColorInput size="xs" w={170} label={label} value={value} format="hex" withEyeDropper={false} popoverProps={{ withinPortal: false }}
      onChange={(next) => /^#[0-9a-f]{6}$/i.test(next) && change(next)} />
  );
  return (
    <Paper component="section" aria-label={t('blocks.look')} withBorder p="sm">
      <Group gap="sm" align="flex-start">
        {colour(t('blocks.accent'), look.accent, (accent) => set({ ...look, accent }))}
        {colour(t('blocks.ground'), look.ground, (ground) => set({ ...look, ground }))}
        <TextInput size="xs" flex={1} miw={220} label={t('blocks.preheader')} description={t('blocks.preheaderText')} inputWrapperOrder={['label', 'input', 'description']}
          value={look.preheader} onChange={(event) => set({ ...look, preheader: event.currentTarget.value })} />
      </Group>
    </Paper>
  );
}
