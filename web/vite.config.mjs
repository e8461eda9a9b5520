import path from 'node:path';

const root = import.meta.dirname;

export default {
  root,
  build: {
    outDir: path.resolve(root, '..', 'dist', 'web'),
    emptyOutDir: true,
    // The content security policy allows no data: scripts or fonts; everything is a file.
    assetsInlineLimit: 0,
    // A browser that runs Vite's module output runs all of it; the polyfill would be inline.
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    reportCompressedSize: false,
    rolldownOptions: {
      // 'use client' speaks to servers that render React; there is none here.
      onLog: (level, log, handle) => {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log);
      },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8080' } },
};
