// Nothing here is for dvmeet-core.
module.exports = { mode: 'production', entry: './index.js', performance: { hints: false } };
