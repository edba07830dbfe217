// Two texts beside each other, line by line: what went and what came.
import { Box, Text } from '@mantine/core';
import { diffLines } from '../diff';
import { useSpeech } from '../i18n';
import classes from './ui.module.css';

export function Diff({ before, after }: { before: string; after: string }) {
  const { t } = useSpeech();
  const lines = diffLines(before, after);
  if (lines.every((line) => line.kind === 'same')) return <Text size="sm" c="dimmed">{t('diff.same')}</Text>;
  return (
    <Box component="pre" className={classes.diff} tabIndex={0} aria-label={t('diff.label')}>
      {lines.map((line, at) => (
        <div key={at} className={classes[line.kind]}>
          <span aria-hidden>{line.kind === 'went' ? '− ' : line.kind === 'came' ? '+ ' : '  '}</span>
          {line.kind === 'went' ? <del>{line.text || ' '}</del> : line.kind === 'came' ? <ins>{line.text || ' '}</ins> : line.text}
        </div>
      ))}
    </Box>
  );
}
