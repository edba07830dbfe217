// What of one block can be changed.
import { Box, Group, SegmentedControl, Select, Slider, Stack, Text, TextInput } from '@mantine/core';
import { useRef, type ReactNode } from 'react';
import { useSpeech } from '../../../i18n';
import { PictureButton } from '../../pictures/PictureButton';
import { CodeEditor, type EditorHandle } from '../CodeEditor';
import type { Desk } from './desk';
import { widthOf, type Align, type Block } from './model';

interface Props<B extends Block> {
  block: B;
  change: (block: B) => void;
  desk: Desk;
  children: ReactNode; // the lists of columns
}

export function BlockForm<B extends Block>({ block, change, desk, children }: Props<B>) {
  const put = (part: object) => change({ ...block, ...part });
  return (
    <Stack gap="xs" p="xs" pl={30}>
      <Content block={block} put={put} desk={desk} />
      {children}
      {!desk.readOnly && <ConditionForm block={block} put={put} desk={desk} />}
    </Stack>
  );
}

interface PartProps<B> { block: B; put: (part: object) => void; desk: Desk }

function Content({ block, put, desk }: PartProps<Block>) {
  const { t } = useSpeech();
  const line = (label: string, value: string, name: string, description?: string) => (
    <LineField label={label} value={value} description={description} desk={desk} set={(next) => put({ [name]: next })} />
  );
  switch (block.kind) {
    case 'heading': return <>{line(t('blocks.words'), block.text, 'text')}<Side align={block.align} put={put} /></>;
    case 'text': return <><LongField value={block.text} desk={desk} set={(text) => put({ text })} /><Side align={block.align} put={put} /></>;
    case 'button': return <>{line(t('blocks.caption'), block.text, 'text')}{line(t('blocks.link'), block.link, 'link', t('blocks.linkHint'))}<Side align={block.align} put={put} /></>;
    case 'image':
      return (
        <>
          {line(t('blocks.source'), block.source, 'source', t('blocks.sourceHint'))}
          {!desk.readOnly && <PictureButton take={({ address, width }) => put({ source: address, width: widthOf(width, desk.room, block.width) })} />}
          {line(t('blocks.alt'), block.words, 'words', block.source && !block.words ? t('pictures.altMissing') : undefined)}
          {line(t('blocks.link'), block.link, 'link', t('blocks.linkHint'))}
          <Box><Text size="xs" mb={2}>{t('blocks.width')}: {block.width} %</Text>
            <Slider size="sm" maw={260} thumbLabel={t('blocks.width')} min={10} max={100} step={5} label={null} disabled={desk.readOnly} value={block.width} onChange={(width) => put({ width })} /></Box>
        </>
      );
    case 'footer': return <><LongField value={block.text} desk={desk} set={(text) => put({ text })} />{line(t('blocks.unsubscribe'), block.unsubscribe, 'unsubscribe', t('blocks.unsubscribeText'))}</>;
    case 'columns':
    case 'divider': return null;
  }
}

function Side({ align, put }: { align: Align; put: (part: object) => void }) {
  const { t } = useSpeech();
  return (
    <SegmentedControl size="xs" w="fit-content" aria-label={t('blocks.align')} value={align} onChange={(next) => put({ align: next })}
      data={(['left', 'center', 'right'] as const).map((value) => ({ value, label: t(`align.${value}`) }))} />
  );
}

interface FieldProps { value: string; set: (value: string) => void; desk: Desk }

const Picker = ({ desk, insert }: { desk: Desk; insert: (text: string) => void }) => {
  const { t } = useSpeech();
  if (desk.readOnly) return null;
  return <Select size="xs" w={190} searchable aria-label={t('template.insert')} placeholder={t('template.insert')} value={null} data={desk.names} onChange={(field) => field && insert(`{{${field}}}`)} />;
};

function LineField({ label, value, description, set, desk }: FieldProps & { label: string; description?: string }) {
  const input = useRef<HTMLInputElement>(null);
  const insert = (text: string) => {
    const at = input.current?.selectionStart ?? value.length;
    set(value.slice(0, at) + text + value.slice(input.current?.selectionEnd ?? at));
  };
  return (
    <Group gap="xs" align="flex-end" wrap="nowrap">
      <TextInput ref={input} size="xs" flex={1} label={label} description={description} inputWrapperOrder={['label', 'description', 'input']} value={value} readOnly={desk.readOnly} onChange={(event) => set(event.currentTarget.value)} />
      <Picker desk={desk} insert={insert} />
    </Group>
  );
}

function LongField({ value, set, desk }: FieldProps) {
  const { t } = useSpeech();
  const editor = useRef<EditorHandle>(null);
  return (
    <Box>
      <Group justify="space-between" align="flex-end" mb={4}><Text size="xs" fw={500}>{t('blocks.words')}</Text><Picker desk={desk} insert={(text) => editor.current?.insert(text)} /></Group>
      <CodeEditor small handle={editor} label={t('blocks.words')} isHtml={false} readOnly={desk.readOnly} fields={desk.names} marks={NO_MARKS} value={value} setValue={set} />
      <Text size="xs" c="dimmed" mt={2}>{t('blocks.marks')}</Text>
    </Box>
  );
}
const NO_MARKS: [] = [];

function ConditionForm({ block, put, desk }: PartProps<Block>) {
  const { t } = useSpeech();
  const { when } = block;
  const mode = !when ? 'always' : when.has ? 'has' : 'hasNot';
  return (
    <Group gap="xs" align="flex-end">
      <Select size="xs" w={230} label={t('blocks.show')} allowDeselect={false} value={mode} data={(['always', 'has', 'hasNot'] as const).map((value) => ({ value, label: t(`blocks.${value}`) }))}
        onChange={(next) => put({ when: next === 'always' ? undefined : { field: when?.field ?? '', has: next === 'has' } })} />
      {when && <Select size="xs" w={210} searchable aria-label={t('blocks.field')} placeholder={t('blocks.field')} value={when.field || null} data={desk.names} onChange={(field) => put({ when: { ...when, field: field ?? '' } })} />}
    </Group>
  );
}
