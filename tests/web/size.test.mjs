// What a browser loads before the first screen stands: at most 250 KB, compressed.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BUILD } from './lab.mjs';

const LIMIT = 250 * 1024;
const folder = join(BUILD, 'web');

function filesOf(manifest, name, seen = new Set()) {
  const chunk = manifest[name];
  if (seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const css of chunk.css ?? []) seen.add(css);
  for (const other of chunk.imports ?? []) filesOf(manifest, other, seen);
  return seen;
}

test('the first load and the dashboard are at most 250 KB compressed', () => {
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  const entry = Object.keys(manifest).find((name) => manifest[name].isEntry);
  const files = filesOf(manifest, entry);
  filesOf(manifest, 'src/pages/Dashboard.tsx', files);
  const sizes = [...files].map((file) => [file, statSync(join(folder, `${file}.gz`)).size]);
  const total = sizes.reduce((sum, [, size]) => sum + size, statSync(join(folder, 'index.html.gz')).size);
  console.log(`first load: ${(total / 1024).toFixed(1)} KB compressed in ${sizes.length + 1} files`);
  assert.ok(total <= LIMIT, sizes.map((one) => one.join(' ')).join('\n'));
  assert.ok(total > 50 * 1024, 'this is not the whole app');
});

test('nothing in the built app is loaded from another host', () => {
  const page = readFileSync(join(folder, 'index.html'), 'utf8');
  assert.doesNotMatch(page, /(src|href)="(https?:)?\/\//);
  assert.ok(existsSync(join(folder, 'icon.svg')));
});
