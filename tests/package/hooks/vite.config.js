// All pages in one build.
const input = ['index.html', 'hooks.html', 'meeting.html'];
export default { base: './', build: { rollupOptions: { input } } };
