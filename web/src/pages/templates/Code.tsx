// A body as code: highlighted, fields completed and picked from a list, mistakes underlined.
import { Box, Group, Select, Text } from '@mantine/core';
import { useRef } from 'react';
import { useSpeech } from '../../i18n';
import { PictureButton, type Taken } from '../pictures/PictureButton';
import { CodeEditor, type EditorHandle } from './CodeEditor';
import type { Mark } from './mistakes';

export interface BodyProps {
  value: string;
  set: (value: string) => void;
  names: string[];
  lists: string[];
  marks: Mark[];
  readOnly: boolean;
}

const MAIL_WIDTH = 600;
const WORDS_BEFORE_END = '">'.length;

// One goes on between the quotes of its words: those who see no pictures read them.
const imageOf = ({ address, width }: Taken) =>
  `<img src="${address}" width="${Math.min(width, MAIL_WIDTH)}" style="display:block;max-width:100%;height:auto;border:0" alt="">`;

export function Code({ value, set, names, marks, readOnly, isHtml }: BodyProps & { isHtml: boolean }) {
  const { t } = useSpeech();
  const editor = useRef<EditorHandle>(null);
  const label = t(isHtml ? 'template.html' : 'template.text');
  return (
    <Box data-own-undo>
      <Group justify="space-between" align="flex-end" mb={4}>
        <Text size="sm" fw={600}>{label}</Text>
        {!readOnly && (
          <Group gap="xs">
            {isHtml && <PictureButton take={(picture) => editor.current?.insert(imageOf(picture), WORDS_BEFORE_END)} />}
            <Select size="xs" w={220} searchable aria-label={t('template.insert')} placeholder={t('template.insert')} value={null} data={names} onChange={(field) => field && editor.current?.insert(`{{${field}}}`)} />
          </Group>
        )}
      </Group>
      <CodeEditor handle={editor} label={label} isHtml={isHtml} readOnly={readOnly} fields={names} marks={marks} value={value} setValue={set} />
    </Box>
  );
}
