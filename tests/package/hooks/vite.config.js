// Both pages in one build.
export default { base: './', build: { rollupOptions: { input: ['index.html', 'hooks.html'] } } };
