/** The site that `npm run docs` makes of docs/. Pages lie where GitHub shows them; the sidebar groups them by their kind. */
import { defineConfig } from 'vitepress';
import { asInRepository, headingId } from './as-in-repository.js';
import { sidebar } from './sidebar.js';

export default defineConfig({
  title: 'Arbion',
  description: 'Durable trade execution: every trade keeps a protective stop at the broker',
  // Tests read all of docs/.
  outDir: '../.site',
  cacheDir: '../node_modules/.cache/vitepress',
  cleanUrls: true,
  rewrites: { 'README.md': 'index.md', ':folder/README.md': ':folder/index.md' },
  markdown: { config: asInRepository, anchor: { slugify: headingId } },
  // The index for the search is one chunk.
  vite: { build: { chunkSizeWarningLimit: 2_000 } },
  buildEnd: ({ outDir }) => console.log(`The pages are in ${outDir}. To read them: npm run docs:open`),
  themeConfig: {
    search: {
      provider: 'local',
      // Codes and settings, such as `stop_missing`, are one word.
      options: { miniSearch: { options: { tokenize: (text) => text.split(/[^\p{L}\p{N}_]+/u) } } },
    },
    outline: [2, 3],
    sidebar,
  },
});
