import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const COMPRESSIBLE = /\.(html|js|css|svg|json)$/;

// The server has no compressor: every text it serves is compressed here, once.
function compressed(): Plugin {
  return {
    name: 'compressed',
    writeBundle(options) {
      for (const entry of readdirSync(options.dir!, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !COMPRESSIBLE.test(entry.name)) continue;
        const path = join(entry.parentPath, entry.name);
        writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  plugins: [react(), compressed()],
  build: {
    target: 'es2022',
    manifest: 'manifest.json',
    chunkSizeWarningLimit: 900,
    reportCompressedSize: false,
    // Pictures inside scripts would need data: in more places of the policy than one.
    assetsInlineLimit: 0,
  },
  // `npm run dev` beside a running `carillon serve`.
  server: { proxy: { '/api': 'http://127.0.0.1:8080', '/i/': 'http://127.0.0.1:8080' } },
});
