import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join, relative } from 'node:path';
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
  return {
    name: 'precompress',
    apply: 'build',
    closeBundle: { sequential: true, handler: () => pack(join(__dirname, 'dist')) },
  };
}

/** The list of what the service worker keeps: the shell and its rooms; maps and charts are too heavy to carry into the field. */
const CARRY = 400_000;
function offline(): Plugin {
  const list = (dir: string): string[] =>
    readdirSync(dir).flatMap((name) => {
      const path = join(dir, name);
      return statSync(path).isDirectory() ? list(path) : [path];
    });
  return {
    name: 'offline',
    apply: 'build',
    enforce: 'pre',
    closeBundle: {
      order: 'pre',
      sequential: true,
      handler: () => {
        const dist = join(__dirname, 'dist');
        const files = list(dist).filter((p) => !/\.gz$|sw\.js$|[\\/]map[\\/]/.test(p) && statSync(p).size < CARRY);
        const digest = createHash('sha256');
        for (const f of files.sort()) digest.update(f).update(readFileSync(f));
        const urls = files
          .map((f) => `/${relative(dist, f).replace(/\\/g, '/')}`)
          .map((u) => (u === '/index.html' ? '/' : u));
        const sw = join(dist, 'sw.js');
        writeFileSync(
          sw,
          readFileSync(sw, 'utf8')
            .replace("'__VERSION__'", `'${digest.digest('hex').slice(0, 12)}'`)
            .replace("['__FILES__']", JSON.stringify(urls)),
        );
      },
    },
  };
}

export default defineConfig({
  plugins: [vue(), offline(), precompress()],
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
  server: { fs: { allow: ['..'] }, proxy: { '/api': process.env.SHANSHUI ?? 'http://127.0.0.1:8080' } },
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
