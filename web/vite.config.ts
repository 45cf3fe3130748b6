import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import vue from '@vitejs/plugin-vue';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** Writes name.gz beside each text asset, so that the server sends it without compressing anything. */
function precompress(): Plugin {
  const pack = (dir: string): void => {
    for (const name of readdirSync(dir)) {
      const path = join(dir, name);
      if (statSync(path).isDirectory()) pack(path);
      else if (/\.(js|mjs|css|html|json|svg|txt)$/.test(name)) {
        writeFileSync(path + '.gz', gzipSync(readFileSync(path), { level: 9 }));
      }
    }
  };
  return { name: 'precompress', apply: 'build', closeBundle: () => pack(join(__dirname, 'dist')) };
}

export default defineConfig({
  plugins: [vue(), precompress()],
  base: '/',
  resolve: { alias: { '@': join(__dirname, 'src') } },
  define: {
    __VUE_OPTIONS_API__: true,
    __VUE_I18N_FULL_INSTALL__: false,
    __VUE_I18N_LEGACY_API__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
    /* Messages are compiled without new Function: our policy has no 'unsafe-eval'. */
    __INTLIFY_JIT_COMPILATION__: true,
  },
  server: { proxy: { '/api': process.env.SHANSHUI ?? 'http://127.0.0.1:8080' } },
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    reportCompressedSize: true,
  },
  worker: { format: 'es' },
  test: { include: ['src/**/*.spec.ts'], environment: 'node' },
});
